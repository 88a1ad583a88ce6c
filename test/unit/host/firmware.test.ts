import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { writeCapture } from '../../../src/host/capture/write-capture.ts';
import { readHost } from '../../../src/host/read-host.ts';
import { parseEfiEntry } from '../../../src/host/loader/efi-entry.ts';
import type { FirmwareFacts } from '../../../src/host/types.ts';
import {
  FIRMWARE_FILE,
  MAC,
  PARTITION,
  PCI,
  SHIM,
  bootEntry,
  entryOf,
  espHost,
  filePath,
  grub,
  mbrPartition,
  partition,
  program,
  variables,
} from './efi.ts';
import { makeRoot, type Layout } from './roots.ts';

const DEBIAN = '\\EFI\\debian\\shimx64.efi';
const AT = '/boot/efi/EFI/debian';
const OTHER = '00000000-1111-2222-3333-444444444444';

async function firmwareOf(...layouts: Layout[]): Promise<FirmwareFacts | null> {
  return (await readHost(makeRoot(...layouts))).loader.firmware;
}

const installed = (more: Layout = {}): Layout => ({
  [`${AT}/shimx64.efi`]: SHIM,
  [`${AT}/grubx64.efi`]: grub('/EFI/debian'),
  [`${AT}/grub.cfg`]: 'configfile x\n',
  ...more,
});

/** By what it was started, of what, and what is wrong with it. */
const told = (firmware: FirmwareFacts | null) =>
  firmware?.programs.map(({ by, path, fault }) => [by, path, fault === null ? 'runs' : `${fault.kind} ${fault.path}`]);

describe('a boot entry', () => {
  test.each([
    ['a file of a partition', [PCI, partition(PARTITION), filePath(DEBIAN)], { leads: 'file', partition: PARTITION }],
    ['a file of an MBR partition', [mbrPartition(0xdeadbeef, 2), filePath('\\x')], { partition: 'deadbeef-02' }],
    ['a file in two parts', [filePath('\\EFI'), filePath('debian\\x.efi')], { file: '/EFI/debian/x.efi' }],
    ['a disk', [PCI], { leads: 'device', partition: null, file: null }],
    ['the network', [PCI, MAC], { leads: 'network' }],
    ['a program of the firmware itself', [FIRMWARE_FILE], { leads: 'other' }],
    ['nothing', [], { leads: 'other' }],
  ] as const)('leads to %s', (_, nodes, expected) => {
    expect(parseEfiEntry(bootEntry(nodes))).toMatchObject({ active: true, options: false, ...expected });
  });

  test('may be inactive, and may hand something to the program', () => {
    expect(parseEfiEntry(bootEntry([PCI], { active: false, options: Buffer.from('x') }))).toMatchObject({
      active: false,
      options: true,
    });
  });

  test('that is cut is none', () => {
    const whole = entryOf(DEBIAN);
    expect(parseEfiEntry(whole)?.file).toBe('/EFI/debian/shimx64.efi');
    expect(parseEfiEntry(whole.subarray(0, whole.length - 1))).toBeNull();
    expect(parseEfiEntry(Buffer.alloc(4))).toBeNull();
  });
});

