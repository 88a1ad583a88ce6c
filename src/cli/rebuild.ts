import { Command, Option } from 'commander';
import { COMPRESSIONS } from '../protocol/words.ts';
import { runMend, withMendOptions, type MendOptions } from './mend.ts';
import {
  collect,
  kernelsOf,
  termsOf,
  withKernelOptions,
  withTermOptions,
  type Finished,
  type KernelOptions,
  type TermOptions,
} from './options.ts';
import type { Streams } from './streams.ts';

interface RebuildOptions extends MendOptions, KernelOptions, TermOptions {
  readonly when: string;
  readonly hostonly?: boolean;
  readonly addDriver?: readonly string[];
  readonly omitDriver?: readonly string[];
  readonly addModule?: readonly string[];
  readonly omitModule?: readonly string[];
  readonly compress: string;
  readonly backup: boolean;
}

/** `bellwether rebuild` */
export function rebuildCommand(streams: Streams, finished: Finished): Command {
  const command = new Command('rebuild')
    .summary('rebuild images that would not boot')
    .description(
      'Rebuilds the image that the boot entry names, beside the old one, checks it, and puts it in place only if it is healthy (or no worse than one that is not).',
    );
  return withMendOptions(
    withTermOptions(withKernelOptions(command))
      .addOption(
        new Option('--when <when>', 'which images').choices(['unhealthy', 'stale', 'always']).default('unhealthy'),
      )
      .option('--hostonly', 'only what this host needs; unless told as the old image was')
      .option('--no-hostonly', 'what any host needs')
      .option('--add-driver <name>', 'a kernel module that must be in; may be repeated', collect)
      .option('--omit-driver <name>', 'a kernel module that must not be in; may be repeated', collect)
      .option('--add-module <name>', 'a dracut module that must be in; may be repeated', collect)
      .option('--omit-module <name>', 'a dracut module that must not be in; may be repeated', collect)
      .addOption(
        new Option('--compress <how>', 'how to compress it').choices(['keep', ...COMPRESSIONS]).default('keep'),
      )
      .option('--no-backup', 'do not keep the old image'),
  ).action(async (options: RebuildOptions) => {
    const params = {
      kernels: kernelsOf(options),
      when: options.when,
      hostonly: options.hostonly ?? 'keep',
      add_drivers: options.addDriver ?? [],
      omit_drivers: options.omitDriver ?? [],
      add_modules: options.addModule ?? [],
      omit_modules: options.omitModule ?? [],
      compress: options.compress,
      backup: options.backup,
      ...termsOf(options),
    };
    await runMend('rebuild', params, options, streams, finished);
  });
}
