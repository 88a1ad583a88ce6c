import { describe, expect, test } from '@jest/globals';
import { unitMissing } from '../../../../src/boot/checks/unit-missing.ts';
import { facts } from '../facts.ts';
import type { FileSpec } from '../image.ts';

const UNITS = 'usr/lib/systemd/system';
const observe = (files: Record<string, FileSpec | null>) => [...unitMissing.observe(facts({ image: { files } }), [])];
const SWITCH = 'the switch to the root file system';

test('a sound image gets to udev and to the switch', () => {
  expect(observe({})).toEqual([]);
});

describe('a unit on the way to the switch', () => {
  test.each([
    'initrd.target',
    'basic.target',
    'sysinit.target',
    'initrd-root-fs.target',
    'initrd-parse-etc.service',
    'initrd-cleanup.service',
    'initrd-switch-root.target',
    'initrd-switch-root.service',
  ])('must be there: %s', (name) => {
    const [found] = observe({ [`${UNITS}/${name}`]: null });
    expect(found).toMatchObject({ defect: true, evidence: { never: expect.arrayContaining([SWITCH]) as unknown } });
  });

  test('says what is lost', () => {
    expect(observe({ [`${UNITS}/initrd-cleanup.service`]: null })).toMatchObject([
      {
        message: expect.stringMatching(
          /^No unit in the image gets to the switch to the root file system: .*initrd-cleanup\.service \(it is not there\)/,
        ) as unknown,
      },
    ]);
  });

  test.each([
    ['of zeros', '\0'.repeat(200)],
    ['cut off before its command', '[Unit]\nRequires=initrd-root-fs.target\n[Serv'],
    ['without content, which masks it', ''],
  ])('%s leads nowhere', (_what, text) => {
    expect(observe({ [`${UNITS}/initrd-parse-etc.service`]: { text } })).toHaveLength(1);
  });

  test('may be masked by a link to /dev/null', () => {
    expect(observe({ 'etc/systemd/system/initrd-cleanup.service': { target: '/dev/null' } })).toHaveLength(1);
  });

  test('needs its program', () => {
    expect(observe({ 'usr/bin/systemctl': { mode: 0o100644 } })).toMatchObject([{ evidence: { never: [SWITCH] } }]);
  });
});

test('systemd takes an image without /etc/initrd-release for no initrd', () => {
  expect(observe({ 'etc/initrd-release': null })).toHaveLength(1);
});

describe('udev', () => {
  test('is wanted by someone', () => {
    expect(observe({ [`${UNITS}/sysinit.target.wants/systemd-udev-trigger.service`]: null })).toMatchObject([
      { evidence: { never: ["udev's daemon", 'the search for devices (udevadm trigger)'] } },
    ]);
  });

  test('may be started by its socket', () => {
    expect(
      observe({
        [`${UNITS}/systemd-udev-trigger.service`]: { text: '[Service]\nExecStart=-/usr/bin/udevadm trigger\n' },
        [`${UNITS}/sockets.target`]: { text: '[Unit]\nWants=systemd-udevd-kernel.socket\n' },
        [`${UNITS}/systemd-udevd-kernel.socket`]: { text: '[Socket]\nService=systemd-udevd.service\n' },
      }),
    ).toEqual([]);
  });
});

describe('silent', () => {
  test('where a site adds units and drop-ins of its own', () => {
    expect(
      observe({
        'etc/systemd/system/initrd.target.wants/ours.service': { target: '/usr/lib/systemd/system/gone.service' },
        [`${UNITS}/initrd-cleanup.service.d/10-ours.conf`]: {
          text: '[Service]\nExecStart=\nExecStart=-/usr/bin/gone\nExecStart=systemctl --no-block isolate initrd-switch-root.target\n',
        },
      }),
    ).toEqual([]);
  });

  test('where units want what is not there, and mount units are made at boot', () => {
    expect(
      observe({ [`${UNITS}/initrd-root-fs.target`]: { text: '[Unit]\nRequires=sysroot.mount\nWants=gone.target\n' } }),
    ).toEqual([]);
  });

  test('where another first unit is named', () => {
    expect([
      ...unitMissing.observe(
        facts({
          cmdline: 'root=/dev/vda2 rd.systemd.unit=ours.target',
          image: { files: { [`${UNITS}/initrd.target`]: null } },
        }),
        [],
      ),
    ]).toEqual([]);
  });

  test('where the image starts without systemd', () => {
    expect(observe({ init: { target: 'usr/bin/bash' }, [`${UNITS}/initrd.target`]: null })).toEqual([]);
  });
});
