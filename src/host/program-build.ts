import { MAX_READ } from '../image/content-policy.ts';
import { readElfBuild } from '../image/elf-build.ts';
import type { ElfBuild } from '../image/types.ts';
import { nullable, object, text } from './derived-shape.ts';
import type { HostTree } from './tree.ts';

const BUILD = nullable(object({ id: text, content: text }));

/** Of what build a program or a library of the host is; null where it is not there, or does not say. */
export async function readProgramBuild(tree: HostTree, path: string): Promise<ElfBuild | null> {
  return tree.derive(`program build:${path}`, BUILD, (plain) => {
    const bytes = plain.stat(path)?.type === 'file' ? plain.bytes(path, MAX_READ) : null;
    const build = bytes === null ? null : readElfBuild(bytes);
    return Promise.resolve(build === null ? null : { id: build.id, content: build.content });
  });
}