describe('what the firmware starts of the EFI partition', () => {
  test('is what its first entry names, shim and the GRUB beside it', async () => {
    const firmware = await firmwareOf(espHost(installed()), variables([3], { '0003': entryOf(DEBIAN) }));
    expect(firmware).toMatchObject({ mountPoint: '/boot/efi', variables: true, started: 'here', elsewhere: [] });
    expect(told(firmware)).toEqual([['Boot0003', `${AT}/shimx64.efi`, 'runs']]);
    expect(firmware?.programs[0]).toMatchObject({ isCurrent: true, lacks: [] });
  });

  test('is found whatever the case of its name', async () => {
    const entry = { '0003': entryOf('\\efi\\DEBIAN\\SHIMX64.EFI') };
    expect(told(await firmwareOf(espHost(installed()), variables([3], entry)))).toEqual([
      ['Boot0003', `${AT}/shimx64.efi`, 'runs'],
    ]);
  });

  test('is not there, nor what the firmware falls back to', async () => {
    const firmware = await firmwareOf(espHost({ [AT]: null }), variables([3], { '0003': entryOf(DEBIAN) }));
    expect(told(firmware)).toEqual([
      ['Boot0003', `/boot/efi${DEBIAN.replaceAll('\\', '/')}`, `absent ${AT}/shimx64.efi`],
      ['the fallback', '/boot/efi/EFI/BOOT/BOOTX64.EFI', 'absent /boot/efi/EFI/BOOT/BOOTX64.EFI'],
    ]);
  });

  test('is the fallback where its entry is gone, or leads to a disk', async () => {
    const fallback = espHost({ '/boot/efi/EFI/Boot/bootx64.efi': program({ '.text': 'x' }) });
    expect(told(await firmwareOf(fallback, variables([3], { '0003': entryOf(DEBIAN) })))).toEqual([
      ['Boot0003', `${AT}/shimx64.efi`, `absent ${AT}/shimx64.efi`],
      ['the fallback', '/boot/efi/EFI/Boot/bootx64.efi', 'runs'],
    ]);
    const disk = await firmwareOf(fallback, variables([1], { '0001': bootEntry([PCI]) }));
    expect(disk?.started).toBe('device');
    expect(told(disk)).toEqual([['Boot0001', '/boot/efi/EFI/Boot/bootx64.efi', 'runs']]);
  });

  test.each([
    ['is empty', '', 'damaged'],
    ['is no program', 'x'.repeat(5000), 'damaged'],
    ['is cut in half', program({ '.text': 'x'.repeat(5000) }).subarray(0, 3000), 'damaged'],
    ['is of another machine', program({ '.text': 'x' }, 0xaa64), 'foreign'],
  ])('does not run where it %s', async (_, content, kind) => {
    const host = espHost({ [`${AT}/shimx64.efi`]: content });
    const firmware = await firmwareOf(host, variables([3], { '0003': entryOf(DEBIAN) }));
    expect(firmware?.programs[0]?.fault).toEqual({ kind, path: `${AT}/shimx64.efi` });
  });

  test('needs what shim starts: the GRUB beside it, unless another is named', async () => {
    const alone = espHost({ [`${AT}/shimx64.efi`]: SHIM, [`${AT}/mmx64.efi`]: program({ '.text': 'x' }) });
    const missing = await firmwareOf(alone, variables([3], { '0003': entryOf(DEBIAN) }));
    expect(missing?.programs[0]).toMatchObject({
      path: `${AT}/shimx64.efi`,
      fault: { kind: 'absent', path: `${AT}/grubx64.efi` },
    });
    const named = bootEntry([partition(PARTITION), filePath(DEBIAN)], { options: Buffer.from('\\x\0', 'utf16le') });
    expect(told(await firmwareOf(alone, variables([3], { '0003': named })))?.[0]?.[2]).toBe('runs');
    const renamed = { [`${AT}/loader.efi`]: program({ '.text': 'x' }) };
    expect(told(await firmwareOf(alone, renamed, variables([3], { '0003': entryOf(DEBIAN) })))?.[0]?.[2]).toBe('runs');
    const broken = { [`${AT}/grubx64.efi`]: '' };
    const damaged = await firmwareOf(alone, broken, variables([3], { '0003': entryOf(DEBIAN) }));
    expect(damaged?.programs[0]?.fault).toEqual({ kind: 'damaged', path: `${AT}/grubx64.efi` });
  });

  test("is what vendors' lists name where shim is the fallback and has its own beside it", async () => {
    const fallback = {
      '/boot/efi/EFI/BOOT/BOOTX64.EFI': SHIM,
      '/boot/efi/EFI/BOOT/fbx64.efi': program({ '.text': 'x' }),
      [`${AT}/BOOTX64.CSV`]: Buffer.from('\ufeffshimx64.efi,debian,,A line\n', 'utf16le'),
    };
    const disk = variables([1], { '0001': bootEntry([PCI]) });
    expect(told(await firmwareOf(espHost(installed(fallback)), disk))?.[0]?.[2]).toBe('runs');
    const gone = espHost({ ...fallback, [`${AT}/shimx64.efi`]: SHIM });
    expect(told(await firmwareOf(gone, disk))?.[0]?.[2]).toBe(`absent ${AT}/grubx64.efi`);
  });

  test('may be on other partitions and the network, which is told', async () => {
    const firmware = await firmwareOf(
      espHost({ [AT]: null }),
      variables(
        [1, 2, 3],
        {
          '0001': bootEntry([PCI, MAC]),
          '0002': entryOf('\\EFI\\x.efi', OTHER),
          '0003': bootEntry([FIRMWARE_FILE]),
        },
        2,
      ),
    );
    expect(firmware).toMatchObject({
      started: 'elsewhere',
      elsewhere: [
        { entry: 'Boot0001', partition: null },
        { entry: 'Boot0002', partition: OTHER },
      ],
    });
  });

  test('is told by a capture, which carries neither loaders nor entries', async () => {
    const root = makeRoot(
      espHost(installed({ [`${AT}/grub.cfg`]: null })),
      variables([1, 3], { '0001': bootEntry([PCI, MAC]), '0003': entryOf(DEBIAN) }),
    );
    const file = join(root, 'facts.tar');
    await writeCapture(root, file, { select: () => ({ kernels: [], images: [] }) });
    const unpacked = makeRoot({});
    execFileSync('tar', ['-xf', file, '-C', unpacked]);
    const { loader, unread } = await readHost(unpacked);
    expect(loader.firmware).toEqual((await readHost(root)).loader.firmware);
    expect(told(loader.firmware)).toEqual([['Boot0003', `${AT}/shimx64.efi`, 'runs']]);
    expect(unread.filter(({ part }) => part === 'loader')).toEqual([]);
    expect(existsSync(join(unpacked, AT, 'grubx64.efi'))).toBe(false);
    expect(readdirSync(join(unpacked, 'sys/firmware/efi/efivars')).filter((name) => /^Boot\d/.test(name))).toEqual([]);
  });

  test('is not told of BIOS, of what is not mounted, of what is no FAT', async () => {
    const entry = variables([3], { '0003': entryOf(DEBIAN) });
    const bios = Object.fromEntries(
      Object.entries(espHost(installed())).filter(([path]) => !path.startsWith('/sys/firmware')),
    );
    expect(await firmwareOf(bios, { '/sys/firmware/memmap/0/end': '0' })).toBeNull();
    const unmounted = { '/proc/self/mountinfo': '20 1 8:2 / / rw - ext4 /dev/sda2 rw\n' };
    expect(await firmwareOf(espHost(installed()), entry, unmounted)).toBeNull();
    const ext4 = {
      '/proc/self/mountinfo': '20 1 8:2 / / rw - ext4 /dev/sda2 rw\n21 20 8:1 / /boot/efi rw - ext4 x rw\n',
    };
    expect(await firmwareOf(espHost(installed()), entry, ext4)).toBeNull();
  });
});

