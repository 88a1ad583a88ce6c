import { BellwetherError } from '../protocol/errors.ts';
import type { Compression } from '../protocol/messages.ts';
import { refuseBadNames } from './names.ts';
import type { BuildCommand, Builder, BuildJob } from './types.ts';

const CONFIGURATION = '/etc/initramfs-tools';
const COPY = 'initramfs-tools';

/** mkinitramfs(8), `-c`: the programs by name; it has no word for an image that is not compressed. */
const COMPRESS: Readonly<Record<Exclude<Compression, 'none'>, string>> = {
  gzip: 'gzip',
  bzip2: 'bzip2',
  lzma: 'lzma',
  xz: 'xz',
  lzo: 'lzop',
  lz4: 'lz4',
  zstd: 'zstd',
};

/** Debian's mkinitramfs: what its command line cannot say goes into a copy of its configuration. */
export function initramfsTools(): Builder {
  return {
    name: 'initramfs-tools',
    plan: (job): BuildCommand => {
      refuseBadNames(job);
      refuseForeignParams(job);
      const files = configurationOf(job);
      const copied = files.size > 0;
      return {
        command: [
          'mkinitramfs',
          ...(copied ? ['-d', `${job.tmpdir}/${COPY}`] : []),
          ...(job.compress === null || job.compress === 'none' ? [] : ['-c', COMPRESS[job.compress]]),
          ...['-o', job.output],
          job.kernel,
        ],
        env: { TMPDIR: job.tmpdir },
        copies: new Map(copied ? [[COPY, CONFIGURATION]] : []),
        files,
      };
    },
  };
}

/** What is said at the end of the copied files, the last word being the one that counts. */
function configurationOf({ addDrivers, hostonly }: BuildJob): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  if (addDrivers.length > 0) files.set(`${COPY}/modules`, `\n${addDrivers.join('\n')}\n`);
  // Its conf.d is read in the order of names, after initramfs.conf.
  if (hostonly !== null) files.set(`${COPY}/conf.d/zz-bellwether`, `MODULES=${hostonly ? 'dep' : 'most'}\n`);
  return files;
}

function refuseForeignParams(job: BuildJob): void {
  const asked = [
    ['omit_drivers', job.omitDrivers.length > 0, 'blacklisting does not keep a driver out of its images'],
    ['add_modules', job.addModules.length > 0, "they are dracut's"],
    ['omit_modules', job.omitModules.length > 0, "they are dracut's"],
    ['compress', job.compress === 'none', 'it always compresses'],
  ] as const;
  for (const [param, isAsked, why] of asked) {
    if (!isAsked) continue;
    throw new BellwetherError(
      'not_supported',
      `"params.${param}" is given, but this host's images are made by initramfs-tools: ${why}`,
      { hint: 'leave the parameter out, or configure /etc/initramfs-tools', at: { param } },
    );
  }
}
