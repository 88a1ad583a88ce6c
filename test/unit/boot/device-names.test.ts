import { describe, expect, test } from '@jest/globals';
import { lookUpDevice } from '../../../src/boot/device-names.ts';
import { node, soundStorage } from './facts.ts';

describe('a device by name', () => {
  test.each([
    'UUID=bbbbbbbb-0000-4000-8000-000000000002',
    'UUID=BBBBBBBB-0000-4000-8000-000000000002',
    'block:UUID=bbbbbbbb-0000-4000-8000-000000000002',
    '/dev/disk/by-uuid/bbbbbbbb-0000-4000-8000-000000000002',
    '/dev/disk/by-partuuid/cccccccc-0000-4000-8000-000000000003',
    'PARTUUID=cccccccc-0000-4000-8000-000000000003/PARTNROFF=1',
    '/dev/vg0/root',
    '/dev/mapper/vg0-root',
    '/dev/vda2',
  ])('%s is there', (name) => {
    expect(lookUpDevice(name, soundStorage())).toBe('known');
  });

  test('is there where only the list of logical volumes names it, with dashes doubled', () => {
    const storage = { ...soundStorage(), lvs: new Set(['my-vg/my-root']) };
    expect(lookUpDevice('/dev/mapper/my--vg-my--root', storage)).toBe('known');
    expect(lookUpDevice('/dev/my-vg/my-root', storage)).toBe('known');
  });

  test('is there by a label that udev had to escape', () => {
    const storage = { ...soundStorage(), nodes: [node({ id: 'vda1', kind: 'filesystem', label: 'my root' })] };
    expect(lookUpDevice('/dev/disk/by-label/my\\x20root', storage)).toBe('known');
  });

  test.each(['UUID=99999999-0000-4000-8000-000000000009', 'LABEL=gone', '/dev/sda1', '/dev/mapper/vg1-root'])(
    '%s is not',
    (name) => {
      expect(lookUpDevice(name, soundStorage())).toBe('absent');
    },
  );

  test('is not decided where the list is not complete, or does not hold links of its kind', () => {
    expect(lookUpDevice('/dev/sda1', { ...soundStorage(), names: null })).toBe('undecided');
    expect(lookUpDevice('/dev/disk/by-id/nvme-eui.0025', soundStorage())).toBe('undecided');
  });
});