describe('the GRUB that runs', () => {
  const lacks = async (core: Buffer, more: Layout = {}) => {
    const host = espHost({ [`${AT}/shimx64.efi`]: SHIM, [`${AT}/grubx64.efi`]: core, ...more });
    const firmware = await firmwareOf(host, variables([3], { '0003': entryOf(DEBIAN) }));
    expect(firmware?.programs[0]?.fault).toBeNull();
    return firmware?.programs[0]?.lacks;
  };

  test.each([
    ['', grub('/EFI/debian')],
    [' and a script in memory, as the signed one', grub('/EFI/debian', 'normal (memdisk)/grub.cfg')],
    [' for 32 bits', grub('/EFI/debian', null, 0x14c)],
  ])('lacks its configuration where its prefix has none%s', async (_, core) => {
    const bits = core.readUInt16LE(0x44) === 0x14c ? { '/sys/firmware/efi/fw_platform_size': '32\n' } : {};
    const shim = bits['/sys/firmware/efi/fw_platform_size'] === undefined ? {} : { [`${AT}/shimx64.efi`]: core };
    expect(await lacks(core, { ...bits, ...shim })).toEqual([`${AT}/grub.cfg`]);
    expect(await lacks(core, { ...bits, ...shim, [`${AT}/grub.cfg`]: 'x' })).toEqual([]);
  });

  test('is looked for where it was built to look, and beside it', async () => {
    expect(await lacks(grub('/EFI/other'), { '/boot/efi/EFI/other/GRUB.CFG': 'x' })).toEqual([]);
    expect(await lacks(grub('/EFI/other'), { [`${AT}/grub.cfg`]: 'x' })).toEqual([]);
    expect(await lacks(grub('/EFI/other'))).toEqual(['/boot/efi/EFI/other/grub.cfg', `${AT}/grub.cfg`]);
    expect(await lacks(grub('/EFI/debian'), { [`${AT}/x86_64-efi/grub.cfg`]: 'x' })).toEqual([]);
  });

  test('goes by a configuration that is known where one alone is there', async () => {
    const goesBy = async (more: Layout) => {
      const files = { [`${AT}/shimx64.efi`]: SHIM, [`${AT}/grubx64.efi`]: grub('/EFI/other'), ...more };
      const firmware = await firmwareOf(espHost(files), variables([3], { '0003': entryOf(DEBIAN) }));
      return firmware?.programs[0]?.goesBy;
    };
    const other = { '/boot/efi/EFI/other/GRUB.CFG': 'x' };
    expect(await goesBy(other)).toBe('/boot/efi/EFI/other/GRUB.CFG');
    expect(await goesBy({ ...other, '/boot/efi/EFI/third/grub.cfg': 'x' })).toBe('/boot/efi/EFI/other/GRUB.CFG');
    expect(await goesBy({ ...other, [`${AT}/grub.cfg`]: 'x' })).toBeNull();
    expect(await goesBy({})).toBeNull();
  });

  test('is led by the stub that it goes by, whatever other vendors have', async () => {
    const stub = (uuid: string) => `search.fs_uuid ${uuid} root\nconfigfile ($root)/boot/grub/grub.cfg\n`;
    const files = installed({
      [`${AT}/grub.cfg`]: stub('aaaaaaaa-0000-4000-8000-000000000001'),
      '/boot/efi/EFI/ubuntu/grub.cfg': stub('bbbbbbbb-0000-4000-8000-000000000002'),
    });
    const stubOf = async (...layouts: Layout[]) => (await readHost(makeRoot(espHost(files), ...layouts))).loader.stub;
    expect(await stubOf(variables([3], { '0003': entryOf(DEBIAN) }))).toEqual({
      path: `${AT}/grub.cfg`,
      uuid: 'aaaaaaaa-0000-4000-8000-000000000001',
    });
    expect(await stubOf()).toBeNull();
  });

  test.each([
    ['its prefix is on a device of its own', grub('(,gpt3)/boot/grub')],
    ['it has commands of its own', grub('/EFI/debian', 'search.fs_uuid x root')],
    ['its script in memory finds no folder', grub('/EFI/gone', 'normal (memdisk)/grub.cfg')],
    ['it does not say where', program({ '.text': 'x', mods: 'mimg' })],
  ])('is not said to lack one where %s', async (_, core) => {
    expect(await lacks(core)).toEqual([]);
  });
});
