import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { readHost } from '../../../src/host/read-host.ts';
import { parseKernelHead } from '../../../src/host/vmlinuz.ts';
import { bzImage, makeRoot } from './roots.ts';

const K = '5.14.0-427.el9.x86_64';

describe('installed kernels', () => {
  test('are those with modules, a kernel file or boot files, oldest first', async () => {
    const { kernels } = await readHost(
      makeRoot({
        '/lib': { link: 'usr/lib' },
        '/usr/lib/modules/5.14.0-70.el9.x86_64/modules.dep': '',
        '/usr/lib/modules/4.18.0-1.el8.x86_64': null,
        [`/boot/vmlinuz-${K}`]: bzImage(K),
        '/boot/vmlinuz-0-rescue-0123456789abcdef0123456789abcdef': bzImage(K),
        '/boot/vmlinuz-linux': 'k',
        '/usr/lib/modules/notes/readme': '',
        '/boot/loader/6.0.0/linux': 'no',
        '/efi/0123456789abcdef0123456789abcdef/6.12.0/linux': 'k',
      }),
    );
    expect(kernels.map(({ kernel }) => kernel)).toEqual(['5.14.0-70.el9.x86_64', K, '6.12.0']);
    expect(kernels.map(({ vmlinuz }) => vmlinuz?.path ?? null)).toEqual([
      null,
      `/boot/vmlinuz-${K}`,
      '/efi/0123456789abcdef0123456789abcdef/6.12.0/linux',
    ]);
  });

  test('have images by the usual names, in search order; those of kdump are none', async () => {
    const images = [
      `/efi/token/${K}/initrd`,
      `/boot/token/${K}/initrd`,
      `/boot/efi/token/${K}/initrd`,
      `/usr/lib/modules/${K}/initrd`,
      `/usr/lib/modules/${K}/initramfs.img`,
      `/boot/initramfs-${K}.img`,
      `/boot/initrd.img-${K}`,
      `/boot/initrd-${K}`,
    ];
    const files = [...images, `/boot/initramfs-${K}kdump.img`, `/boot/initrd-${K}-kdump`];
    const { kernels } = await readHost(makeRoot(Object.fromEntries(files.map((path) => [path, 'image']))));
    expect(kernels.find(({ kernel }) => kernel === K)?.images).toEqual(images);
  });

  test('have the modules that lie on disk, links among them, and their index', async () => {
    const { kernels } = await readHost(
      makeRoot({
        [`/usr/lib/modules/${K}/kernel/drivers/block/virtio_blk.ko.xz`]: 'x'.repeat(40),
        [`/usr/lib/modules/${K}/extra/mine.ko`]: 'x',
        [`/usr/lib/modules/${K}/weak-updates/theirs.ko`]: { link: '../../other/theirs.ko' },
        '/usr/lib/modules/other/theirs.ko': 'xyz',
        [`/usr/lib/modules/${K}/build`]: { link: '/usr/src/kernels' },
        [`/usr/lib/modules/${K}/modules.dep.bin`]: Buffer.from('b007f457000200010000000c', 'hex'),
        [`/usr/lib/modules/${K}/modules.builtin`]: 'kernel/fs/ext4/ext4.ko\n',
      }),
    );
    const [kernel] = kernels;
    expect(kernel?.modules.map(({ path, size }) => [path, size])).toEqual([
      ['extra/mine.ko', 1],
      ['kernel/drivers/block/virtio_blk.ko.xz', 40],
      ['weak-updates/theirs.ko', 3],
    ]);
    expect(kernel?.index).toMatchObject({ dep: { state: 'empty', size: 12, keys: 0 }, textSize: null });
    expect([...(kernel?.index?.builtin ?? [])]).toEqual(['ext4']);
  });

  test('that nobody asked for are named only', async () => {
    const root = makeRoot({ [`/usr/lib/modules/${K}/a.ko`]: 'x', '/usr/lib/modules/6.1.0/a.ko': 'x' });
    const { kernels, unread } = await readHost(root, { select: () => ['6.1.0'] });
    expect(kernels.map(({ kernel, modules, index }) => [kernel, modules.length, index === null])).toEqual([
      [K, 0, true],
      ['6.1.0', 1, false],
    ]);
    expect(unread.map((entry) => entry.kernel)).not.toContain(K);
  });
});

