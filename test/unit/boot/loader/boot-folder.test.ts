import { describe, expect, test } from '@jest/globals';
import { bootElsewhere } from '../../../../src/boot/checks/boot-elsewhere.ts';
import { bootFull } from '../../../../src/boot/checks/boot-full.ts';
import { bootNearlyFull } from '../../../../src/boot/checks/boot-nearly-full.ts';
import { bootNotMounted } from '../../../../src/boot/checks/boot-not-mounted.ts';
import { facts, soundKernel } from '../facts.ts';
import { observe } from '../observe.ts';

const SPEC = 'UUID=aaaaaaaa-0000-4000-8000-000000000001';
const mounts = (mountPoint: string, mounted: boolean | null) => ({
  host: { boot: { mounts: [{ mountPoint, mounted, spec: SPEC }], total: null, free: null } },
});
const fstab = (mountPoint: string, ...options: string[]) => ({
  files: { fstab: [{ spec: SPEC, mountPoint, type: 'vfat', options, line: 1 }] },
});

describe('/boot that is not mounted', () => {
  test('is told, and what the loader will find there is not known', () => {
    const { defects, unknowns } = observe(bootNotMounted, facts(mounts('/boot', false)));
    expect(defects).toEqual([
      expect.objectContaining({
        message: `/boot (${SPEC}) is in fstab but not mounted.`,
        evidence: { mount_point: '/boot', spec: SPEC, root: '/' },
      }),
    ]);
    expect(unknowns).toEqual([
      { defect: false, what: `what the boot loader finds on ${SPEC}`, reason: '/boot is not mounted' },
    ]);
  });

  test('is how some sites keep it (noauto): no defect, but its contents are not known', () => {
    const { boot } = mounts('/boot', false).host;
    const spec = facts({ ...fstab('/boot', 'noauto') });
    const { defects, unknowns } = observe(bootNotMounted, { ...spec, host: { ...spec.host, boot } });
    expect(defects).toEqual([]);
    expect(unknowns).toHaveLength(1);
  });

  test('is no matter where it is the EFI partition, mounted on demand, and GRUB reads /boot', () => {
    const { boot } = mounts('/boot/efi', false).host;
    const spec = facts({ ...fstab('/boot/efi', 'noauto', 'x-systemd.automount') });
    expect(observe(bootNotMounted, { ...spec, host: { ...spec.host, boot } })).toEqual({ defects: [], unknowns: [] });
  });

  test.each([true, null])('is no matter where it is mounted, or nobody knows (%s)', (mounted) => {
    expect(observe(bootNotMounted, facts(mounts('/boot', mounted)))).toEqual({ defects: [], unknowns: [] });
  });
});

describe('a kernel in a boot folder that the loader does not read', () => {
  const newer = {
    ...soundKernel(),
    kernel: '6.1.0-99-amd64',
    images: ['/boot/0123456789abcdef0123456789abcdef/6.1.0-99-amd64/initrd'],
  };

  test('is told beside the default, whose place it should have taken', () => {
    const { defects } = observe(bootElsewhere, facts({ host: { kernels: [soundKernel(), newer] } }));
    expect(defects[0]?.evidence).toMatchObject({ kernel: '6.1.0-99-amd64', images: newer.images, loader: 'grub' });
  });

  test('is no matter where its image lies where images lie, and the entry was left out', () => {
    const plain = { ...newer, images: ['/boot/initramfs-6.1.0-99-amd64.img'] };
    expect(observe(bootElsewhere, facts({ host: { kernels: [soundKernel(), plain] } })).defects).toEqual([]);
  });

  test('is no matter where an entry names it', () => {
    const base = facts({ host: { kernels: [soundKernel(), newer] } });
    const entries = [...base.host.loader.entries, { ...base.entry!, kernel: newer.kernel }];
    expect(
      observe(bootElsewhere, { ...base, host: { ...base.host, loader: { ...base.host.loader, entries } } }).defects,
    ).toEqual([]);
  });
});

describe('room on /boot', () => {
  const room = (free: number | null) => facts({ host: { boot: { mounts: [], total: 500_000_000, free } } });

  test('is gone below 4 MiB', () => {
    expect(observe(bootFull, room(1_000_000)).defects[0]?.evidence).toMatchObject({
      free: 1_000_000,
      total: 500_000_000,
    });
    expect(observe(bootNearlyFull, room(1_000_000)).defects).toEqual([]);
  });

  test('is short where the next image does not fit', () => {
    expect(observe(bootNearlyFull, room(10_000_000)).defects[0]?.evidence).toEqual({
      free: 10_000_000,
      total: 500_000_000,
      image_size: 16_777_216,
    });
    expect(observe(bootFull, room(10_000_000)).defects).toEqual([]);
  });

  test.each([200_000_000, null])('is enough, or not known (%s)', (free) => {
    expect([...observe(bootFull, room(free)).defects, ...observe(bootNearlyFull, room(free)).defects]).toEqual([]);
  });
});
