import { execFileSync, spawnSync } from 'node:child_process';
import { comparableIndex } from '../../support/comparable-index.ts';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { MANIFEST } from '../../../src/host/captured-files.ts';
import { writeTar, type TarMember } from '../../../src/host/capture/tar.ts';
import { writeCapture } from '../../../src/host/capture/write-capture.ts';
import { readHost } from '../../../src/host/read-host.ts';
import { openTree } from '../../../src/host/tree.ts';
import type { HostFacts } from '../../../src/host/types.ts';
import {
  blockDevice,
  bzImage,
  fixture,
  grubenv,
  makeRoot,
  mountinfo,
  partition,
  VIRTIO,
  type Layout,
} from './roots.ts';

const K = '3.10.0-1062.4.1.el7.x86_64';
const OTHER = '3.10.0-1062.el7.x86_64';
const folder = mkdtempSync(join(tmpdir(), 'bellwether-capture-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const everything = (host: HostFacts) => ({
  kernels: host.kernels.map(({ kernel }) => kernel),
  images: host.kernels.flatMap(({ images }) => images),
});

let count = 0;
/** Captures a root and unpacks the archive with tar(1), as whoever gets it would. */
async function captured(root: string, options: Partial<Parameters<typeof writeCapture>[2]> = {}): Promise<string> {
  count += 1;
  const file = join(folder, `${count}.tar`);
  await writeCapture(root, file, { select: everything, ...options });
  const unpacked = makeRoot({});
  execFileSync('tar', ['-xf', file, '-C', unpacked]);
  return unpacked;
}

const sameBut = (facts: HostFacts) => ({
  ...facts,
  root: '',
  source: '',
  kernels: facts.kernels.map((kernel) => ({ ...kernel, index: kernel.index && comparableIndex(kernel.index) })),
});

const disk = blockDevice('vda', '254:0', VIRTIO);
const files: Layout = {
  '/lib': { link: 'usr/lib' },
  '/etc/fstab': 'UUID=1 / xfs defaults 0 0\nUUID=9a3c55c4-1d3f-44c5-8d0e-3d9b8d9c1c11 /boot xfs defaults 0 0\n',
  '/etc/os-release': { link: '../usr/lib/os-release' },
  '/usr/lib/os-release': 'ID=centos\nVERSION_ID=7\n',
  '/boot/grub2/grub.cfg': fixture('el7.cfg'),
  '/boot/grub2/grubenv': grubenv({ saved_entry: '0' }),
  [`/boot/vmlinuz-${K}`]: bzImage(K, { signed: true }),
  [`/boot/initramfs-${K}.img`]: Buffer.alloc(3000, 'image'),
  [`/boot/initramfs-${OTHER}.img`]: 'another image',
  [`/boot/config-${K}`]: 'CONFIG_RD_GZIP=y\n',
  [`/boot/config-${OTHER}`]: 'CONFIG_RD_GZIP=y\n',
  [`/usr/lib/modules/${K}/kernel/drivers/block/virtio_blk.ko.xz`]: Buffer.alloc(50_000),
  [`/usr/lib/modules/${K}/modules.dep.bin`]: Buffer.from('b007f457000200010000000c', 'hex'),
  [`/usr/lib/modules/${K}/modules.builtin`]: 'kernel/fs/xfs/xfs.ko\n',
  [`/usr/lib/modules/${OTHER}/kernel/a.ko`]: 'x',
  '/usr/bin/sh': Buffer.concat([Buffer.from('7f454c460201010000000000000000000200b700', 'hex'), Buffer.alloc(9000)]),
  '/loop': { link: '/loop' },
  '/etc/machine-id': { link: '/loop' },
};
const running: Layout = {
  ...disk,
  ...partition(disk, 'vda1', '254:1', ['E:ID_FS_UUID=1', 'E:ID_FS_TYPE=xfs', 'E:ID_SERIAL_SHORT=4711']),
  ...mountinfo(
    ['254:1', '/', 'xfs', '/dev/vda1'],
    ['0:50', '/home/someone/share', 'cifs', '//server/private'],
    ['254:2', '/boot', 'xfs', '/dev/vda2'],
  ),
  '/proc/meminfo': 'MemTotal:  1000 kB\n',
  '/proc/cmdline': 'root=UUID=1\n',
  '/proc/sys/kernel/osrelease': `${K}\n`,
  '/sys/firmware/memmap/0/type': 'System RAM\n',
  '/sys/class/dmi/id/sys_vendor': 'QEMU\n',
};

