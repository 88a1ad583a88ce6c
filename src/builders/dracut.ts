import { BellwetherError } from '../protocol/errors.ts';
import type { Compression } from '../protocol/messages.ts';
import { refuseBadNames } from './names.ts';
import type { BuildCommand, Builder, BuildJob, Generator } from './types.ts';

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
          ...list('--add-drivers', job.addDrivers),
          ...list('--omit-drivers', job.omitDrivers),
          ...list('--add', job.addModules),
          ...list('--omit', job.omitModules),
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
