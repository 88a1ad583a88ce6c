import { expect, test } from '@jest/globals';
import { platformDriverMissing } from '../../../../src/boot/checks/platform-driver-missing.ts';
import { facts } from '../facts.ts';
import { MODULES } from '../image.ts';
import { hostIndex } from '../modules.ts';
import { said } from './said.ts';

const onMetal = { platform: { name: 'metal', evidence: 'DMI' } } as const;
const holding = (...names: string[]) => ({ modules: ['ext4', 'dm_mod', 'crc32c_generic', ...names] });

test('an image built on metal has no disk on KVM', () => {
  const spec = { platform: 'kvm', host: onMetal, image: holding('ahci', 'sd_mod') } as const;
  expect(said(platformDriverMissing, facts(spec))).toEqual([
    {
      defect: true,
      severity: 'fatal',
      message: 'The image lacks virtio_pci, which disks of kvm take.',
      evidence: {
        platform: 'kvm',
        needed: ['virtio_pci', 'virtio_blk', 'virtio_scsi'],
        present: [],
        absent: ['virtio_blk', 'virtio_scsi'],
        modules: facts(spec).image!.modules.length,
      },
    },
  ]);
});
test('a KVM guest’s image has no disk on VMware', () => {
  const image = holding('virtio_blk', 'virtio_pci', 'sd_mod');
  expect(said(platformDriverMissing, facts({ platform: 'vmware', image }))).toMatchObject([
    { severity: 'fatal', message: expect.stringContaining('any of vmw_pvscsi') },
  ]);
});
test('a generic image has all that the platform may take', () => {
  const image = holding('virtio_blk', 'virtio_scsi', 'virtio_pci', 'sd_mod');
  expect(said(platformDriverMissing, facts({ platform: 'kvm', host: onMetal, image }))).toEqual([]);
});
test('one driver of two: which of them the disk takes is not known', () => {
  const spec = { platform: 'kvm', host: onMetal, image: holding('virtio_blk', 'virtio_pci') } as const;
  expect(said(platformDriverMissing, facts(spec))).toMatchObject([
    { severity: 'warning', evidence: { present: ['virtio_blk'], absent: ['virtio_scsi'] } },
    { defect: false },
  ]);
});
test('on the platform that the host runs on, with its disks seen, their own drivers count', () => {
  expect(said(platformDriverMissing, facts({ platform: 'kvm', image: { modules: MODULES } }))).toEqual([]);
});
test('drivers that are built in are there', () => {
  const index = hostIndex();
  const builtin = new Set([...index.builtin, 'virtio_pci', 'virtio_blk', 'virtio_scsi']);
  const spec = { platform: 'kvm', host: onMetal, kernel: { index: { ...index, builtin } }, image: holding() } as const;
  expect(said(platformDriverMissing, facts(spec))).toEqual([]);
});
test('a driver without what it depends on is not there', () => {
  const { modules } = facts({ image: holding('virtio_blk', 'virtio_scsi', 'virtio_pci', 'sd_mod') }).image!;
  const moduleFacts = modules.filter(({ name }) => name !== 'virtio');
  expect(said(platformDriverMissing, facts({ platform: 'kvm', host: onMetal, image: { moduleFacts } }))).toMatchObject([
    { severity: 'fatal' },
  ]);
});
test('no platform was asked for', () => {
  expect(said(platformDriverMissing, facts({ host: onMetal, image: holding() }))).toEqual([]);
});
test('what may lie in a nested image is unknown', () => {
  const over = { unread: [{ path: 'squashfs-root.img', format: 'squashfs' }] } as const;
  expect(said(platformDriverMissing, facts({ platform: 'xen', image: { over } }))).toMatchObject([{ defect: false }]);
});
