import { describe, expect, test } from '@jest/globals';
import { driverBlocked } from '../../../../src/boot/checks/driver-blocked.ts';
import { CMDLINE, facts } from '../facts.ts';
import { said } from './said.ts';

const because = 'virtio_blk, because /dev/vda2 holds the PV of vg0, which holds /';

describe('driver_blocked', () => {
  test.each(['module_blacklist=nouveau,virtio-blk', 'modprobe.blacklist=virtio_blk', 'rd.driver.blacklist=virtio_blk'])(
    '%s on the command line keeps the disk away',
    (word) => {
      expect(said(driverBlocked, facts({ cmdline: `${CMDLINE} ${word}` }))).toEqual([
        {
          defect: true,
          severity: 'fatal',
          message: `${word} keeps virtio_blk from being loaded: ${because}.`,
          evidence: { module: 'virtio_blk', blocked_by: word, needed_by: null, requirement: because },
        },
      ]);
    },
  );
  test.each(['blacklist ext4', 'install ext4 /bin/false'])('so does “%s” in the image', (text) => {
    const files = { 'etc/modprobe.d/hardening.conf': { text: `# CIS\n${text}\n` } };
    expect(said(driverBlocked, facts({ image: { files } }))).toMatchObject([
      { severity: 'fatal', evidence: { module: 'ext4', blocked_by: 'etc/modprobe.d/hardening.conf' } },
    ]);
  });
  test('a file in /etc takes the place of the one that the distribution ships', () => {
    const files = {
      'usr/lib/modprobe.d/fs.conf': { text: 'blacklist ext4\n' },
      'etc/modprobe.d/fs.conf': { text: '# unblacklisted\n' },
    };
    expect(said(driverBlocked, facts({ image: { files } }))).toEqual([]);
  });
  test('a blacklist of what nobody needs is no matter', () => {
    const files = { 'etc/modprobe.d/hardening.conf': { text: 'install cramfs /bin/true\nblacklist usb-storage\n' } };
    expect(said(driverBlocked, facts({ image: { files } }))).toEqual([]);
  });
  test('modprobe’s blacklist stops no module that another depends on; the kernel’s stops all', () => {
    expect(said(driverBlocked, facts({ cmdline: `${CMDLINE} modprobe.blacklist=virtio_ring` }))).toEqual([]);
    expect(said(driverBlocked, facts({ cmdline: `${CMDLINE} module_blacklist=virtio_ring` }))).toMatchObject([
      { evidence: { module: 'virtio_ring', needed_by: 'virtio_blk' } },
    ]);
  });
  test('a module that is loaded by its name comes all the same', () => {
    const cmdline = `${CMDLINE} modprobe.blacklist=virtio_blk rd.driver.pre=virtio_blk`;
    expect(said(driverBlocked, facts({ cmdline }))).toEqual([]);
  });
  test('an install line that loads it in the end is no matter', () => {
    const text = 'install ext4 /sbin/modprobe --ignore-install ext4\n';
    expect(said(driverBlocked, facts({ image: { files: { 'etc/modprobe.d/x.conf': { text } } } }))).toEqual([]);
  });
});
