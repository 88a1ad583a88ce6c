import { describe, expect, test } from '@jest/globals';
import { crypttabStale } from '../../../../src/boot/checks/crypttab-stale.ts';
import { dracutModuleAbsent } from '../../../../src/boot/checks/dracut-module-absent.ts';
import { fipsHmac } from '../../../../src/boot/checks/fips-hmac.ts';
import { imageStale } from '../../../../src/boot/checks/image-stale.ts';
import { lvmDevicesStale } from '../../../../src/boot/checks/lvm-devices-stale.ts';
import { mdadmStale } from '../../../../src/boot/checks/mdadm-stale.ts';
import { multipathStale } from '../../../../src/boot/checks/multipath-stale.ts';
import { CMDLINE, facts, K, node, soundKernel, soundStorage, virtioDisk } from '../facts.ts';
import { MODULE_FILES } from '../modules.ts';
import { observe, severities } from '../observe.ts';

const DRACUT = facts().image!.dracut!;
const LUKS = 'dddddddd-0000-4000-8000-000000000004';
const stack = (...middle: Parameters<typeof node>[0][]) => ({
  nodes: [
    node({ id: 'fs:/', kind: 'filesystem', type: 'ext4', mountPoints: ['/'], below: [middle[0]?.id ?? 'vda'] }),
    ...middle.map((over, at) => node({ below: [middle[at + 1]?.id ?? 'vda'], ...over })),
    virtioDisk(),
  ],
});

describe('the crypttab in the image', () => {
  const storage = stack(
    { id: 'dm-0', kind: 'crypt', name: '/dev/mapper/cryptroot' },
    { id: 'vda2', kind: 'partition', uuid: LUKS },
  );
  const crypttab = (image: string, host: string) =>
    facts({ storage, files: { crypttab: host }, image: { files: { 'etc/crypttab': { text: image } } } });

  test('is stale where the host’s names a key that it does not', () => {
    const spec = crypttab(
      `cryptroot /dev/disk/by-uuid/${LUKS} none luks\n`,
      `cryptroot UUID=${LUKS} /etc/keys/root.key luks\n`,
    );
    expect(observe(crypttabStale, spec).defects).toEqual([
      {
        defect: true,
        message: 'The image’s crypttab has another key file for cryptroot, which / is on, than the host’s.'.replace(
          /’/g,
          "'",
        ),
        evidence: {
          volume: 'cryptroot',
          path: 'etc/crypttab',
          image: `cryptroot /dev/disk/by-uuid/${LUKS} none luks`,
          host: `cryptroot UUID=${LUKS} /etc/keys/root.key luks`,
          differences: ['key file'],
        },
      },
    ]);
  });

  test('is fatal where it names a device that is gone', () => {
    const spec = crypttab(
      'cryptroot UUID=99999999-0000-4000-8000-000000000009 none luks',
      `cryptroot UUID=${LUKS} none luks`,
    );
    expect(severities(crypttabStale, spec)).toEqual(['fatal']);
    const listing = (words: string) => ({ ...spec, cmdline: facts({ cmdline: `${CMDLINE} ${words}` }).cmdline });
    expect(severities(crypttabStale, listing('rd.luks.uuid=luks-99999999-0000-4000-8000-000000000009'))).toEqual([
      'fatal',
    ]);
    // The line is then of a volume that is not listed, and passed over.
    expect(severities(crypttabStale, listing(`rd.luks.uuid=${LUKS}`))).toEqual(['warning']);
    expect(severities(crypttabStale, listing(`rd.luks.name=${LUKS}=cryptroot`))).toEqual(['warning']);
  });

  test.each([
    [
      'it says the same in dracut’s words',
      `cryptroot /dev/disk/by-uuid/${LUKS} - luks`,
      `cryptroot UUID=${LUKS} none luks,discard`,
    ],
    [
      'another volume differs, which / is not on',
      `home UUID=1 none luks\ncryptroot UUID=${LUKS}`,
      `home UUID=2 none luks\ncryptroot UUID=${LUKS}`,
    ],
  ])('is no matter where %s', (_, image, host) => {
    expect(observe(crypttabStale, crypttab(image, host)).defects).toEqual([]);
  });
});

