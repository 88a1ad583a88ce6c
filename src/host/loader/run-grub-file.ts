import { dirname } from 'node:path/posix';
import { isFile, type HostTree } from '../tree.ts';
import { resolveGrubPath, type BootFileSystems } from './boot-paths.ts';
import { runGrubConfig, type GrubMenu } from './grub-menu.ts';
import { TooLong } from './grub-words.ts';
import { GRUBENV_HEAD, parseGrubenv } from './grubenv.ts';

/** Marks a path of ours in a script's variables: absolute on the host, on no device of GRUB's. */
const HOST = '(host)';

/** Runs one grub.cfg on the host's own files; a menu without items where its variables grow beyond all bounds, which is put on record. */
export function runGrubFile(tree: HostTree, path: string, systems: BootFileSystems): GrubMenu {
  const onHost = (written: string): string | null => {
    if (written.startsWith(HOST)) return written.slice(HOST.length);
    return written.startsWith('/') || written.startsWith('(') ? resolveGrubPath(tree, written, '', systems).path : null;
  };
  const text = (written: string): string | null => {
    const at = onHost(written);
    return at !== null && isFile(tree, at) ? tree.text(at) : null;
  };
  const run = () =>
    runGrubConfig(tree.text(path) ?? '', {
      path,
      directory: `${HOST}${dirname(path)}`,
      platform: path.includes('/EFI/') ? 'efi' : 'pc',
      files: {
        exists: (written) => {
          const at = onHost(written);
          return at !== null && tree.exists(at) === true;
        },
        script: text,
        name: (written) => onHost(written) ?? written,
        environment: (written) => parseGrubenv(text(written) ?? ''),
        savable: (written) => text(written)?.startsWith(GRUBENV_HEAD) === true,
      },
    });
  try {
    return run();
  } catch (error) {
    if (!(error instanceof TooLong)) throw error;
    tree.miss(path, error.message);
    return { items: [], variables: new Map() };
  }
}