describe('a captured tree is judged to the same answer: it yields the same facts', () => {
  test('of a host that ran', async () => {
    const root = makeRoot(files, running);
    const facts = await readHost(root);
    const again = await readHost(await captured(root));
    expect(again.source).toBe('captured');
    expect(sameBut(again)).toEqual(sameBut(facts));
    expect(facts.unread.length).toBeGreaterThan(0);
  });

  test('of a host that was mounted', async () => {
    const root = makeRoot(files);
    const machine = makeRoot(
      running,
      mountinfo(['8:1', '/', 'ext4', '/dev/sda1'], ['254:1', root, 'xfs', '/dev/vda1']),
    );
    const facts = await readHost(root, { machine });
    expect(facts.source).toBe('mounted');
    const again = await readHost(await captured(root, { machine }));
    expect(again.source).toBe('captured');
    expect(sameBut(again)).toEqual(sameBut({ ...facts, boot: again.boot }));
    expect({ ...again.boot, free: 0 }).toEqual({ ...facts.boot, free: 0 });
  });

  test('of a host that neither ran nor was mounted', async () => {
    const root = makeRoot(files);
    const again = await readHost(await captured(root));
    expect(again.source).toBe('offline');
    expect(sameBut(again)).toEqual(sameBut(await readHost(root)));
  });

  test('of a captured tree, captured again', async () => {
    const root = makeRoot(files, running);
    const twice = await captured(await captured(root));
    expect(sameBut(await readHost(twice))).toEqual(sameBut(await readHost(root)));
  });

  test('whoever copies it, and whatever that does to times', async () => {
    const root = makeRoot(files, running);
    const first = await captured(root);
    const copy = makeRoot({});
    execFileSync('cp', ['-R', '-P', `${first}/.`, copy]);
    expect(sameBut(await readHost(copy))).toEqual(sameBut(await readHost(root)));
  });
});

