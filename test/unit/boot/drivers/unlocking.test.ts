import { describe, expect, test } from '@jest/globals';
import { cryptoDriverMissing } from '../../../../src/boot/checks/crypto-driver-missing.ts';
import { inputDriverMissing } from '../../../../src/boot/checks/input-driver-missing.ts';
import { algorithmsOf } from '../../../../src/boot/drivers/ciphers.ts';
import type { BoundDriver, StorageFacts } from '../../../../src/host/types.ts';
import { CMDLINE, facts, node, virtioDisk, K } from '../facts.ts';
import { MODULES } from '../image.ts';
import { hostIndex } from '../modules.ts';
import { said } from './said.ts';

/** `/` is ext4 on a LUKS volume on /dev/vda2. */
const encrypted = (details: readonly string[], over: Partial<StorageFacts> = {}): Partial<StorageFacts> => ({
  nodes: [
    node({
      id: 'fs:/',
      kind: 'filesystem',
      name: '/dev/mapper/root',
      type: 'ext4',
      mountPoints: ['/'],
      below: ['dm-0'],
    }),
    node({ id: 'dm-0', kind: 'crypt', name: '/dev/mapper/root', type: 'luks2', details, below: ['vda2'] }),
    node({ id: 'vda2', kind: 'partition', below: ['vda'] }),
    virtioDisk(),
  ],
  ...over,
});
const holding = (...names: string[]) => ({ modules: [...MODULES, ...names] });

test.each([
  ['aes-xts-plain64', ['aes', 'xts']],
  ['aes-cbc-essiv:sha256', ['aes', 'cbc', 'essiv', 'sha256']],
  ['xchacha12,aes-adiantum-plain64', ['xchacha12', 'aes', 'adiantum']],
  ['capi:xts(aes)-plain64', ['xts', 'aes']],
  ['linear', null],
])('the cipher %s takes %j', (cipher, algorithms) => {
  expect(algorithmsOf(cipher)).toEqual(algorithms);
});

describe('crypto_driver_missing', () => {
  test('the mode of the cipher is not in the image', () => {
    const spec = { storage: encrypted(['aes-xts-plain64']), image: holding('dm_crypt') };
    expect(said(cryptoDriverMissing, facts(spec))).toEqual([
      {
        defect: true,
        severity: 'fatal',
        message: 'The image lacks xts, because /dev/mapper/root holds /.',
        evidence: {
          driver: 'xts',
          requirement: 'xts, because /dev/mapper/root holds /',
          modalias: 'crypto-xts',
          candidates: ['xts'],
          host_path: 'kernel/crypto/xts.ko',
          image: `/boot/initramfs-${K}.img`,
        },
      },
    ]);
  });
  test('all of it is there, aes being built in', () => {
    const spec = { storage: encrypted(['aes-xts-plain64']), image: holding('dm_crypt', 'xts', 'ecb') };
    expect(said(cryptoDriverMissing, facts(spec))).toEqual([]);
  });
  test('dm_crypt itself', () => {
    const spec = { storage: encrypted(['aes-xts-plain64']), image: holding('xts') };
    expect(said(cryptoDriverMissing, facts(spec))).toMatchObject([
      { severity: 'fatal', evidence: { driver: 'dm_crypt' } },
    ]);
  });
  test('the processor’s own AES stands in for xts, where the processor has it', () => {
    const spec = { storage: encrypted(['aes-xts-plain64']), image: holding('dm_crypt', 'aesni_intel') };
    expect(said(cryptoDriverMissing, facts(spec))).toMatchObject([
      { severity: 'warning', evidence: { driver: 'xts', in_its_place: 'aesni_intel' } },
    ]);
  });
  test('before Linux 5.2 an algorithm that no module claims is taken for built in', () => {
    const index = hostIndex({ builtin: new Set(['ext4']), builtinAliases: new Map() });
    const spec = {
      storage: encrypted(['aes-cbc-essiv:sha256']),
      kernel: { index },
      image: {
        ...holding('dm_crypt', 'aesni_intel'),
        index: { builtin: new Set<string>(), builtinAliases: new Map<string, never>() },
      },
    };
    expect(said(cryptoDriverMissing, facts(spec))).toEqual([]);
  });
  test('a cipher that could not be read matters where the usual one would not work', () => {
    expect(said(cryptoDriverMissing, facts({ storage: encrypted([]), image: holding('dm_crypt') }))).toMatchObject([
      { defect: false, what: 'whether the kernel has the cipher of /dev/mapper/root' },
    ]);
    expect(said(cryptoDriverMissing, facts({ storage: encrypted([]), image: holding('dm_crypt', 'xts') }))).toEqual([]);
  });
  test('a host without encryption needs none of it', () => {
    expect(said(cryptoDriverMissing, facts())).toEqual([]);
  });
});

