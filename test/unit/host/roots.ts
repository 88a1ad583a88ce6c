/** Small roots in temporary folders: what the host readers are tested on, on any system and without root. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';

/** A link, as opposed to a file's content. */
export interface Link {
  readonly link: string;
}

/** Content by path; null makes an empty folder. */
export type Layout = Readonly<Record<string, string | Buffer | Link | null>>;

const made: string[] = [];
afterAll(() => {
  for (const root of made) rmSync(root, { recursive: true, force: true });
});

/** A new root with these files. Returns its path, links resolved. */
export function makeRoot(...layouts: readonly Layout[]): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'bellwether-host-')));
  made.push(root);
  // Devices share their buses: what is named twice is made once.
  for (const [path, content] of Object.entries(layouts.reduce<Layout>((all, layout) => ({ ...all, ...layout }), {}))) {
    const at = join(root, path);
    mkdirSync(content === null ? at : dirname(at), { recursive: true });
    if (typeof content === 'string' || Buffer.isBuffer(content)) writeFileSync(at, content);
    else if (content !== null) symlinkSync(content.link, at);
  }
  return root;
}

/** The text of a file in fixtures/. */
export function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
}

/** A GRUB environment block, as grub-editenv writes it: 1024 bytes. */
export function grubenv(variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  return `# GRUB Environment Block\n${lines.join('')}`.padEnd(1024, '#');
}

/** The first KiBs of an x86 kernel file: setup header, version string, and a PE header with or without a signature. */
export function bzImage(version: string, options: { signed?: boolean } = {}): Buffer {
  const image = Buffer.alloc(0x3000);
  image.write('MZ', 0, 'latin1');
  image.writeUInt32LE(0x80, 0x3c);
  image.write('PE\0\0', 0x80, 'latin1');
  image.writeUInt16LE(0x8664, 0x84);
  image.writeUInt16LE(0x20b, 0x98);
  image.writeUInt32LE(6, 0x98 + 108);
  image.writeUInt32LE(options.signed === true ? 0x600 : 0, 0x98 + 112 + 4 * 8 + 4);
  image.write('HdrS', 0x202, 'latin1');
  image.writeUInt16LE(0x20f, 0x206);
  image.writeUInt16LE(0x2000, 0x20e);
  image.writeUInt16LE(1, 0x236);
  image.write(`${version} (builder@host) #1 SMP\0`, 0x2200, 'latin1');
  return image;
}

/** One device of a chain in sysfs, the bus end first. */
export interface BusDevice {
  /** Its folder's name, or several joined by slashes. */
  readonly at: string;
  readonly driver?: string;
  /** The module that the driver's `module` link names; none for what is built in without one. */
  readonly module?: string;
  readonly modalias?: string;
}

/** A block device as sysfs and udev show it, below a chain of devices. */
export function blockDevice(
  name: string,
  number: string,
  chain: readonly BusDevice[],
  more: { readonly files?: Layout; readonly udev?: readonly string[]; readonly slaves?: readonly string[] } = {},
): Layout {
  const layout: Record<string, string | Buffer | Link | null> = {};
  let path = '/sys/devices';
  for (const { at, driver, module, modalias } of chain) {
    path += `/${at}`;
    if (modalias !== undefined) layout[`${path}/modalias`] = `${modalias}\n`;
    if (driver === undefined) continue;
    const folder = `/sys/bus/any/drivers/${driver}`;
    layout[`${path}/driver`] = { link: relative(path, folder) };
    if (module === undefined) layout[folder] = null;
    else layout[`${folder}/module`] = { link: relative(folder, `/sys/module/${module}`) };
    if (module !== undefined) layout[`/sys/module/${module}`] = null;
  }
  const parent = chain.length === 0 ? '/sys/devices/virtual/block' : `${path}/block`;
  return { ...layout, ...blockFolder(`${parent}/${name}`, number, more) };
}

/** A partition, below its disk's folder in sysfs. */
export function partition(disk: Layout, name: string, number: string, udev: readonly string[] = []): Layout {
  const folder = Object.keys(disk).find((path) => path.endsWith('/dev') && path.startsWith('/sys/devices'));
  const at = `${dirname(folder ?? '')}/${name}`;
  return blockFolder(at, number, { files: { partition: '1\n' }, udev });
}

function blockFolder(
  at: string,
  number: string,
  more: { readonly files?: Layout; readonly udev?: readonly string[]; readonly slaves?: readonly string[] },
): Layout {
  const name = at.slice(at.lastIndexOf('/') + 1);
  const files = Object.entries(more.files ?? {}).map(([file, content]) => [`${at}/${file}`, content] as const);
  const slaves = (more.slaves ?? []).map((slave) => [`${at}/slaves/${slave}`, { link: `../../${slave}` }] as const);
  return {
    [`${at}/dev`]: `${number}\n`,
    [`${at}/slaves`]: null,
    ...Object.fromEntries(files),
    ...Object.fromEntries(slaves),
    [`/sys/class/block/${name}`]: { link: relative('/sys/class/block', at) },
    [`/run/udev/data/b${number}`]: `I:1234567\n${(more.udev ?? []).map((text) => `${text}\n`).join('')}G:systemd\nV:1\n`,
  };
}

/** sysfs links are relative: up to the top from the folder that the link lies in, and down again. */
function relative(from: string, to: string): string {
  return `${'../'.repeat(from.split('/').length - 1)}${to.slice(1)}`;
}

/** `/proc/self/mountinfo` of these mounts: device number, mount point, type, source, and the path that is mounted. */
export function mountinfo(
  ...mounts: readonly (readonly [number: string, mountPoint: string, type: string, source: string, fsRoot?: string])[]
): Layout {
  const lines = mounts.map(
    ([number, mountPoint, type, source, fsRoot = '/'], index) =>
      `${index + 20} 1 ${number} ${fsRoot} ${mountPoint} rw,relatime shared:1 - ${type} ${source} rw\n`,
  );
  return { '/proc/self/mountinfo': lines.join('') };
}

/** A virtio disk of a virtual machine: built-in virtio_pci, modular virtio_blk. */
export const VIRTIO: readonly BusDevice[] = [
  { at: 'pci0000:00' },
  { at: '0000:00:05.0', driver: 'virtio-pci', modalias: 'pci:v00001AF4d00001042' },
  { at: 'virtio2', driver: 'virtio_blk', module: 'virtio_blk', modalias: 'virtio:d00000002v00001AF4' },
];

/** A SATA disk on an AHCI controller. */
export const ahci = (port: number): readonly BusDevice[] => [
  { at: 'pci0000:00' },
  { at: '0000:00:1f.2', driver: 'ahci', module: 'ahci', modalias: 'pci:v00008086d00002922' },
  { at: `ata${port}/host${port - 1}/target${port - 1}:0:0` },
  { at: `${port - 1}:0:0:0`, driver: 'sd', module: 'sd_mod', modalias: 'scsi:t-0x00' },
];