describe('a capture', () => {
  test('holds the image, byte for byte, and no module', async () => {
    const tree = openTree(await captured(makeRoot(files, running)), []);
    expect(tree.bytes(`/boot/initramfs-${K}.img`)?.equals(Buffer.alloc(3000, 'image'))).toBe(true);
    const module = tree.outside(`/usr/lib/modules/${K}/kernel/drivers/block/virtio_blk.ko.xz`);
    expect(existsSync(module ?? '')).toBe(false);
    expect(existsSync(tree.outside(`/boot/vmlinuz-${K}`) ?? '')).toBe(false);
  });

  test('tells of kernels that were not asked for that they were not taken', async () => {
    const select = () => ({ kernels: [K], images: [`/boot/initramfs-${K}.img`] });
    const root = await captured(makeRoot(files, running), { select });
    const { kernels, unread } = await readHost(root);
    expect(kernels.find(({ kernel }) => kernel === OTHER)?.index).toBeNull();
    expect(unread).toContainEqual({
      part: 'modules',
      kernel: OTHER,
      what: `modules of ${OTHER}`,
      reason: 'this kernel was not taken whole when the host was captured',
    });
    const missed: HostFacts['unread'][number][] = [];
    const tree = openTree(root, missed);
    expect(tree.exists(`/boot/initramfs-${OTHER}.img`)).toBe(true);
    expect(tree.bytes(`/boot/initramfs-${OTHER}.img`)).toBeNull();
    expect(missed.map(({ reason }) => reason)).toContain('its content is not in the capture');
  });

  test('holds no passwords, nor what no fact is made of', async () => {
    const secrets: Layout = {
      '/etc/fstab': 'UUID=1 / xfs defaults\n//server/x /x cifs username=u,password=hunter2,uid=0 0 0\n',
      '/etc/shadow': 'root:$6$hunter2',
      '/etc/crypttab': 'luks UUID=2 /etc/luks.key\n',
      '/etc/luks.key': 'hunter2',
      '/boot/grub2/grub.cfg':
        'password_pbkdf2 root grub.pbkdf2.sha512.hunter2\nmenuentry x {\nlinux /vmlinuz-1.0 rd.iscsi.password=hunter2 quiet\n}\n',
      '/proc/cmdline': 'root=UUID=1 systemd.set_credential=root.password:hunter2\n',
    };
    const root = await captured(makeRoot(files, running, secrets));
    const found = ['hunter2', '4711', 'private'].filter(
      (secret) => spawnSync('grep', ['-rqF', secret, root]).status === 0,
    );
    expect(found).toEqual([]);
  });

  test('is gzipped where its name says so, and only its owner may read it', async () => {
    const file = join(folder, 'small.tar.gz');
    await writeCapture(makeRoot(files), file, { select: everything });
    expect(gunzipSync(readFileSync(file)).toString('latin1', 257, 262)).toBe('ustar');
  });

  test('does not replace a file', async () => {
    const file = join(folder, 'precious.tar');
    writeFileSync(file, 'precious');
    await expect(writeCapture(makeRoot({}), file, { select: everything })).rejects.toMatchObject({ code: 'bad_usage' });
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });

  test('of a root that is not there leaves no file', async () => {
    const file = join(folder, 'none.tar');
    await expect(writeCapture('/no/such/root', file, { select: everything })).rejects.toMatchObject({
      code: 'root_absent',
    });
    expect(existsSync(file)).toBe(false);
  });

  test('that is to end leaves no file either, and says what ended it', async () => {
    const file = join(folder, 'half.tar');
    const interruption = new AbortController();
    const writing = writeCapture(makeRoot(files), file, {
      signal: interruption.signal,
      select: (host) => {
        interruption.abort(new Error('enough'));
        return everything(host);
      },
    });
    await expect(writing).rejects.toThrow('enough');
    expect(existsSync(file)).toBe(false);
  });

  test.each([
    '{',
    '[]',
    '{"format": 2}',
    '{"format":1,"files":{"/x":["a","b"]},"refused":{},"derived":{},"unread":[]}',
  ])('with a damaged list of files is told to be one: %s', async (text) => {
    const { unread } = await readHost(makeRoot({ [MANIFEST]: text, '/etc/fstab': '' }));
    expect(unread.map(({ what }) => what)).toContain(MANIFEST);
  });

  test('with values of the wrong shape is read without them', async () => {
    const derived = { [`vmlinuz:/boot/vmlinuz-${K}`]: 'rubbish', arch: 7, [`whole:${K}`]: true };
    const manifest = JSON.stringify({ format: 1, files: {}, refused: {}, derived, unread: [] });
    const { kernels, arch } = await readHost(makeRoot({ [MANIFEST]: manifest, [`/boot/vmlinuz-${K}`]: bzImage(K) }));
    expect([kernels[0]?.vmlinuz?.version, arch]).toEqual([K, 'x86_64']);
  });
});

describe('a tar archive', () => {
  const deep = `/sys/${'very-long-folder-name/'.repeat(12)}file`;
  const members: TarMember[] = [
    { type: 'directory', path: '/a' },
    { type: 'symlink', path: '/a/link', target: `../${'x/'.repeat(80)}y` },
    { type: 'file', path: deep, mtime: 1_700_000_000, size: 5, body: [Buffer.from('hello, cut')] },
    { type: 'file', path: '/ä/short', mtime: 1, size: 700, body: [Buffer.from('grew')] },
    { type: 'file', path: '/empty', mtime: 0, size: 0, body: [] },
  ];

  test('is read by tar(1), long names, links and all', async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of writeTar(members)) chunks.push(chunk);
    const root = makeRoot({});
    execFileSync('tar', ['-xf', '-', '-C', root], { input: Buffer.concat(chunks) });
    const tree = openTree(root, []);
    expect(tree.text(deep)).toBe('hello');
    expect(tree.stat(deep)?.mtime).toBe(1_700_000_000);
    expect(tree.link('/a/link')).toBe(`../${'x/'.repeat(80)}y`);
    expect(tree.stat('/ä/short')?.size).toBe(700);
    expect(tree.stat('/empty')?.size).toBe(0);
  });
});
