import { describe, expect, test } from '@jest/globals';
import { bcacheMissing } from '../../../../src/boot/checks/bcache-missing.ts';
import { btrfsMissing } from '../../../../src/boot/checks/btrfs-missing.ts';
import { cryptMissing } from '../../../../src/boot/checks/crypt-missing.ts';
import { iscsiMissing } from '../../../../src/boot/checks/iscsi-missing.ts';
import { lvmMissing } from '../../../../src/boot/checks/lvm-missing.ts';
import { mdraidMissing } from '../../../../src/boot/checks/mdraid-missing.ts';
import { multipathMissing } from '../../../../src/boot/checks/multipath-missing.ts';
import { nfsMissing } from '../../../../src/boot/checks/nfs-missing.ts';
import type { StorageNode } from '../../../../src/host/types.ts';
import { facts, node, virtioDisk, type FactsSpec } from '../facts.ts';
import { type FileSpec } from '../image.ts';
import { MODULE_FILES, moduleFacts } from '../modules.ts';
import { observe, severities } from '../observe.ts';

const EXECUTABLE: FileSpec = { mode: 0o100755, size: 4_096 };
const DRACUT = facts().image!.dracut!;

/** `/` on one layer on a virtio disk, and the image of the sound host. */
function on(
  layer: StorageNode,
  files: Record<string, FileSpec | null> = {},
  modules: readonly string[] = [],
  spec: FactsSpec = {},
) {
  return facts({
    storage: {
      nodes: [
        node({ id: 'fs:/', kind: 'filesystem', name: layer.name, type: 'ext4', mountPoints: ['/'], below: [layer.id] }),
        layer,
        virtioDisk(),
      ],
    },
    image: { files, over: { dracut: { ...DRACUT, modules: [...DRACUT.modules, ...modules] } } },
    ...spec,
  });
}

const lv = node({ id: 'dm-0', kind: 'lvm_lv', name: '/dev/mapper/vg0-root', vg: 'vg0', lv: 'root', below: ['vda'] });
const luks = node({
  id: 'dm-0',
  kind: 'crypt',
  name: '/dev/mapper/luks-1',
  details: ['aes-xts-plain64'],
  below: ['vda'],
});
const md = node({ id: 'md0', kind: 'md', name: '/dev/md0', details: ['raid1'], below: ['vda'] });
const mpath = node({ id: 'dm-0', kind: 'multipath', name: '/dev/mapper/mpatha', below: ['vda'] });

