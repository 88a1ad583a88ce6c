/** A kernel's own configuration: from the file its package ships, else from inside the kernel. */
import { configInVmlinuz } from './config-in-vmlinuz.ts';
import { nullable, text as isText } from './derived-shape.ts';
import { isFile, type HostTree } from './tree.ts';

export interface KernelConfig {
  readonly values: ReadonlyMap<string, string>;
  /** A path, or `vmlinuz`. */
  readonly source: string;
}

/** `CONFIG_X=y` lines: value less quotes. What is not set is absent. */
export function parseKernelConfig(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const match of text.matchAll(/^(CONFIG_\w+)=(?:"(.*)"|(.*))$/gm)) {
    if (match[1] !== undefined) values.set(match[1], match[2] ?? match[3] ?? '');
  }
  return values;
}

/**
 * K's configuration; null, with the reason on record, where it could not be had. Unpacking a kernel takes a quarter of a
 * second: done only where no file says.
 */
export async function readKernelConfig(
  tree: HostTree,
  kernel: string,
  modulesDir: string | null,
  vmlinuz: string | null,
): Promise<KernelConfig | null> {
  const paths = [`/boot/config-${kernel}`, ...(modulesDir === null ? [] : [`${modulesDir}/config`])];
  for (const path of paths) {
    const text = isFile(tree, path) ? tree.text(path) : null;
    if (text !== null) return { values: parseKernelConfig(text), source: path };
  }
  const noting = tree.noting('config', kernel);
  if (vmlinuz === null) {
    noting.miss(
      `configuration of ${kernel}`,
      `neither ${paths.join(' nor ')} is there, and no kernel file to look into`,
    );
    return null;
  }
  const text = await noting.derive(`config:${vmlinuz}`, nullable(isText), async (plain) => {
    const bytes = plain.bytes(vmlinuz, 256 * 1024 * 1024);
    return bytes === null ? null : configInVmlinuz(bytes);
  });
  if (text === null) {
    noting.miss(`configuration of ${kernel}`, `neither ${paths.join(' nor ')} is there, and ${vmlinuz} carries none`);
    return null;
  }
  return { values: parseKernelConfig(text), source: 'vmlinuz' };
}