describe('the list of volumes in an image of initramfs-tools', () => {
  const storage = stack(
    { id: 'dm-0', kind: 'crypt', name: '/dev/mapper/cryptroot' },
    { id: 'vda2', kind: 'partition', uuid: LUKS },
  );
  const list = (image: string, host: string) =>
    facts({ storage, files: { crypttab: host }, image: { files: { 'cryptroot/crypttab': { text: image } } } });

  test('names the same device and its key in its own way', () => {
    const spec = list(
      `cryptroot UUID=${LUKS} /cryptroot/keyfiles/cryptroot.key luks`,
      'cryptroot /dev/vda2 /etc/root.key luks',
    );
    expect(observe(crypttabStale, spec).defects).toEqual([]);
  });

  test('is fatal where the device is gone', () => {
    const spec = list(
      'cryptroot UUID=99999999-0000-4000-8000-000000000009 none luks',
      `cryptroot UUID=${LUKS} none luks`,
    );
    expect(observe(crypttabStale, spec).defects[0]).toMatchObject({
      severity: 'fatal',
      evidence: { path: 'cryptroot/crypttab' },
    });
  });
});

describe('the mdadm.conf in the image', () => {
  const UUID = 'aaaaaaaa:bbbbbbbb:cccccccc:dddddddd';
  const storage = stack({ id: 'md0', kind: 'md', name: '/dev/md0', uuid: UUID, details: ['raid1'] });
  const conf = (image: string, host: string, cmdline = 'root=UUID=1') =>
    facts({ storage, cmdline, files: { mdadmConf: host }, image: { files: { 'etc/mdadm.conf': { text: image } } } });
  const own = `HOMEHOST <system>\nARRAY /dev/md0 metadata=1.2\n  UUID=${UUID}\n`;
  const other = 'ARRAY /dev/md1 UUID=11111111:22222222:33333333:44444444\n';

  test('is stale where it lists other arrays and not the one that / is on', () => {
    const { defects } = observe(mdadmStale, conf(other, own + other));
    expect(defects[0]?.evidence).toMatchObject({
      path: 'etc/mdadm.conf',
      array_uuid: 'aaaaaaaabbbbbbbbccccccccdddddddd',
    });
    expect(severities(mdadmStale, conf(other, own + other))).toEqual(['warning']);
  });

  test('is fatal where root= goes by the name that it gives', () => {
    expect(severities(mdadmStale, conf(other, own, 'root=/dev/md0'))).toEqual(['fatal']);
  });

  test.each([
    ['it is the same but for comments', `# made by dracut\n${own}`, own],
    ['it lists no array, and mdadm takes what it finds', 'HOMEHOST <system>\n', own],
  ])('is no matter where %s', (_, image, host) => {
    expect(observe(mdadmStale, conf(image, host)).defects).toEqual([]);
  });
});

describe('the multipath.conf in the image', () => {
  const storage = stack({ id: 'dm-0', kind: 'multipath', name: '/dev/mapper/mpatha' });
  const conf = (image: string | null, host: string, cmdline = CMDLINE) =>
    facts({
      cmdline,
      storage,
      files: { multipathConf: host },
      image: { files: { 'etc/multipath.conf': image === null ? null : { text: image } } },
    });

  test('is stale where its defaults differ', () => {
    const { defects } = observe(
      multipathStale,
      conf('defaults {\n user_friendly_names yes\n}\n', 'defaults {\n user_friendly_names no\n}\n'),
    );
    expect(defects[0]?.evidence).toMatchObject({
      sections: ['defaults'],
      image: { defaults: 'user_friendly_names yes' },
    });
  });

  test('is fatal where root= has the name that the host gives, and the image gives another', () => {
    const named = 'defaults {\n user_friendly_names yes\n}\n';
    const told = (image: string | null, cmdline: string) => severities(multipathStale, conf(image, named, cmdline));
    expect(told(null, 'root=/dev/mapper/mpatha ro')).toEqual(['fatal']);
    expect(told('defaults {\n}\n', 'root=/dev/mapper/mpatha ro')).toEqual(['fatal']);
    expect(told(null, 'root=UUID=1 ro')).toEqual(['warning']);
    expect(told(named, 'root=/dev/mapper/mpatha ro')).toEqual([]);
  });

  test('is told section by section, and is the same however it is set out', () => {
    const image = 'defaults {\n user_friendly_names "yes"\n}\ndevices {\n device {\n  vendor A\n }\n}\n';
    const host = (vendor: string) =>
      `# as it is now\ndefaults\n{\n\tuser_friendly_names yes\n}\ndevices {\n\tdevice {\n\t\tvendor "${vendor}"\n\t}\n}`;
    expect(observe(multipathStale, conf(image, host('A'))).defects).toEqual([]);
    expect(observe(multipathStale, conf(image, host('B'))).defects[0]?.evidence).toMatchObject({
      image: { devices: 'device { vendor A }' },
      host: { devices: 'device { vendor B }' },
    });
  });

  test('is no matter where only its blacklist differs: dracut writes its own', () => {
    const host = 'defaults {\n find_multipaths "on" # as it was\n}\n';
    expect(observe(multipathStale, conf(`${host}blacklist {\n wwid ".*"\n}\n`, host)).defects).toEqual([]);
  });
});

