import { describe, expect, test } from '@jest/globals';
import { fstabUnknown } from '../../../../src/boot/checks/fstab-unknown.ts';
import type { FstabLine } from '../../../../src/host/types.ts';
import { facts } from '../facts.ts';
import { observe, severities } from '../observe.ts';

const GONE = 'UUID=99999999-0000-4000-8000-000000000009';
const fstab = (over: Partial<FstabLine>) =>
  facts({
    files: { fstab: [{ spec: GONE, mountPoint: '/srv', type: 'xfs', options: ['defaults'], line: 7, ...over }] },
  });

describe('a line of fstab', () => {
  test('for a device that is gone stops the host after the hand-over', () => {
    expect(observe(fstabUnknown, fstab({})).defects).toEqual([
      {
        defect: true,
        message: `/etc/fstab mounts ${GONE} on /srv, and this host has no such device.`,
        evidence: { path: '/etc/fstab', line: 7, spec: GONE, mount_point: '/srv', options: ['defaults'] },
      },
    ]);
    expect(severities(fstabUnknown, fstab({}))).toEqual(['warning']);
  });

  test('for a /usr that is gone stops it before', () => {
    expect(severities(fstabUnknown, fstab({ mountPoint: '/usr' }))).toEqual(['fatal']);
  });

  test('that the image mounts stops it before where systemd reads it there', () => {
    const options = ['defaults', 'x-initrd.mount'];
    const line = { spec: GONE, mountPoint: '/var', type: 'xfs', options, line: 7 };
    const files = { 'usr/lib/systemd/system/initrd-fs.target': { text: '[Unit]\nOnFailure=emergency.target\n' } };
    const given = facts({ files: { fstab: [line] }, image: { files } });
    expect(severities(fstabUnknown, given)).toEqual(['fatal']);
    const script = facts({ files: { fstab: [line] }, image: { files: { 'usr/lib/systemd/systemd': null } } });
    expect(severities(fstabUnknown, script)).toEqual(['warning']);
    const nofail = { ...line, options: [...options, 'nofail'] };
    expect(observe(fstabUnknown, facts({ files: { fstab: [nofail] }, image: { files } })).defects).toEqual([]);
  });

  test.each([
    ['it may fail', { options: ['nofail'] }],
    ['it is mounted by hand', { options: ['noauto'] }],
    ['it is mounted at first use', { options: ['x-systemd.automount'] }],
    ['it is swap', { mountPoint: 'none', type: 'swap' }],
    ['it is on the network', { spec: 'server:/srv', type: 'nfs' }],
    ['it is /, which root= names', { mountPoint: '/' }],
    ['the device is there', { spec: '/dev/vda1' }],
  ])('is no matter where %s', (_, over) => {
    expect(observe(fstabUnknown, fstab(over)).defects).toEqual([]);
  });

  test('is no matter where devices are not known by name', () => {
    const spec = fstab({});
    const storage = { ...spec.host.storage, names: null };
    expect(observe(fstabUnknown, { ...spec, host: { ...spec.host, storage } }).defects).toEqual([]);
  });
});
