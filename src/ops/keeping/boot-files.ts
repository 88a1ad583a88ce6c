import type { LoaderEntry, LoaderFacts } from '../../host/types.ts';

/** One file without which a kernel does not boot. */
export interface BootFile {
  /** K */
  readonly kernel: string;
  readonly kind: 'entry' | 'kernel' | 'image';
  /** On the host, as the boot entry names it. */
  readonly path: string;
}

/**
 * The files that the entries of these kernels boot: entry, kernel and images, each once. An entry that is a part of a menu
 * is left out, that is the loader's own; and all that is a rescue entry's, which is never touched.
 */
export function bootFiles({ entries }: Pick<LoaderFacts, 'entries'>, kernels: readonly string[]): readonly BootFile[] {
  const rescue = new Set(entries.filter((entry) => entry.rescue).flatMap(loadedBy));
  const files = entries
    .filter((entry) => !entry.rescue)
    .flatMap((entry): BootFile[] => {
      const { kernel, type, source, linux, initrds } = entry;
      if (kernel === null || !kernels.includes(kernel)) return [];
      const of = (kind: BootFile['kind'], path: string | null): BootFile[] =>
        path === null || rescue.has(path) ? [] : [{ kernel, kind, path }];
      return [
        ...(type === 'bls1' ? of('entry', source) : []),
        ...of('kernel', linux?.path ?? null),
        ...initrds.flatMap(({ path }) => of('image', path)),
      ];
    });
  return files.filter(({ path }, index) => files.findIndex((file) => file.path === path) === index);
}

function loadedBy({ linux, initrds }: LoaderEntry): readonly string[] {
  return [linux, ...initrds].flatMap((each) => each?.path ?? []);
}