describe('LVM below /', () => {
  test.each([
    ['the program lvm', { 'usr/sbin/lvm': null }],
    ["udev's rules for it (64-lvm.rules)", { 'usr/lib/udev/rules.d/64-lvm.rules': null }],
  ])('is not activated without %s', (missing, files) => {
    expect(observe(lvmMissing, facts({ image: { files } })).defects[0]).toMatchObject({
      message: `The image cannot assemble LVM: ${missing} is not in it.`,
      evidence: { layer: 'lvm', missing: [missing], because: 'lvm, because /dev/mapper/vg0-root holds /' },
    });
  });

  test('is not activated where dracut left its module out', () => {
    const over = { dracut: { ...DRACUT, modules: ['systemd', 'base', 'rootfs-block'] } };
    expect(observe(lvmMissing, facts({ image: { over } })).defects[0]?.evidence.missing).toEqual([
      "dracut's module lvm",
    ]);
  });

  test('is activated by lvm2’s own rules', () => {
    const text =
      'IMPORT{program}="/usr/sbin/lvm pvscan --cache --listvg --vgonline --autoactivation event $env{DEVNAME}"\n';
    const files = { 'usr/lib/udev/rules.d/64-lvm.rules': null, 'usr/lib/udev/rules.d/69-dm-lvm.rules': { text } };
    expect(observe(lvmMissing, on(lv, files)).defects).toEqual([]);
  });

  test('is not activated by rules that only name its devices, nor by a program that is not there', () => {
    const names = 'IMPORT{program}="/sbin/dmsetup splitname --nameprefixes $env{DM_NAME}"\n';
    const files = { 'usr/lib/udev/rules.d/64-lvm.rules': null, 'usr/lib/udev/rules.d/56-lvm.rules': { text: names } };
    expect(observe(lvmMissing, on(lv, files)).defects[0]?.evidence.missing).toEqual([
      "udev's rules for it (64-lvm.rules)",
    ]);
    expect(observe(lvmMissing, on(lv, { 'usr/sbin/lvm_scan': null })).defects[0]?.evidence.missing).toEqual([
      'the program /sbin/lvm_scan',
    ]);
    const marks = {
      'usr/sbin/lvm_scan': null,
      'usr/lib/udev/rules.d/65-marks.rules': { text: `RUN+="/bin/sh -c '>/tmp/.lvm_scan-%k;'"\n` },
    };
    expect(observe(lvmMissing, on(lv, marks)).defects).toHaveLength(1);
  });

  test('is waited for by the names that dracut was told, which rules must give it', () => {
    const unnamed = (cmdline: string) =>
      observe(lvmMissing, on(lv, { 'usr/lib/udev/rules.d/11-dm-lvm.rules': null }, [], { cmdline }));
    expect(unnamed('root=/dev/mapper/vg0-root').defects).toEqual([]);
    expect(unnamed('root=/dev/mapper/vg0-root rd.lvm.lv=vg0/root').defects[0]?.evidence.missing).toEqual([
      "udev's rules that name logical volumes (11-dm-lvm.rules, 56-lvm.rules)",
    ]);
  });

  test.each([
    ["udev's rules that name device-mapper devices (10-dm.rules, 55-dm.rules)", '10-dm.rules'],
    ["udev's rules for it (95-dm-notify.rules)", '95-dm-notify.rules'],
  ])('is waited for without end where nothing answers or names it: %s', (missing, rules) => {
    for (const layer of [lv, luks]) {
      const check = layer === lv ? lvmMissing : cryptMissing;
      const found = observe(check, on(layer, { [`usr/lib/udev/rules.d/${rules}`]: null })).defects[0];
      expect(found?.evidence.missing).toContain(missing);
    }
    expect(observe(lvmMissing, on(lv, { 'usr/sbin/dmsetup': null })).defects[0]?.evidence.missing).toEqual([
      'the program /usr/sbin/dmsetup',
    ]);
  });

  test('is not there, and its programs are not missed', () => {
    const plain = {
      nodes: [node({ id: 'fs:/', kind: 'filesystem', type: 'ext4', mountPoints: ['/'], below: ['vda'] }), virtioDisk()],
    };
    expect(observe(lvmMissing, facts({ storage: plain, image: { files: { 'usr/sbin/lvm': null } } })).defects).toEqual(
      [],
    );
  });
});