describe('the LVM devices file in the image', () => {
  const PV = 'AbCdEf-0123-4567-89ab-cdef-GhIj-KlMnOp';
  const ID = PV.replace(/-/g, '');
  const nodes = soundStorage().nodes.map((other) => (other.id === 'vda2' ? { ...other, uuid: PV } : other));
  const OTHER = 'IDTYPE=devname IDNAME=/dev/vdb PVID=0123456789abcdefghijklmnopqrstuv';
  const devices = (text: string, conf = '# This has an automatic default value.\n\t# use_devicesfile = 1\n') =>
    facts({
      storage: { nodes },
      files: { lvmDevices: `IDTYPE=sys_wwid IDNAME=x DEVNAME=/dev/vda2 PVID=${ID}` },
      image: { files: { 'etc/lvm/devices/system.devices': { text }, 'etc/lvm/lvm.conf': { text: conf } } },
    });

  test('is fatal where it does not list the disk that / is on', () => {
    const { defects } = observe(
      lvmDevicesStale,
      devices(
        'VERSION=1.1.2\nIDTYPE=sys_wwid IDNAME=y DEVNAME=/dev/vdb PVID=0123456789abcdefghijklmnopqrstuv PART=2\n',
      ),
    );
    expect(defects[0]?.evidence).toEqual({
      path: 'etc/lvm/devices/system.devices',
      device: '/dev/vda2',
      pv_id: ID,
      listed: ['0123456789abcdefghijklmnopqrstuv'],
      host_lists_it: true,
    });
  });

  test.each([
    ['lists it', `IDTYPE=devname IDNAME=/dev/sda2 DEVNAME=/dev/sda2 PVID=${ID} PART=2`, undefined],
    [
      'lists its device with an older id, which LVM puts right',
      'IDTYPE=sys_wwid IDNAME=x DEVNAME=/dev/sda2 PVID=0123456789abcdefghijklmnopqrstuv',
      undefined,
    ],
    ['is not used', OTHER, 'devices {\n  use_devicesfile = 0\n}\n'],
    ['is not used, which is the default', OTHER, 'devices {\n  # use_devicesfile = 0\n}\n'],
  ])('is no matter where it %s', (_, text, conf) => {
    expect(observe(lvmDevicesStale, devices(text, conf))).toEqual({ defects: [], unknowns: [] });
  });

  test.each([
    ['lists nothing: LVM uses no device then', '# LVM uses devices listed in this file.\n', [], 'lists nothing'],
    ['is empty', '', [], 'lists nothing'],
    ['lists what is on no device', 'IDTYPE=devname IDNAME=. DEVNAME=. PVID=.', [], 'does not list it'],
    ['lists another partition of its device', 'IDTYPE=sys_wwid IDNAME=x PVID=b PART=3', ['b'], 'does not list it'],
    ['lists its name alone, with another id', 'IDTYPE=devname IDNAME=/dev/vda2 PVID=b', ['b'], 'does not list it'],
  ])('is fatal where it %s', (_, text, listed, says) => {
    expect(observe(lvmDevicesStale, devices(text)).defects).toMatchObject([
      { message: expect.stringContaining(says) as unknown, evidence: { listed } },
    ]);
  });

  test('leaves nothing open where it lists nothing, whatever is known of the device', () => {
    expect(
      observe(
        lvmDevicesStale,
        facts({
          image: {
            files: {
              'etc/lvm/devices/system.devices': { text: '' },
              'etc/lvm/lvm.conf': { text: 'devices/use_devicesfile = 1' },
            },
          },
        }),
      ).defects,
    ).toMatchObject([{ evidence: { pv_id: null, listed: [] } }]);
  });

  test('bears the name that lvm.conf gives it', () => {
    const named = devices(OTHER, 'devices { use_devicesfile = 1 devicesfile = "disks" }');
    expect(observe(lvmDevicesStale, named)).toEqual({ defects: [], unknowns: [] });
    const files = {
      'etc/lvm/devices/disks': { text: OTHER },
      'etc/lvm/lvm.conf': { text: 'devices { use_devicesfile = 1 devicesfile = "disks" }' },
    };
    expect(observe(lvmDevicesStale, facts({ storage: { nodes }, image: { files } })).defects).toMatchObject([
      { evidence: { path: 'etc/lvm/devices/disks', host_lists_it: null } },
    ]);
  });

  test('is used by default where dracut takes out the lvm.conf that says otherwise', () => {
    const conf = '# use_devicesfile = 1\ndevices { use_devicesfile = 0 }';
    const out = {
      ...devices(OTHER, conf),
      cmdline: facts({ cmdline: 'root=/dev/mapper/vg0-root rd.lvm.conf=0' }).cmdline,
    };
    expect(observe(lvmDevicesStale, devices(OTHER, conf)).defects).toEqual([]);
    expect(observe(lvmDevicesStale, out).defects).toHaveLength(1);
  });

  test('is not held against a device of which udev does not say what it is', () => {
    const unnamed = nodes.map((other) => (other.id === 'vda2' ? { ...other, uuid: null } : other));
    const all = devices(OTHER);
    const { defects, unknowns } = observe(lvmDevicesStale, {
      ...all,
      host: { ...all.host, storage: { ...all.host.storage, nodes: unnamed } },
    });
    expect(defects).toEqual([]);
    expect(unknowns).toMatchObject([{ reason: expect.stringContaining('ID_FS_UUID') as unknown }]);
  });

  test('may be used or not, where no lvm.conf tells', () => {
    const { defects, unknowns } = observe(lvmDevicesStale, devices(OTHER, ''));
    expect(defects).toEqual([]);
    expect(unknowns).toMatchObject([{ what: expect.stringContaining('/dev/vda2') as unknown }]);
  });
});

