import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { openTree, type HostTree } from '../../host/tree.ts';
import type { HostFacts } from '../../host/types.ts';
import { errorCode } from '../../system/error-code.ts';
import { backupPath, isLeftover } from '../../system/images/names.ts';
import { roomAt } from '../../system/room-at.ts';
import { findOrphans } from './orphans.ts';
import type { FileState, ImageSite } from './types.ts';

/** As the kernel has it: more links than these, one after the other, are a loop. */
const MAX_LINKS = 40;

/** Looks where an image lies, or would: the room, what may be written, what lies beside it. Changes nothing. */
export async function findSite(host: HostFacts, kernel: string, path: string): Promise<ImageSite> {
  const tree = openTree(host.root, []);
  const real = followLink(tree, path);
  const inside = tree.outside(dirname(real));
  if (inside === null) return nowhere(path, real, 'absent');
  try {
    return await lookAt(host, tree, inside, { kernel, path, real });
  } catch (error) {
    if (errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM') return nowhere(path, real, 'not_permitted');
    throw error;
  }
}

async function lookAt(
  host: HostFacts,
  tree: HostTree,
  inside: string,
  { kernel, path, real }: { readonly kernel: string; readonly path: string; readonly real: string },
): Promise<ImageSite> {
  const folder = dirname(real);
  const outside = join(inside, basename(real));
  const names = await readdir(inside);
  const others = host.kernels.flatMap((other) =>
    other.kernel === kernel
      ? []
      : other.images
          .filter((image) => dirname(tree.real(image) ?? image) === folder)
          .map((image) => tree.stat(image)?.size ?? null),
  );
  const refusal = await refusalOf(inside);
  const [{ free }, { dev }] = await Promise.all([roomAt(inside), stat(inside)]);
  return {
    path,
    real,
    outside,
    file: await stateOf(outside),
    backup: await stateOf(backupPath(outside)),
    leftovers: await Promise.all(
      names.filter(isLeftover).map(async (name) => ({
        path: join(folder, name),
        outside: join(inside, name),
        size: (await stateOf(join(inside, name)))?.size ?? 0,
      })),
    ),
    orphans: refusal === null ? await findOrphans(host, tree, { path: folder, outside: inside, names }) : [],
    refusal,
    device: dev,
    free,
    siblings: others.flatMap((size) => size ?? []),
  };
}

/** Where the path leads, though the last of it need not be there: images are often named by a link, `/initrd.img`. */
function followLink(tree: HostTree, path: string): string {
  let at = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const folder = tree.real(dirname(at));
    if (folder === null) return at;
    at = join(folder, basename(at));
    const target = tree.link(at);
    if (target === null) return at;
    at = join('/', target.startsWith('/') ? target : join(folder, target));
  }
  return at;
}

function nowhere(path: string, real: string, refusal: ImageSite['refusal']): ImageSite {
  return {
    path,
    real,
    outside: real,
    file: null,
    backup: null,
    leftovers: [],
    orphans: [],
    refusal,
    device: 0,
    free: 0,
    siblings: [],
  };
}

async function stateOf(path: string): Promise<FileState | null> {
  try {
    const { size, mtimeMs, ctimeMs } = await stat(path);
    return { size, changed: Math.floor(Math.max(mtimeMs, ctimeMs) / 1000) };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function refusalOf(folder: string): Promise<ImageSite['refusal']> {
  try {
    await access(folder, constants.W_OK);
    return null;
  } catch (error) {
    return errorCode(error) === 'EROFS' ? 'read_only' : 'not_permitted';
  }
}