describe('encryption below /', () => {
  const units = 'usr/lib/systemd/system';
  const asker: Record<string, FileSpec> = {
    [`${units}/systemd-ask-password-console.path`]: { text: '[Path]\nDirectoryNotEmpty=/run/systemd/ask-password\n' },
    [`${units}/systemd-ask-password-console.service`]: {
      text: '[Service]\nExecStart=systemd-tty-ask-password-agent\n',
    },
    'usr/bin/systemd-tty-ask-password-agent': EXECUTABLE,
  };
  const systemd: Record<string, FileSpec> = {
    ...asker,
    'usr/lib/systemd/systemd-cryptsetup': EXECUTABLE,
    'usr/lib/systemd/system-generators/systemd-cryptsetup-generator': EXECUTABLE,
  };

  test('is not unlocked by cryptsetup alone where the image runs systemd', () => {
    const { defects } = observe(cryptMissing, on(luks, { ...asker, 'usr/sbin/cryptsetup': EXECUTABLE }, ['crypt']));
    expect(defects[0]?.evidence.missing).toEqual([
      'the program systemd-cryptsetup',
      'the generator systemd-cryptsetup-generator',
    ]);
  });

  test('is unlocked by systemd-cryptsetup', () => {
    expect(observe(cryptMissing, on(luks, systemd, ['crypt'])).defects).toEqual([]);
    expect(observe(cryptMissing, on(luks, systemd, ['systemd-cryptsetup'])).defects).toEqual([]);
  });

  describe('that a passphrase opens', () => {
    const missing = (files: Record<string, FileSpec | null>, cmdline?: string) =>
      observe(
        cryptMissing,
        on(luks, { ...systemd, ...files }, ['crypt'], cmdline === undefined ? {} : { cmdline }),
      ).defects.flatMap(({ evidence }) => evidence.missing);
    const nobody = [expect.stringMatching(/^what asks for the passphrase/)];

    test.each(Object.keys(asker))('waits without end where nobody asks for it: no %s', (path) => {
      expect(missing({ [path]: null })).toEqual(nobody);
    });
    test('is asked for by units that are whole, or by plymouth', () => {
      const zeroed = { [`${units}/systemd-ask-password-console.path`]: { text: '\0\0\0\0' } };
      expect(missing(zeroed)).toEqual(nobody);
      const plymouth = {
        [`${units}/systemd-ask-password-plymouth.path`]: { text: '[Path]\n' },
        [`${units}/systemd-ask-password-plymouth.service`]: { text: '[Service]\n' },
        'usr/sbin/plymouthd': EXECUTABLE,
      };
      expect(missing({ ...zeroed, ...plymouth })).toEqual([]);
    });
    test('is not asked for where something else opens it', () => {
      const mute = { 'usr/bin/systemd-tty-ask-password-agent': null };
      const root = 'root=/dev/mapper/luks-1';
      expect(missing(mute, `${root} rd.luks.key=/etc/key`)).toEqual([]);
      expect(missing(mute, `${root} rd.luks.options=discard,tpm2-device=auto`)).toEqual([]);
      expect(missing({ ...mute, 'usr/bin/clevis': EXECUTABLE })).toEqual([]);
      expect(missing({ ...mute, 'etc/cryptsetup-keys.d/root.key': { text: 'k' } })).toEqual([]);
      expect(missing({ ...mute, 'etc/crypttab': { text: 'luks-1 UUID=1 /etc/key luks\n' } })).toEqual([]);
      expect(missing({ ...mute, 'etc/crypttab': { text: '# none\nluks-1 UUID=1 none luks\n' } })).toEqual(nobody);
    });
  });

  test('is unlocked by cryptsetup where the image runs dracut’s own init', () => {
    const files = {
      'usr/lib/systemd/systemd': null,
      init: { ...EXECUTABLE, type: 'file', interpreter: '/bin/sh' },
      'usr/sbin/cryptsetup': EXECUTABLE,
    } as const;
    expect(observe(cryptMissing, on(luks, files, ['crypt'])).defects).toEqual([]);
  });
});

describe('RAID below /', () => {
  test('is not assembled without mdadm', () => {
    expect(observe(mdraidMissing, on(md)).defects[0]?.evidence).toMatchObject({
      missing: ['the program mdadm', "dracut's module mdraid", "udev's rules for it (65-md-incremental-imsm.rules)"],
      because: 'md, because /dev/md0 holds /',
    });
  });

  test('is assembled with it', () => {
    const rules = (text: string) => ({
      'usr/sbin/mdadm': EXECUTABLE,
      'usr/lib/udev/rules.d/65-md-incremental-imsm.rules': { text },
    });
    const missing = (text: string) =>
      observe(mdraidMissing, on(md, rules(text), ['mdraid'])).defects.flatMap(({ evidence }) => evidence.missing);
    expect(missing('RUN+="/sbin/mdadm -I $env{DEVNAME}"\n')).toEqual([]);
    const other =
      'ACTION=="remove", RUN+="/sbin/mdadm -I $name"\nIMPORT{program}="/sbin/mdadm --detail --export $devnode"\nRUN+="/sbin/mdadm -If $name"\n';
    expect(missing(other)).toEqual(["udev's rules for it (65-md-incremental-imsm.rules)"]);
  });
});