describe('a kernel file', () => {
  test('of x86 says its version, and whether it is signed', () => {
    const plain = bzImage(K);
    const signed = bzImage(K, { signed: true });
    expect(parseKernelHead(plain, plain.length)).toEqual({ version: K, arch: 'x86_64', signed: false });
    expect(parseKernelHead(signed, signed.length).signed).toBe(true);
  });

  test('is not signed where its signatures reach beyond its end, but for what pads them', () => {
    const signed = bzImage(K, { signed: true });
    signed.writeUInt32LE(signed.length - 0x600, 0x98 + 112 + 4 * 8);
    expect(parseKernelHead(signed, signed.length - 7).signed).toBe(true);
    expect(parseKernelHead(signed, signed.length - 8).signed).toBe(false);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('not a kernel')],
    ['a header that points behind its end', bzImage(K).subarray(0, 0x260)],
    ['a PE header that points behind its end', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(80, 0xff)])],
  ])('that is %s says nothing, and does not fail', (_, bytes) => {
    expect(parseKernelHead(bytes, bytes.length).version).toBeNull();
  });

  test('of arm64 keeps its version in its compressed part', async () => {
    const image = Buffer.alloc(4096);
    image.write('ARM\x64', 56, 'latin1');
    image.write('Linux version 6.12.0-arm64 (builder@host) #1\n\0', 1000, 'latin1');
    const { kernels } = await readHost(
      makeRoot({ '/boot/vmlinuz-6.12.0-arm64': image, '/boot/vmlinuz-6.13.0-arm64': gzipSync(image) }),
    );
    expect(kernels.map(({ vmlinuz }) => [vmlinuz?.version, vmlinuz?.arch])).toEqual([
      ['6.12.0-arm64', 'aarch64'],
      ['6.12.0-arm64', null],
    ]);
  });

  describe('with an HMAC file beside it', () => {
    const image = bzImage(K);
    const hmac = createHmac('sha512', 'FIPS-FTW-RHEL2009').update(image).digest('hex');
    const facts = async (content: string, cmdline: string) => {
      const root = makeRoot({
        [`/boot/vmlinuz-${K}`]: image,
        [`/boot/.vmlinuz-${K}.hmac`]: content,
        '/boot/grub2/grub.cfg': `menuentry 'x' {\nlinux /boot/vmlinuz-${K} ${cmdline}\n}\n`,
      });
      return (await readHost(root)).kernels[0]?.vmlinuz?.hmac;
    };
    const path = `/boot/.vmlinuz-${K}.hmac`;

    test('is verified where a host boots with fips=1', async () => {
      expect(await facts(`${hmac}  /boot/vmlinuz-${K}\n`, 'fips=1')).toEqual({ path, matches: true });
      expect(await facts(`${'0'.repeat(128)}  /boot/vmlinuz-${K}\n`, 'fips=1')).toEqual({ path, matches: false });
      expect(await facts('no hmac\n', 'fips=1')).toEqual({ path, matches: null });
    });

    test('is only named where it does not', async () => {
      expect(await facts(`${hmac}\n`, 'quiet')).toEqual({ path, matches: null });
    });
  });
});

describe("a kernel's configuration", () => {
  test("is its package's file", async () => {
    const config = '# CONFIG_A is not set\nCONFIG_RD_XZ=y\nCONFIG_NAME="a b"\nCONFIG_M=m\nCONFIG_N=8\n';
    const [kernel] = (
      await readHost(makeRoot({ [`/usr/lib/modules/${K}/config`]: config, [`/usr/lib/modules/${K}/a.ko`]: '' }))
    ).kernels;
    expect(kernel?.configSource).toBe(`/usr/lib/modules/${K}/config`);
    expect(Object.fromEntries(kernel?.config ?? [])).toEqual({
      CONFIG_RD_XZ: 'y',
      CONFIG_NAME: 'a b',
      CONFIG_M: 'm',
      CONFIG_N: '8',
    });
  });

  test('is what the kernel carries, where there is no file', async () => {
    const inside = Buffer.concat([
      Buffer.alloc(100, 1),
      Buffer.from('IKCFG_ST'),
      gzipSync('CONFIG_RD_GZIP=y\n'),
      Buffer.from('IKCFG_ED'),
    ]);
    const [kernel] = (await readHost(makeRoot({ '/boot/vmlinuz-6.1.0': gzipSync(inside) }))).kernels;
    expect([kernel?.configSource, kernel?.config?.get('CONFIG_RD_GZIP')]).toEqual(['vmlinuz', 'y']);
  });

  test('that cannot be had is on record as unread', async () => {
    const { kernels, unread } = await readHost(makeRoot({ '/boot/vmlinuz-6.1.0': bzImage('6.1.0') }));
    expect(kernels[0]?.config).toBeNull();
    expect(unread).toContainEqual({
      part: 'config',
      kernel: '6.1.0',
      what: 'configuration of 6.1.0',
      reason: 'neither /boot/config-6.1.0 is there, and /boot/vmlinuz-6.1.0 carries none',
    });
  });
});