describe('input_driver_missing', () => {
  const pci = '/sys/devices/pci0000:00/0000:00:14.0';
  const bound = (name: string, device: string, modalias: string | null = null): BoundDriver => ({
    name,
    module: true,
    modalias,
    device,
  });
  const usb = [
    bound('hid_generic', `${pci}/usb1/1-1/1-1:1.0/0003:046D:C31C.0001`, 'hid:b0003g0001v0000046Dp0000C31C'),
    bound('usbhid', `${pci}/usb1/1-1/1-1:1.0`, 'usb:v046DpC31Cd6402dc00dsc00dp00ic03isc01ip01in00'),
    bound('usbcore', `${pci}/usb1/1-1`),
    bound('usbcore', `${pci}/usb1`),
    bound('xhci_pci', pci, 'pci:v00008086d0000A36Dsv00001028sd00000869bc0Csc03i30'),
  ];
  const ps2 = [
    bound('atkbd', '/sys/devices/platform/i8042/serio0', 'serio:ty06pr00id00ex00'),
    bound('i8042', '/sys/devices/platform/i8042', 'platform:i8042'),
  ];
  const spec = (
    keyboards: readonly BoundDriver[],
    modules: readonly string[] = [],
    cmdline = 'root=/dev/mapper/root',
  ) => ({
    storage: encrypted(['aes-xts-plain64'], { passphrase: true, keyboards }),
    image: holding(...modules),
    cmdline,
  });

  test('the only keyboard is on USB, and its driver is not in the image', () => {
    const keyed = { ...spec(usb, ['xhci_pci', 'hid_generic']), cmdline: `${CMDLINE} rd.luks.key=/etc/root.key` };
    expect(said(inputDriverMissing, facts(keyed))).toEqual([]);
    expect(said(inputDriverMissing, facts(spec(usb, ['xhci_pci', 'hid_generic'])))).toEqual([
      {
        defect: true,
        severity: 'fatal',
        message: 'A passphrase must be typed, and the image lacks usbhid for every keyboard.',
        evidence: {
          missing: ['usbhid'],
          keyboards: [{ device: usb[0]?.device, missing: ['usbhid'] }],
          serial_console: false,
        },
      },
    ]);
  });
  test('all of its chain is there', () => {
    expect(said(inputDriverMissing, facts(spec(usb, ['xhci_pci', 'usbhid', 'hid_generic'])))).toEqual([]);
  });
  test('a second keyboard works, as PS/2 is built in', () => {
    expect(said(inputDriverMissing, facts(spec([...usb, ...ps2])))).toMatchObject([{ severity: 'warning' }]);
    expect(said(inputDriverMissing, facts(spec(ps2)))).toEqual([]);
  });
  test('a serial console is another way to type', () => {
    expect(said(inputDriverMissing, facts(spec(usb, [], CMDLINE)))).toMatchObject([{ severity: 'warning' }]);
  });
  test('no passphrase, no keyboard', () => {
    const unattended = { ...spec(usb), storage: encrypted([], { passphrase: false, keyboards: usb }) };
    expect(said(inputDriverMissing, facts(unattended))).toEqual([]);
  });
  test('no keyboard seen: any way to type will do, and with none it is unknown', () => {
    expect(said(inputDriverMissing, facts(spec([])))).toEqual([]); // i8042 and atkbd are built in
    const image = { index: { builtin: new Set(['ext4']) } };
    const kernel = { index: hostIndex(image.index) };
    expect(said(inputDriverMissing, facts({ ...spec([]), kernel, image }))).toMatchObject([{ defect: false }]);
  });
});