describe('FIPS mode', () => {
  const BOOT = 'UUID=aaaaaaaa-0000-4000-8000-000000000001';
  const HMAC = `/boot/.vmlinuz-${K}.hmac`;
  const fips = (
    words: string,
    hmac: { path: string; matches: boolean | null } | null,
    modules = [...DRACUT.modules, 'fips'],
  ) =>
    facts({
      cmdline: `${CMDLINE} ${words}`,
      kernel: { vmlinuz: { ...soundKernel().vmlinuz!, hmac } },
      image: { over: { dracut: { ...DRACUT, modules } } },
    });

  test.each([
    ['the checksum file is absent', `fips=1 boot=${BOOT}`, null, 'has no checksum file beside it'],
    ['the kernel does not match it', `fips=1 boot=${BOOT}`, { path: HMAC, matches: false }, 'does not match'],
    [
      'boot= is left out and /boot is a file system of its own',
      'fips=1',
      { path: HMAC, matches: true },
      'has no boot=',
    ],
    [
      'boot= names no device of this host',
      'fips=1 boot=UUID=9',
      { path: HMAC, matches: true },
      'names a device that this host does not have',
    ],
  ])('halts where %s', (_, words, hmac, message) => {
    expect(observe(fipsHmac, fips(words, hmac)).defects.map((defect) => defect.message)).toEqual([
      expect.stringContaining(message),
    ]);
  });

  test('passes where both are right', () => {
    expect(observe(fipsHmac, fips(`fips=1 boot=${BOOT}`, { path: HMAC, matches: true }))).toEqual({
      defects: [],
      unknowns: [],
    });
  });

  test.each([
    ['it is off', 'quiet', undefined],
    ['fips=0', 'fips=0', undefined],
    ['the check is skipped', 'fips=1 rd.fips.skipkernel', undefined],
    ['the image does not look', 'fips=1', DRACUT.modules],
  ])('asks for nothing where %s', (_, words, modules) => {
    expect(observe(fipsHmac, fips(words, null, modules === undefined ? undefined : [...modules])).defects).toEqual([]);
  });

  test('is not decided where the checksum could not be worked out', () => {
    expect(observe(fipsHmac, fips(`fips=1 boot=${BOOT}`, { path: HMAC, matches: null })).unknowns).toHaveLength(1);
  });
});

