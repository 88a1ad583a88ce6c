import { Command } from 'commander';
import { runMend, withMendOptions, type MendOptions } from './mend.ts';
import type { Finished } from './options.ts';
import type { Streams } from './streams.ts';

interface ReinstallOptions extends MendOptions {
  readonly always?: boolean;
  readonly keepCache?: boolean;
}

/** `bellwether reinstall [PACKAGE...]` */
export function reinstallCommand(streams: Streams, finished: Finished): Command {
  return withMendOptions(
    new Command('reinstall')
      .summary('reinstall packages that are damaged')
      .description(
        'Reinstalls, in the version that is installed, those of the packages whose files the package manager says are damaged (kmod unless named).',
      )
      .argument('[package...]', 'the packages to look at')
      .option('--always', 'those that are intact, too')
      .option('--keep-cache', "leave the package manager's caches as they are"),
  ).action(async (packages: readonly string[], options: ReinstallOptions) => {
    const params = {
      ...(packages.length === 0 ? {} : { packages }),
      when: options.always === true ? 'always' : 'damaged',
      clean_cache: options.keepCache !== true,
    };
    await runMend('reinstall', params, options, streams, finished);
  });
}
