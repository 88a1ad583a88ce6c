import { describe, expect, test } from '@jest/globals';
import { parseAssignments } from '../../../src/host/assignments.ts';
import { lastValue, parseCommandLine } from '../../../src/host/command-line.ts';
import { fstabFor, parseFstab } from '../../../src/host/fstab.ts';
import { parseGrubenv } from '../../../src/host/loader/grubenv.ts';
import { below, mountAt, parseMountinfo } from '../../../src/host/mountinfo.ts';
import { compareKernels } from '../../../src/host/version-order.ts';
import { compareSegments } from '../../../src/versions/rpm-versions.ts';
import { decodeLvName } from '../../../src/host/storage/lvm-names.ts';
import { fixture } from './roots.ts';

describe('a kernel command line', () => {
  test('is split at blanks outside quotes, and quotes round a value go', () => {
    const { words } = parseCommandLine('ro root="LABEL=my root" quiet "dyndbg=file a.c +p" x= --');
    expect(words).toEqual([
      { key: 'ro', value: null },
      { key: 'root', value: 'LABEL=my root' },
      { key: 'quiet', value: null },
      { key: 'dyndbg', value: 'file a.c +p' },
      { key: 'x', value: '' },
      { key: '--', value: null },
    ]);
  });

  test('takes the last of several values', () => {
    expect(lastValue(parseCommandLine('root=/dev/a root=/dev/b'), 'root')).toBe('/dev/b');
    expect(lastValue(parseCommandLine('quiet'), 'root')).toBeNull();
  });
});

describe('fstab', () => {
  const lines = parseFstab(
    '# comment\n\nUUID="aa-bb" / ext4\n/dev/sda2\t/my\\040disk xfs noauto,nofail 0 2\nUUID=x / xfs ro\nalone\n',
  );

  test('has a line for each file system, escapes and quotes taken off', () => {
    expect(lines).toEqual([
      { spec: 'UUID=aa-bb', mountPoint: '/', type: 'ext4', options: ['defaults'], line: 3 },
      { spec: '/dev/sda2', mountPoint: '/my disk', type: 'xfs', options: ['noauto', 'nofail'], line: 4 },
      { spec: 'UUID=x', mountPoint: '/', type: 'xfs', options: ['ro'], line: 5 },
    ]);
  });

  test('leaves the last mount of a place on top', () => {
    expect(fstabFor(lines, '/')?.line).toBe(5);
  });
});

describe('mountinfo', () => {
  const mounts = parseMountinfo(
    [
      '22 27 8:2 / / rw,relatime shared:1 - xfs /dev/sda2 rw,seclabel',
      '23 22 0:40 /@home /mnt/a\\040b rw - btrfs /dev/sdb rw,subvol=/@home',
      '24 22 8:3 / /mnt rw master:3 propagate_from:2 - ext4 /dev/sda3 rw',
      'rubbish',
      '',
    ].join('\n'),
  );

  test('is read whatever optional fields there are', () => {
    expect(mounts.map(({ mountPoint, type, source, fsRoot }) => [mountPoint, type, source, fsRoot])).toEqual([
      ['/', 'xfs', '/dev/sda2', '/'],
      ['/mnt/a b', 'btrfs', '/dev/sdb', '/@home'],
      ['/mnt', 'ext4', '/dev/sda3', '/'],
    ]);
  });

  test('of a root mounted elsewhere names the places below it', () => {
    expect(below(mounts, '/mnt').map(({ mountPoint }) => mountPoint)).toEqual(['/a b', '/']);
    expect(mountAt(mounts, '/mnt')?.device).toBe('8:3');
    expect(mountAt(mounts, '/boot')).toBeNull();
  });
});

test('os-release values may be quoted or not', () => {
  const fields = parseAssignments('ID="centos"\nNAME=\'CentOS Linux\'\nVERSION_ID=7 # seven\nX="a \\"b\\""\n# A=1\n');
  expect(Object.fromEntries(fields)).toEqual({ ID: 'centos', NAME: 'CentOS Linux', VERSION_ID: '7', X: 'a "b"' });
});

describe('a GRUB environment block', () => {
  test('as grub-editenv writes it', () => {
    expect(Object.fromEntries(parseGrubenv(fixture('debian.grubenv')))).toEqual({
      saved_entry: 'gnulinux-advanced-x>y',
    });
  });

  test('keeps escaped backslashes and newlines', () => {
    expect(parseGrubenv('# GRUB Environment Block\na=x\\\\y\\\nz\n####').get('a')).toBe('x\\y\nz');
  });
});

describe('the order of versions', () => {
  test.each([
    ['4.18.0-348.el8', '4.18.0-373.el8'],
    ['5.14.0-70.el9', '5.14.0-427.el9'],
    ['3.10.0-1062.el7.x86_64', '3.10.0-1062.4.1.el7.x86_64'],
    ['6.1.0-9-amd64', '6.1.0-10-amd64'],
    ['6.9~rc1', '6.9'],
    ['1.0', '1.0^git1'],
    ['1.0a', '1.0.1'],
  ])('%s is older than %s', (older, newer) => {
    expect(compareSegments(older, newer)).toBeLessThan(0);
    expect(compareSegments(newer, older)).toBeGreaterThan(0);
    expect(compareKernels(newer, older)).toBeGreaterThan(0);
  });

  test('what differs in separators alone is equal by version, and still sorted', () => {
    expect(compareSegments('1.0-1', '1.0.1')).toBe(0);
    expect(compareKernels('1.0-1', '1.0.1')).toBeLessThan(0);
  });
});

test("device-mapper doubles the dashes of a volume's names", () => {
  expect(decodeLvName('vg--a-lv--b')).toEqual({ vg: 'vg-a', lv: 'lv-b' });
  expect(decodeLvName('centos-root')).toEqual({ vg: 'centos', lv: 'root' });
  expect(decodeLvName('nodash')).toBeNull();
});
