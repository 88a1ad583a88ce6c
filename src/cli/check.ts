import { Command, Option } from 'commander';
import { perform } from '../ops/perform.ts';
import { BellwetherError } from '../protocol/errors.ts';
import type { CheckAnswer, Verdict } from '../protocol/messages.ts';
import { validateRequest } from '../protocol/parse-request.ts';
import { serialize } from '../protocol/serialize.ts';
import {
  absolutePath,
  imageOrRescue,
  kernelsOf,
  refuse,
  seconds,
  termsOf,
  withKernelOptions,
  withTermOptions,
  type Finished,
  type KernelOptions,
  type TermOptions,
} from './options.ts';
import { renderNagios, renderNagiosError } from './render/check-nagios.ts';
import { renderCheck } from './render/check-text.ts';
import { styleFor } from './render/style.ts';
import { write, type Streams } from './streams.ts';

/** The monitoring-plugin convention. */
const EXIT_STATUS: Readonly<Record<Verdict, number>> = { healthy: 0, unhealthy: 2, unknown: 3 };
const UNKNOWN_STATUS = 3;

interface CheckOptions extends KernelOptions, TermOptions {
  readonly root: string;
  readonly image?: string;
  readonly baseline?: string;
  readonly format: 'text' | 'json' | 'nagios';
  readonly detail: 'summary' | 'full';
  readonly timeout: number;
}

/** `bellwether check`: exits 0 healthy, 2 unhealthy, 3 unknown, 64 bad usage. */
export function checkCommand(streams: Streams, finished: Finished): Command {
  const command = new Command('check')
    .summary('will this host boot?')
    .description('Says, per kernel, whether the host will boot, and why not. Changes nothing.')
    .option('--root <dir>', 'judge the host whose root is mounted here', absolutePath, '/');
  return withTermOptions(
    withKernelOptions(command).option(
      '--image <file>',
      "judge this one file as the kernel's image: by its path on this system, whatever --root is",
      absolutePath,
    ),
  )
    .option('--baseline <image>', 'compare with this image: a path, or "rescue"', imageOrRescue)
    .addOption(new Option('--format <format>', 'how to say it').choices(['text', 'json', 'nagios']).default('text'))
    .addOption(new Option('--detail <detail>', 'how much to say').choices(['summary', 'full']).default('summary'))
    .option('--timeout <seconds>', 'give up after this many seconds', seconds, 600)
    .addHelpText('after', HELP)
    .action(async (options: CheckOptions) => {
      finished.status = await runCheck(options, streams);
    });
}

async function runCheck(options: CheckOptions, streams: Streams): Promise<number> {
  try {
    const answer = await perform(validateRequest(requestOf(options)), Date.now(), streams.interrupted);
    if (answer.error !== null || answer.op !== 'check') throw new Error(`check was answered by ${String(answer.op)}`);
    await write(streams.stdout, render(answer, options, streams));
    return EXIT_STATUS[answer.verdict];
  } catch (error) {
    if (!(error instanceof BellwetherError)) throw error;
    if (options.format === 'nagios') await write(streams.stdout, renderNagiosError(error.message));
    return refuse(error, streams, UNKNOWN_STATUS);
  }
}

function requestOf(options: CheckOptions): object {
  return {
    protocol: 1,
    op: 'check',
    root: options.root,
    detail: options.detail,
    timeout_s: options.timeout,
    params: {
      kernels: kernelsOf(options),
      ...termsOf(options),
      ...(options.image === undefined ? {} : { image: options.image }),
      ...(options.baseline === undefined ? {} : { baseline: options.baseline }),
    },
  };
}

function render(answer: CheckAnswer, options: CheckOptions, streams: Streams): string {
  switch (options.format) {
    case 'text':
      return renderCheck(answer, styleFor(streams.isTerminal, streams.columns, streams.env), options.root);
    case 'json':
      return `${serialize(answer)}\n`;
    case 'nagios':
      return renderNagios(answer);
  }
}

const HELP = `
Exit status: 0 healthy, 2 unhealthy, 3 unknown (also when it could not be
judged), 64 bad usage.

Examples:
  bellwether check --root /mnt/sysimage     from the rescue system
  bellwether check --kernel 6.1.0-53-amd64 --image /tmp/new.img
  bellwether check --format nagios          as a monitoring plugin
  bellwether check --ignore image_stale     this site accepts stale images
`;
