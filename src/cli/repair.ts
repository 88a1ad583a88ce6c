import { Command, InvalidArgumentError } from 'commander';
import { runMend, withMendOptions, type MendOptions } from './mend.ts';
import {
  kernelsOf,
  termsOf,
  withKernelOptions,
  withTermOptions,
  type Finished,
  type KernelOptions,
  type TermOptions,
} from './options.ts';
import type { Streams } from './streams.ts';

interface RepairOptions extends MendOptions, KernelOptions, TermOptions {
  readonly reinstall: boolean;
  readonly maxRounds: number;
}

/** `bellwether repair` */
export function repairCommand(streams: Streams, finished: Finished): Command {
  const command = new Command('repair')
    .summary('find the cause, and do the least that mends it')
    .description(
      'Reinstalls what is damaged, runs depmod, rebuilds the image: what the findings ask for, no more, and checks after each round. Never edits a command line, never reboots.',
    );
  return withMendOptions(
    withTermOptions(withKernelOptions(command))
      .option('--no-reinstall', 'leave packages as they are')
      .option('--max-rounds <n>', 'give up after this many rounds', rounds, 3),
  ).action(async (options: RepairOptions) => {
    const params = {
      kernels: kernelsOf(options),
      reinstall: options.reinstall,
      max_rounds: options.maxRounds,
      ...termsOf(options),
    };
    await runMend('repair', params, options, streams, finished);
  });
}

function rounds(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1 || count > 10)
    throw new InvalidArgumentError('It is a whole number from 1 to 10.');
  return count;
}
