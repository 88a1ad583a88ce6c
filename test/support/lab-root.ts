import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { CheckAnswer } from '../../src/protocol/messages.ts';
import { cachePath } from '../setup/cache.mjs';
import { imagePath } from '../setup/images.mjs';
import { kernels } from '../setup/kernels.mjs';
import { check } from './bellwether.ts';

const execute = promisify(execFile);

/** Runs a shell script of the lab's own: `$1`… are the arguments. */
export async function shell(script: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute('/bin/bash', ['--norc', '-euo', 'pipefail', '-c', script, 'lab', ...args], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/**
 * A captured root with a real kernel, its whole module tree and a real small dracut image: a host that boots.
 * Its storage stack (ext4 on LVM on a partition of a virtio disk) is that of the sample sheep `sound`.
 */
export interface LabRoot {
  /** K */
  readonly kernel: string;
  /** Where the folder lies on this machine. */
  readonly path: string;
  /** The one image that its one entry names: `/boot/initramfs-K.img`. */
  readonly image: string;
  /** A path of the host as this machine names it. */
  at(inside: string): string;
  /** Puts a file in place of what is there: files are shared with other roots, so none is written into. */
  put(inside: string, content: string | Buffer): Promise<void>;
  /** Puts an image in place of the sound one. */
  putImage(from: string): Promise<void>;
  /** Writes the entry anew; `initrd` null: none. */
  putEntry(entry: {
    readonly linux?: string;
    readonly initrd?: string | null;
    readonly options?: string;
  }): Promise<void>;
  /** What the bundle says of it. */
  judge(params?: object): Promise<CheckAnswer>;
}

export const SOUND_OPTIONS = 'root=/dev/mapper/vg0-root ro rd.lvm.lv=vg0/root';
const ENTRY = '0b8e11be11be11be11be11be11be11be';

/** Makes such a host, hands it to the test, and takes it away. */
export async function withLabRoot<T>(
  test: (root: LabRoot) => Promise<T>,
  flavour: 'generic' | 'cloud' = 'generic',
): Promise<T> {
  const { version: kernel, dir } = kernels()[flavour];
  await mkdir(cachePath('lab'), { recursive: true });
  // Beside the kernels in the cache, so that their files can be linked.
  const path = await mkdtemp(cachePath('lab', 'root-'));
  const root = labRoot(kernel, path);
  try {
    await shell(
      `cp -a "$1/." "$2/" && rm -rf "$2"/boot/* "$2"/usr/lib/modules/* && mkdir -p "$2/usr/lib/modules" "$2/boot/grub2" "$2/boot/loader/entries"
       cp -al "$3/lib/modules/$4" "$2/usr/lib/modules/"
       cp -p "$3/boot/vmlinuz-$4" "$3/boot/config-$4" "$2/boot/"
       find "$2/proc" -name osrelease -exec sh -c 'printf "%s\\n" "$2" > "$1"' sh {} "$4" \\;`,
      new URL('../../examples/sheep/sound', import.meta.url).pathname,
      path,
      dir,
      kernel,
    );
    await root.putImage(imagePath('small'));
    await root.put('/boot/grub2/grub.cfg', 'load_env\nset default="${saved_entry}"\ninsmod blscfg\nblscfg\n');
    await root.put(
      '/boot/grub2/grubenv',
      `# GRUB Environment Block\nsaved_entry=${ENTRY}-${kernel}\n`.padEnd(1024, '#'),
    );
    await root.putEntry({});
    return await test(root);
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

function labRoot(kernel: string, path: string): LabRoot {
  const at = (inside: string): string => join(path, inside);
  const image = `/boot/initramfs-${kernel}.img`;
  const put: LabRoot['put'] = async (inside, content) => {
    await rm(at(inside), { recursive: true, force: true });
    await mkdir(dirname(at(inside)), { recursive: true });
    await writeFile(at(inside), content);
  };
  return {
    kernel,
    path,
    image,
    at,
    put,
    putImage: async (from) => {
      await rm(at(image), { force: true });
      await copyFile(from, at(image));
      await chmod(at(image), 0o600);
    },
    putEntry: ({ linux = `/vmlinuz-${kernel}`, initrd = image.slice('/boot'.length), options = SOUND_OPTIONS }) =>
      put(
        `/boot/loader/entries/${ENTRY}-${kernel}.conf`,
        [
          `title Linux (${kernel})`,
          `version ${kernel}`,
          `linux ${linux}`,
          ...(initrd === null ? [] : [`initrd ${initrd}`]),
          `options ${options}`,
          '',
        ].join('\n'),
      ),
    judge: (params = {}) => check({ root: path, params }),
  };
}

/** An image as a folder: to change what is in it, and pack it again. */
export interface ImageTree {
  readonly path: string;
  at(inside: string): string;
  /** Puts a file in place of what is there. */
  put(inside: string, content: string | Buffer): Promise<void>;
  link(inside: string, target: string): Promise<void>;
  remove(...inside: readonly string[]): Promise<void>;
  /** Runs the real depmod on the modules in it. */
  depmod(): Promise<void>;
  /** Packs it as dracut does; the answer is where the image lies. `compress`: a command line. */
  pack(compress?: string): Promise<string>;
}

/** Unpacks a real uncompressed image, hands the folder to the test, and takes it away with all that was packed from it. */
export async function withImageTree<T>(test: (tree: ImageTree) => Promise<T>): Promise<T> {
  await mkdir(cachePath('lab'), { recursive: true });
  const work = await mkdtemp(cachePath('lab', 'image-'));
  const path = join(work, 'tree');
  const at = (inside: string): string => join(path, inside);
  const remove: ImageTree['remove'] = async (...inside) => {
    for (const each of inside) await rm(at(each), { recursive: true });
  };
  let packed = 0;
  try {
    await shell('mkdir "$2" && cd "$2" && cpio -idm --quiet < "$1"', imagePath('small-plain'), path);
    return await test({
      path,
      at,
      remove,
      put: async (inside, content) => {
        await rm(at(inside), { force: true });
        await mkdir(dirname(at(inside)), { recursive: true });
        await writeFile(at(inside), content);
      },
      link: async (inside, target) => {
        await rm(at(inside), { recursive: true, force: true });
        await symlink(target, at(inside));
      },
      depmod: async () => {
        await shell('/sbin/depmod -b "$1" "$2"', path, kernels().generic.version);
      },
      pack: async (compress = 'gzip -n -1') => {
        const out = join(work, `${String((packed += 1))}.img`);
        await shell(
          `cd "$1" && find . -print0 | sort -z | cpio --null -o -H newc --reproducible --quiet | ${compress} > "$2"`,
          path,
          out,
        );
        return out;
      },
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
