import { Command } from 'commander';
import { runMend, withMendOptions, type MendOptions } from './mend.ts';
import type { Finished } from './options.ts';
import type { Streams } from './streams.ts';

interface LockOptions extends MendOptions {
  readonly kernelVersion: string;
  readonly install?: boolean;
  readonly makeDefault?: boolean;
  readonly keepOthers?: boolean;
}

const FAMILY = "packages; all of the kernel's that are installed unless named";

/** `bellwether lock [PACKAGE...]` */
export function lockCommand(streams: Streams, finished: Finished): Command {
  return withMendOptions(
    new Command('lock')
      .summary('lock the kernel packages to one version')
      .description(
        'Locks every package of the kernel to one exact version, reads the locks back, and asks the package manager whether an update would still move them.',
      )
      .argument('[package...]', FAMILY)
      .option(
        '--kernel-version <version>',
        '"installed" (the newest that is), "running", or [epoch:]version-release',
        'installed',
      )
      .option('--install', 'install exactly this version first')
      .option('--make-default', 'make the locked kernel what boots next')
      .option('--keep-others', 'leave other locks on these packages as they are'),
  ).action(async (packages: readonly string[], options: LockOptions) => {
    const params = {
      state: 'locked',
      ...(packages.length === 0 ? {} : { packages }),
      version: options.kernelVersion,
      install: options.install === true,
      make_default: options.makeDefault === true,
      exclusive: options.keepOthers !== true,
    };
    await runMend('lock', params, options, streams, finished);
  });
}

/** `bellwether unlock [PACKAGE...]` */
export function unlockCommand(streams: Streams, finished: Finished): Command {
  return withMendOptions(
    new Command('unlock')
      .summary('take the locks on the kernel packages away')
      .description('Takes away the version locks on the packages of the kernel, and no others.')
      .argument('[package...]', FAMILY),
  ).action(async (packages: readonly string[], options: MendOptions) => {
    const params = { state: 'unlocked', ...(packages.length === 0 ? {} : { packages }) };
    await runMend('lock', params, options, streams, finished);
  });
}
