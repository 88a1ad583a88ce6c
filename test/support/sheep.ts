import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';
import { cpio } from '../unit/image/archive.ts';
import ecdsa from '../unit/image/fixtures/signatures-ecdsa.json' with { type: 'json' };
import rsa from '../unit/image/fixtures/signatures-rsa.json' with { type: 'json' };

/** The sample sheep, and what is true of each. */
export const SHEEP = {
  sound: { verdict: 'healthy', codes: [] },
  'odd-sheep': {
    verdict: 'unhealthy',
    codes: ['driver_missing', 'module_index_empty', 'module_not_indexed', 'modules_missing'],
  },
  'drifted-driver': { verdict: 'unhealthy', codes: ['driver_missing'] },
  'no-filesystem': { verdict: 'unhealthy', codes: ['filesystem_driver_missing'] },
} as const;

export function sheepPath(name: string): string {
  return fileURLToPath(new URL(`../../examples/sheep/${name}`, import.meta.url));
}

const made: string[] = [];
afterAll(() => {
  for (const root of made) rmSync(root, { recursive: true });
});

/** What a kernel that is not packed begins with. */
const ELF = Buffer.from('\x7fELF');

/**
 * The sound sheep, in whose image a module that Debian signed stands for the driver of its disk, and whose kernel, which is
 * no more than the head of one otherwise, is packed in no way and has the key.
 */
export function sheepWithModule(kind: 'rsa' | 'ecdsa', change: (module: Buffer) => void): string {
  const root = mkdtempSync(join(tmpdir(), 'bellwether-sheep-'));
  made.push(root);
  cpSync(sheepPath('sound'), root, { recursive: true, verbatimSymlinks: true });
  const kernel = '6.1.0-56-amd64';
  const key = Buffer.from({ rsa, ecdsa }[kind].certificate, 'base64');
  writeFileSync(join(root, `boot/vmlinuz-${kernel}`), Buffer.concat([ELF, key]));
  const module = readFileSync(new URL(`../unit/image/fixtures/signed-${kind}.ko`, import.meta.url));
  change(module);
  const image = join(root, `boot/initramfs-${kernel}.img`);
  const path = `usr/lib/modules/${kernel}/kernel/drivers/block/virtio_blk.ko`;
  appendFileSync(image, Buffer.concat([Buffer.alloc(-statSync(image).size & 3), cpio([{ path, body: module }])]));
  return root;
}
