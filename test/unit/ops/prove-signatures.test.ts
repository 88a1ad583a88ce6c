import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readModule } from '../../../src/image/modinfo.ts';
import { RequestMemory } from '../../../src/ops/request-memory.ts';
import { proveSignatures } from '../../../src/ops/prove-signatures.ts';
import { facts, K } from '../boot/facts.ts';
import { MODULES } from '../boot/image.ts';
import { moduleFacts, withDependencies } from '../boot/modules.ts';
import { makeRoot } from '../host/roots.ts';
import recorded from '../image/fixtures/signatures-rsa.json' with { type: 'json' };

const sound = readFileSync(new URL('../image/fixtures/signed-rsa.ko', import.meta.url));
const damaged = Buffer.from(sound);
damaged.writeUInt8(damaged.readUInt8(4000) ^ 1, 4000);
/** A kernel that is not compressed, with the key that made the signature, or with none. */
const KEY = Buffer.concat([Buffer.alloc(64, 'x'), Buffer.from(recorded.certificate, 'base64')]);
const PATH = 'kernel/drivers/block/virtio_blk.ko';
const IN_IMAGE = `usr/lib/modules/${K}/${PATH}`;

interface Host {
  /** What the image has for virtio_blk, and the host. */
  readonly image?: Buffer;
  readonly own?: Buffer;
  readonly vmlinuz?: Buffer;
  /** Whose sum dpkg tells; nobody's where it has no such package. */
  readonly packed?: Buffer;
  readonly config?: ReadonlyMap<string, string>;
}

function prove({ image = sound, own = sound, vmlinuz = Buffer.from('no key'), packed, ...more }: Host) {
  const sum = packed === undefined ? '' : createHash('md5').update(packed).digest('hex');
  const root = makeRoot({
    '/lib': { link: 'usr/lib' },
    [`/var/lib/dpkg/info/linux-image-${K}.md5sums`]: sum === '' ? '' : `${sum}  lib/modules/${K}/${PATH}\n`,
    [`/usr/lib/modules/${K}/${PATH}`]: own,
    [`/boot/vmlinuz-${K}`]: vmlinuz,
  });
  const { signature } = readModule(image, 'none');
  if (signature === undefined) throw new Error('the module is not signed');
  return proveSignatures(
    facts({
      host: { root, packageManager: { name: 'apt' } },
      packages: {
        kernels: [{ name: `linux-image-${K}`, version: '1', arch: 'amd64', kernel: K, boots: true }],
      },
      kernel: more,
      image: {
        moduleFacts: withDependencies(MODULES).map((name) =>
          moduleFacts(name, name === 'virtio_blk' ? { signature } : {}),
        ),
      },
    }),
    new RequestMemory(),
  );
}
const told = async (host: Host) => [...(await prove(host))];

test('by the key in the kernel', async () => {
  expect(await told({ vmlinuz: KEY })).toEqual([[IN_IMAGE, 'fits']]);
  expect(await told({ image: damaged, vmlinuz: KEY })).toEqual([[IN_IMAGE, 'does_not_fit']]);
  expect(await told({ image: damaged, own: damaged, vmlinuz: KEY })).toEqual([[IN_IMAGE, 'does_not_fit']]);
});

test('a module of a package is taken at its word, where it is just what the package brought', async () => {
  expect(await told({ packed: sound })).toEqual([[IN_IMAGE, 'fits']]);
  expect(await told({ packed: sound, image: damaged, own: damaged, vmlinuz: KEY })).toEqual([
    [IN_IMAGE, 'does_not_fit'],
  ]);
  expect(await told({ packed: sound, image: damaged, vmlinuz: KEY })).toEqual([[IN_IMAGE, 'does_not_fit']]);
});

test('nothing is said without a key, nor of a kernel that does not look', async () => {
  expect(await told({ image: damaged })).toEqual([]);
  expect(await told({ image: damaged, vmlinuz: KEY, config: new Map([['CONFIG_MODULES', 'y']]) })).toEqual([]);
});
