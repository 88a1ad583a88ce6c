import { BellwetherError } from '../protocol/errors.ts';
import type { Compression } from '../protocol/messages.ts';
import { CONTENT } from './dracut-options.ts';
import { refuseBadNames } from './names.ts';
import type { BuildCommand, Builder, BuildJob, BuildOption, Generator } from './types.ts';

/** dracut(8). All but zstd has been there since 033, the oldest that is met. */
const COMPRESS: Readonly<Record<Compression, string>> = {
  none: '--no-compress',
  gzip: '--gzip',
  bzip2: '--bzip2',
  lzma: '--lzma',
  xz: '--xz',
  lzo: '--lzo',
  lz4: '--lz4',
  zstd: '--zstd',
};
const FIRST_WITH_ZSTD = 51;

/** dracut, from 033 to dracut-ng's 112: what is not asked for is as its own configuration and defaults have it. */
export function dracut({ version }: Generator): Builder {
  return {
    name: 'dracut',
    plan: (job): BuildCommand => {
      refuseBadNames(job);
      refuseYoungerOptions(job, version);
      return {
        command: [
          'dracut',
          '--force',
          // Its own folder for temporary files has a name by chance, and one with "ko" in it has cut images short.
          ...['--tmpdir', job.tmpdir],
          ...(job.hostonly === null ? [] : [job.hostonly ? '--hostonly' : '--no-hostonly']),
          ...contentArguments(job),
          ...(job.compress === null ? [] : [COMPRESS[job.compress]]),
          ...['--kver', job.kernel],
          // Left to choose, it may write another file than the one that the boot entry names, and exit 0.
          job.output,
        ],
        env: {},
        copies: new Map(),
        files: new Map(),
      };
    },
  };
}

/** What the image is to hold: what is asked for, then what the old one was asked to hold and is not asked otherwise now. */
function contentArguments(job: BuildJob): readonly string[] {
  const asked = [
    ['--add-drivers', job.addDrivers, job.omitDrivers],
    ['--omit-drivers', job.omitDrivers, job.addDrivers],
    ['--add', job.addModules, job.omitModules],
    ['--omit', job.omitModules, job.addModules],
  ] as const;
  const against = new Map<string, readonly string[]>([
    ...asked.map(([name, , unwanted]) => [name, unwanted] as const),
    ['--force-drivers', job.omitDrivers],
    ['--drivers', job.omitDrivers],
    ['--force-add', job.omitModules],
    ['--modules', job.omitModules],
  ]);
  const given: BuildOption[] = [...asked.map(([name, values]) => ({ name, values })), ...job.repeated];
  // Of two that gainsay each other the last counts, as it did then.
  const names = [...new Set(given.map(({ name }) => name).reverse())].reverse();
  return names.flatMap((name) => {
    const same = given.filter((option) => option.name === name);
    const unwanted = new Set((against.get(name) ?? []).map(spelling));
    switch (CONTENT.get(name)?.takes) {
      case 'nothing':
        return [name];
      case 'names':
      case 'items': {
        const values = new Set(same.flatMap((option) => option.values));
        return list(
          name,
          [...values].filter((value) => !unwanted.has(spelling(value))),
        );
      }
      case 'file':
      case 'copy':
      case 'text':
        return same.flatMap(({ values }) => [name, ...values]);
      case undefined:
        throw new Error(`${name} says nothing of what an image holds`);
    }
  });
}

/** As modprobe compares names. */
function spelling(name: string): string {
  return name.replace(/-/g, '_');
}

/** dracut takes a list as one argument, its words separated by spaces. */
function list(option: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [option, names.join(' ')];
}

function refuseYoungerOptions({ compress }: BuildJob, version: string | null): void {
  const major = Number(/^\d+/.exec(version ?? '')?.[0] ?? Infinity);
  if (compress !== 'zstd' || major >= FIRST_WITH_ZSTD) return;
  throw new BellwetherError(
    'not_supported',
    `"params.compress" is "zstd", which dracut ${version ?? ''} does not know: it takes ${FIRST_WITH_ZSTD}`,
    { hint: 'ask for xz or gzip', at: { param: 'compress', dracut: version } },
  );
}