describe('btrfs below /', () => {
  const on2 = (files: Record<string, FileSpec | null>, below: readonly string[]) =>
    facts({
      storage: {
        nodes: [
          node({ id: 'fs:/', kind: 'filesystem', name: '/dev/vda', type: 'btrfs', mountPoints: ['/'], below }),
          virtioDisk(),
          { ...virtioDisk(), id: 'vdb', name: '/dev/vdb' },
        ],
      },
      image: { files },
    });
  const rule = { 'usr/lib/udev/rules.d/64-btrfs.rules': { text: 'IMPORT{builtin}="btrfs ready $devnode"\n' } };

  test('on several devices needs each told to the kernel; on one it needs nothing', () => {
    expect(severities(btrfsMissing, on2({}, ['vda', 'vdb']))).toEqual(['fatal']);
    expect(severities(btrfsMissing, on2(rule, ['vda', 'vdb']))).toEqual([]);
    expect(severities(btrfsMissing, on2({}, ['vda']))).toEqual([]);
    const text =
      'KERNEL!="dm-[0-9]*", GOTO="end"\nRUN{builtin}+="btrfs ready /dev/mapper/$env{DM_NAME}"\nLABEL="end"\n';
    const forDm = { 'usr/lib/udev/rules.d/64-btrfs-dm.rules': { text } };
    expect(severities(btrfsMissing, on2(forDm, ['vda', 'vdb']))).toEqual(['fatal']);
    expect(severities(btrfsMissing, on2({ ...forDm, ...rule }, ['vda', 'vdb']))).toEqual([]);
  });
});

describe('bcache below /', () => {
  const bcache = node({ id: 'bcache0', kind: 'bcache', name: '/dev/bcache0', type: 'bcache', below: ['vda'] });
  const RULES = 'usr/lib/udev/rules.d/69-bcache.rules';
  const PROGRAM = 'usr/lib/udev/bcache-register';
  const sound = { [RULES]: { text: 'RUN+="bcache-register $tempnode"\n' }, [PROGRAM]: EXECUTABLE };
  const missing = (files: Record<string, FileSpec | null>) =>
    observe(bcacheMissing, on(bcache, files)).defects.flatMap(({ evidence }) => evidence.missing);

  test('is registered by a rule of udev’s and its program', () => {
    expect(missing(sound)).toEqual([]);
    expect(missing({ ...sound, [RULES]: null })).toEqual(["udev's rules for it (69-bcache.rules)"]);
    expect(missing({ ...sound, [PROGRAM]: null })).toEqual(['the program /usr/lib/udev/bcache-register']);
  });

  test('is no matter where / is on something else', () => {
    expect(observe(bcacheMissing, on(lv)).defects).toEqual([]);
  });
});