describe("dracut's configuration", () => {
  const conf = (text: string) =>
    facts({ files: { dracutConf: new Map([['/etc/dracut.conf.d/90-site.conf', { text, mtime: 0 }]]) } });

  test('asks for a module that is not installed', () => {
    expect(
      observe(dracutModuleAbsent, conf('# site\nadd_dracutmodules+=" lvm nvmf-odd " # both\n')).defects[0]?.evidence,
    ).toEqual({
      path: '/etc/dracut.conf.d/90-site.conf',
      line: 2,
      setting: 'add_dracutmodules',
      module: 'nvmf-odd',
    });
  });

  test.each([
    'add_dracutmodules+=" lvm crypt "',
    '#add_dracutmodules+=" odd "',
    'omit_dracutmodules+=" odd "',
    'add_dracutmodules+="$EXTRA"',
  ])('asks for nothing absent in %s', (text) => {
    expect(observe(dracutModuleAbsent, conf(text)).defects).toEqual([]);
  });

  test('is not read where dracut is not the generator', () => {
    const spec = conf('add_dracutmodules+=" odd "');
    expect(
      observe(dracutModuleAbsent, {
        ...spec,
        host: { ...spec.host, generator: { name: 'initramfs-tools', version: null, modules: [] } },
      }).defects,
    ).toEqual([]);
  });
});

describe('an image that is older than what it was made from', () => {
  const MADE = 1_700_000_100;

  test('is stale where dracut’s configuration is newer', () => {
    const dracutConf = new Map([['/etc/dracut.conf.d/90-site.conf', { text: '', mtime: MADE + 60 }]]);
    expect(observe(imageStale, facts({ files: { dracutConf } })).defects).toEqual([
      {
        defect: true,
        message: `/boot/initramfs-${K}.img is older than /etc/dracut.conf.d/90-site.conf, which it is made from.`,
        evidence: {
          image: `/boot/initramfs-${K}.img`,
          image_mtime: MADE,
          newer: [{ path: '/etc/dracut.conf.d/90-site.conf', mtime: MADE + 60 }],
          newer_count: 1,
        },
      },
    ]);
  });

  test('is stale where a module that it holds was built anew, not where another was', () => {
    const rebuilt = (name: string) => ({
      kernel: {
        modules: MODULE_FILES.map((file) => (file.path.endsWith(`/${name}.ko`) ? { ...file, mtime: MADE + 60 } : file)),
      },
    });
    expect(observe(imageStale, facts(rebuilt('virtio_blk'))).defects[0]?.evidence.newer).toEqual([
      { path: `/usr/lib/modules/${K}/kernel/drivers/block/virtio_blk.ko`, mtime: MADE + 60 },
    ]);
    expect(observe(imageStale, facts(rebuilt('xfs'))).defects).toEqual([]);
  });

  test('is not stale for files of layers that / is not on', () => {
    const mtimes = new Map([
      ['/etc/crypttab', MADE + 60],
      ['/etc/fstab', MADE + 60],
    ]);
    expect(observe(imageStale, facts({ files: { mtimes } })).defects).toEqual([]);
  });

  test('is not stale where microcode beside it is younger', () => {
    const files = [{ path: '/boot/ucode.img', size: 1, mtime: MADE - 9_000_000_000 }, ...facts().image!.files];
    const segments = facts().image!.segments.map((segment) => ({ ...segment, file: 1 }));
    expect(observe(imageStale, facts({ image: { over: { files, segments } } })).defects).toEqual([]);
  });
});