describe('multipath below /', () => {
  test('leaves LVM with the same volume on every path', () => {
    const path = node({ id: 'dm-1', kind: 'multipath', name: '/dev/mapper/mpatha', below: ['vda'] });
    const root = node({ id: 'fs:/', kind: 'filesystem', type: 'ext4', mountPoints: ['/'], below: ['dm-0'] });
    const nodes = [root, { ...lv, below: ['dm-1'] }, path, virtioDisk()];
    const { defects, unknowns } = observe(multipathMissing, facts({ storage: { nodes } }));
    expect(defects.map(({ severity }) => severity)).toEqual(['warning']);
    expect(unknowns.map(({ what }) => what)).toEqual(['whether LVM activates the volume of / on one path of its disk']);
  });

  test('is fatal to miss where root= names the multipath device', () => {
    expect(severities(multipathMissing, on(mpath, {}, [], { cmdline: 'root=/dev/mapper/mpatha2' }))).toEqual(['fatal']);
  });

  describe('that the command line has left alone', () => {
    const text = '[Unit]\nConditionKernelCommandLine=!nompath\nConditionKernelCommandLine=!rd.multipath=0\n';
    const unit = { 'usr/lib/systemd/system/multipathd.service': { text } };
    const told = (cmdline: string, files: Readonly<Record<string, FileSpec | null>> = unit) =>
      observe(multipathMissing, on(mpath, files, [], { cmdline })).defects.filter(({ evidence }) => 'word' in evidence);
    const script = { 'usr/lib/systemd/systemd': null };

    test.each([
      ['nompath', unit],
      ['rd.multipath=0', unit],
      ['rd.multipath=0', script],
    ])('by %s is not there for root=', (word, files) => {
      expect(told(`root=/dev/mapper/mpatha2 ${word}`, files)).toMatchObject([
        {
          message: `root= names a multipath device, and ${word} on the command line has multipath left alone.`,
          evidence: { word, root: '/dev/mapper/mpatha2' },
        },
      ]);
    });

    test.each([
      ['root=UUID=bbbbbbbb-0000-4000-8000-000000000002 nompath', unit],
      ['root=/dev/mapper/mpatha2 multipath=off', unit],
      ['root=/dev/mapper/mpatha2 rd.multipath=1', unit],
      ['root=/dev/mapper/mpatha2 nompath', script],
    ])('is of no matter: %s', (cmdline, files) => {
      expect(told(cmdline, files)).toEqual([]);
    });
  });

  describe('is made one device by its daemon', () => {
    const UNIT = 'usr/lib/systemd/system/multipathd.service';
    const WANTED = 'etc/systemd/system/sysinit.target.wants/multipathd.service';
    const sound: Record<string, FileSpec | null> = {
      'usr/sbin/multipath': EXECUTABLE,
      'usr/sbin/multipathd': EXECUTABLE,
      'usr/lib64/multipath/libchecktur.so': EXECUTABLE,
      'usr/lib64/multipath/libprioconst.so': EXECUTABLE,
      [UNIT]: { text: '[Service]\nExecStartPre=-/sbin/modprobe dm-multipath\nExecStart=/sbin/multipathd -d -s\n' },
      [WANTED]: { target: `/${UNIT}` },
    };
    const UUID = 'root=UUID=bbbbbbbb-0000-4000-8000-000000000002';
    const told = (files: Record<string, FileSpec | null>, cmdline = 'root=/dev/mapper/mpatha2') => {
      const { defects, unknowns } = observe(
        multipathMissing,
        on(mpath, { ...sound, ...files }, ['multipath'], { cmdline }),
      );
      return [
        ...defects.map(({ evidence, severity }) => [severity, evidence.missing]),
        ...unknowns.map(({ what }) => what),
      ];
    };
    const STARTER = ['what starts multipathd (multipathd.service, which sysinit.target wants)'];

    test('which systemd starts', () => {
      expect(told({})).toEqual([]);
      expect(told({ 'usr/sbin/multipath': null })).toEqual([]);
      expect(told({ 'usr/sbin/multipathd': null })).toEqual([['fatal', ['the program multipathd']]]);
      expect(told({ 'usr/lib64/multipath/libchecktur.so': null })).toEqual([
        ['fatal', ['what multipathd checks paths with (multipath/libcheck*.so)']],
      ]);
      expect(told({ 'usr/lib64/multipath/libprioconst.so': null })).toEqual([
        ['fatal', ['what multipathd ranks paths with (multipath/libprio*.so)']],
      ]);
      expect(told({ [UNIT]: null })).toEqual([['fatal', STARTER]]);
      expect(told({ [WANTED]: null })).toEqual([['fatal', STARTER]]);
    });

    test('with the program whose answer alone makes a path of a disk', () => {
      const rules = (...lines: string[]) => ({
        'usr/lib/udev/rules.d/62-multipath.rules': { text: `${lines.join('\n')}\n` },
      });
      const asks = 'IMPORT{program}=="/usr/sbin/multipath -u %k", \\\n\tENV{.MPATH_CHECK_PASSED}="1"';
      const orNone = 'ENV{.MPATH_CHECK_PASSED}!="?*", ENV{DM_MULTIPATH_DEVICE_PATH}="0"';
      const gone = { 'usr/sbin/multipath': null };
      expect(told(rules(asks, orNone))).toEqual([]);
      expect(told({ ...gone, ...rules(asks) })).toEqual([]);
      expect(told({ ...gone, ...rules(asks, orNone) })).toEqual([
        ['fatal', ["the program /usr/sbin/multipath, by which udev's rules tell paths"]],
      ]);
    });

    test('with a path selector, which is a module of its own', () => {
      const selectors = ['service-time', 'round-robin'].map((name) => `kernel/drivers/md/dm-${name}.ko`);
      const lacking = (host: string, image: readonly string[] = []) =>
        observe(
          multipathMissing,
          on(mpath, {}, [], {
            cmdline: 'root=/dev/mapper/mpatha2',
            files: { multipathConf: host },
            kernel: { modules: [...MODULE_FILES, ...selectors.map((path) => ({ path, size: 1, mtime: 1 }))] },
            image: {
              files: sound,
              moduleFacts: ['dm_mod', ...image].map((name) => ({ ...moduleFacts('dm_mod'), name })),
              over: { dracut: { ...DRACUT, modules: [...DRACUT.modules, 'multipath'] } },
            },
          }),
        ).defects.map(({ evidence }) => evidence.missing);
      expect(lacking('')).toEqual([['dm_service_time']]);
      expect(lacking('', ['dm_service_time'])).toEqual([]);
      expect(lacking('defaults {\n # path_selector "round-robin 0"\n}\n', ['dm_service_time'])).toEqual([]);
      const conf = 'defaults {\n path_selector "round-robin 0"\n}\n';
      expect(lacking(conf, ['dm_service_time'])).toEqual([['dm_round_robin']]);
      expect(lacking(conf, ['dm_round_robin'])).toEqual([]);
    });

    test('or a script of dracut’s', () => {
      const plain = { 'usr/lib/systemd/systemd': null };
      const script = { 'usr/lib/dracut/hooks/pre-trigger/02-multipathd.sh': EXECUTABLE };
      expect(told({ ...plain, ...script })).toEqual([]);
      expect(told(plain)).toEqual([['fatal', ['the script that starts multipathd (hooks/pre-trigger)']]]);
    });

    test('without which one path does, unless udev has nothing found on it', () => {
      const gone = { 'usr/sbin/multipathd': null };
      const rules = {
        'usr/lib/udev/rules.d/62-multipath.rules': {
          text: 'IMPORT{program}="$env{MPATH_SBIN_PATH}/multipath -u %k"\n',
        },
      };
      const all = { 'etc/multipath.conf': { text: 'defaults {\n\tfind_multipaths no\n}\n' } };
      const known = { 'etc/multipath/wwids': { text: '# Valid WWIDs:\n/3600508b4000156d700012000000b0000/\n' } };
      const what = 'whether / is found on one path of its disk';
      expect(told(gone, UUID)).toEqual([['warning', ['the program multipathd']]]);
      expect(told({ ...gone, ...rules }, UUID)).toEqual([['warning', ['the program multipathd']], what]);
      expect(told({ ...gone, ...rules, ...all }, UUID)).toEqual([['fatal', ['the program multipathd']]]);
      expect(told({ ...gone, ...rules, ...known }, UUID)).toEqual([['fatal', ['the program multipathd']]]);
      // libmultipath reads nothing on the line of a brace.
      const nothing = { 'etc/multipath.conf': { text: 'defaults { find_multipaths no }\n' } };
      expect(told({ ...gone, ...rules, ...nothing }, UUID)).toEqual([['warning', ['the program multipathd']], what]);
      for (const word of ['nompath', 'multipath=off'])
        expect(told({ ...gone, ...rules, ...all }, `${UUID} ${word}`)).toEqual([
          ['warning', ['the program multipathd']],
        ]);
      expect(told({ ...gone, ...rules, ...all, 'usr/sbin/multipath': null }, UUID)).toEqual([
        ['warning', ['the program multipathd']],
      ]);
    });
  });

  test('is a warning to miss where one path will do', () => {
    expect(
      severities(multipathMissing, on(mpath, {}, [], { cmdline: 'root=UUID=bbbbbbbb-0000-4000-8000-000000000002' })),
    ).toEqual(['warning']);
  });
});

describe('a root on the network', () => {
  const nfs = node({ id: 'net', kind: 'network', name: 'server:/export', type: 'nfs4' });
  const iscsi = node({ id: 'sda', kind: 'disk', name: '/dev/sda', type: 'iscsi' });
  const offload = {
    ...iscsi,
    drivers: [{ name: 'qla4xxx', module: true, modalias: null, device: '/sys/devices/pci0000:00' }],
  };

  test('over NFS needs mount.nfs', () => {
    expect(severities(nfsMissing, on(nfs))).toEqual(['fatal']);
    expect(observe(nfsMissing, on(nfs, { 'usr/sbin/mount.nfs': EXECUTABLE }, ['nfs'])).defects).toEqual([]);
  });

  test('over iSCSI needs an initiator', () => {
    expect(severities(iscsiMissing, on(iscsi))).toEqual(['fatal']);
    expect(observe(iscsiMissing, on(iscsi, { 'usr/sbin/iscsistart': EXECUTABLE }, ['iscsi'])).defects).toEqual([]);
  });

  test('over an adapter that speaks iSCSI itself needs none', () => {
    expect(observe(iscsiMissing, on(offload)).defects).toEqual([]);
  });
});

describe('an image of initramfs-tools', () => {
  const VGCHANGE = 'ENV{LVM_VG_NAME_COMPLETE}=="?*", RUN+="/sbin/lvm vgchange -aay $env{LVM_VG_NAME_COMPLETE}"\n';
  const BY_UNIT = VGCHANGE.replace('/sbin/lvm', '/usr/bin/systemd-run /sbin/lvm');
  const PVSCAN = 'RUN+="/sbin/lvm pvscan --cache --activate ay --major $major --minor $minor"\n';
  const initramfsTools = { generator: 'initramfs-tools', dracut: null } as const;
  const spec = (layer: StorageNode, files: Record<string, FileSpec | null>) =>
    on(layer, {}, [], { image: { files, over: initramfsTools } });

  test.each([
    [lvmMissing, lv, { 'usr/lib/udev/rules.d/69-lvm.rules': { text: VGCHANGE } }],
    [lvmMissing, lv, { 'usr/lib/udev/rules.d/69-lvm-metad.rules': { text: PVSCAN } }],
    [lvmMissing, lv, { 'scripts/local-top/lvm2': EXECUTABLE }],
    [
      cryptMissing,
      luks,
      {
        'usr/sbin/cryptsetup': EXECUTABLE,
        'scripts/local-top/cryptroot': EXECUTABLE,
        'cryptroot/crypttab': { size: 70 },
      },
    ],
    [mdraidMissing, md, { 'usr/sbin/mdadm': EXECUTABLE, 'scripts/local-block/mdadm': EXECUTABLE }],
    [multipathMissing, mpath, { 'usr/sbin/multipath': EXECUTABLE, 'scripts/init-top/multipath': EXECUTABLE }],
  ] as const)('has what its own hooks bring along ($code)', (check, layer, files) => {
    expect(observe(check, spec(layer, files)).defects).toEqual([]);
    expect(observe(check, spec(layer, { 'usr/sbin/lvm': null })).defects).toHaveLength(1);
  });

  test.each([
    [
      'names a program that is not there',
      { 'usr/lib/udev/rules.d/69-lvm.rules': { text: VGCHANGE.replace('/sbin/lvm', '/usr/bin/lvm') } },
    ],
    ['leaves it to a unit', { 'usr/lib/udev/rules.d/69-lvm.rules': { text: BY_UNIT } }],
    ['is cut off before it', { 'usr/lib/udev/rules.d/69-lvm.rules': { text: 'IMPORT{program}="/sbin/lvm pvscan"\n' } }],
    ['is a script of zeros', { 'scripts/local-block/lvm2': { ...EXECUTABLE, text: '\0\0\0' } }],
    ['is a script that is cut off', { 'scripts/local-block/lvm2': { ...EXECUTABLE, text: 'if true; then\n' } }],
    ['is a script that may not be executed', { 'scripts/local-block/lvm2': { text: 'lvm vgchange -ay\n' } }],
    [
      'is a script that nothing calls',
      {
        'scripts/local-block/lvm2': { ...EXECUTABLE, text: 'lvm vgchange -ay\n' },
        'scripts/local-block/ORDER': { text: '/scripts/local-block/mdadm "$@"\n' },
      },
    ],
  ])('activates no volumes where what does so %s', (_, files) => {
    expect(observe(lvmMissing, spec(lv, files)).defects[0]?.evidence.missing).toEqual([
      'what activates it (69-lvm.rules or scripts/local-top/lvm2)',
    ]);
  });

  test.each([
    ['root=UUID=bbbbbbbb-0000-4000-8000-000000000002', 'lvm lvchange -aay "$1"', 1],
    ['root=/dev/disk/by-uuid/bbbbbbbb-0000-4000-8000-000000000002', 'lvm lvchange -aay "$1"', 1],
    ['root=/dev/mapper/vg0-root', 'lvm lvchange -aay "$1"', 0],
    ['root=/dev/vg0/root', 'lvm lvchange -aay "$1"', 0],
    ['root=UUID=bbbbbbbb-0000-4000-8000-000000000002', 'lvm vgchange -aay', 0],
  ])('%s: a script that says "%s" leaves out %d', (cmdline, text, count) => {
    const files = { 'scripts/local-block/lvm2': { ...EXECUTABLE, text } };
    expect(
      observe(lvmMissing, on(lv, {}, [], { cmdline, image: { files, over: initramfsTools } })).defects,
    ).toHaveLength(count);
  });

  test.each([
    ['the script of local-top', { 'scripts/local-top/cryptroot': null }, /scripts\/local-top\/cryptroot/],
    ['what the script reads in', { 'usr/lib/cryptsetup/functions': null }, /functions of its script/],
    [
      'the path that its functions call it by',
      {
        'usr/lib/cryptsetup/functions': { text: '/opt/../usr/sbin/x; /usr/sbin/cryptsetup open\n' },
        'usr/sbin/cryptsetup': null,
        'usr/bin/cryptsetup': EXECUTABLE,
      },
      /program \/usr\/sbin\/cryptsetup/,
    ],
    [
      'the whole of what it reads in',
      { 'usr/lib/cryptsetup/functions': { text: 'open() {\n' } },
      /functions of its script/,
    ],
    ['what asks for the passphrase', { 'usr/lib/cryptsetup/askpass': null }, /askpass/],
    ['the key script', { 'cryptroot/crypttab': { text: 'c UUID=d x luks,keyscript=passdev\n' } }, /scripts\/passdev/],
  ])('unlocks nothing without %s', (_, without, missing) => {
    const files = {
      'usr/sbin/cryptsetup': EXECUTABLE,
      'scripts/local-top/cryptroot': { ...EXECUTABLE, text: '. /lib/cryptsetup/functions\n' },
      'scripts/local-block/cryptroot': { ...EXECUTABLE, text: 'exec /scripts/local-top/cryptroot\n' },
      'usr/lib/cryptsetup/functions': { text: 'open() { /sbin/cryptsetup open; }\n' },
      'usr/lib/cryptsetup/askpass': EXECUTABLE,
      'cryptroot/crypttab': { text: 'c UUID=d none luks\n' },
    };
    expect(observe(cryptMissing, spec(luks, files)).defects).toEqual([]);
    const found = observe(cryptMissing, spec(luks, { ...files, ...without })).defects;
    expect(found[0]?.evidence.missing).toEqual([expect.stringMatching(missing)]);
  });

  test.each([
    ['root=UUID=bbbbbbbb-0000-4000-8000-000000000002', 0],
    ['root=/dev/mapper/luks-1', 1],
    ['root=/dev/disk/by-uuid/bbbbbbbb-0000-4000-8000-000000000002', 1],
  ])('%s: for want of a name of what is unlocked %d defect', (cmdline, count) => {
    const files = {
      'usr/sbin/cryptsetup': EXECUTABLE,
      'scripts/local-top/cryptroot': EXECUTABLE,
      'cryptroot/crypttab': { size: 70 },
      'usr/lib/udev/rules.d/10-dm.rules': null,
    };
    const told = on(luks, {}, [], { cmdline, image: { files, over: initramfsTools } });
    expect(observe(cryptMissing, told).defects).toHaveLength(count);
  });

  test('unlocks nothing where its list of volumes is empty', () => {
    const files = {
      'usr/sbin/cryptsetup': EXECUTABLE,
      'scripts/local-top/cryptroot': EXECUTABLE,
      'cryptroot/crypttab': { size: 0 },
    };
    expect(observe(cryptMissing, spec(luks, files)).defects[0]?.evidence.missing).toEqual([
      'the list of what to unlock (cryptroot/crypttab)',
    ]);
  });
});

describe('a storage stack that is not known', () => {
  test('leaves open whether an image without every layer will do', () => {
    const storage = { state: 'unknown', nodes: [], required: [] } as const;
    expect(observe(mdraidMissing, facts({ storage }))).toMatchObject({
      defects: [],
      unknowns: [{ what: 'whether the image can assemble what / stands on' }],
    });
    expect(observe(lvmMissing, facts({ storage }))).toEqual({ defects: [], unknowns: [] });
  });
});
