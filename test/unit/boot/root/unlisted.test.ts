import { describe, expect, test } from '@jest/globals';
import { luksKeyMissing } from '../../../../src/boot/checks/luks-key-missing.ts';
import { luksUnlisted } from '../../../../src/boot/checks/luks-unlisted.ts';
import { lvUnlisted } from '../../../../src/boot/checks/lv-unlisted.ts';
import { mdUnlisted } from '../../../../src/boot/checks/md-unlisted.ts';
import { facts, node, soundStorage, virtioDisk, type FactsSpec } from '../facts.ts';
import { observe, severities } from '../observe.ts';

const ROOT = 'root=/dev/mapper/vg0-root ro';
const INITRAMFS_TOOLS = { image: { over: { generator: 'initramfs-tools', dracut: null } } } as const;
const LUKS = 'dddddddd-0000-4000-8000-000000000004';
const ARRAY = 'aaaaaaaa:bbbbbbbb:cccccccc:dddddddd';

/** `/` on an encrypted partition. */
function encrypted() {
  return [
    node({ id: 'fs:/', kind: 'filesystem', type: 'ext4', mountPoints: ['/'], below: ['dm-0'] }),
    node({ id: 'dm-0', kind: 'crypt', name: '/dev/mapper/cryptroot', details: ['aes-xts-plain64'], below: ['vda2'] }),
    node({ id: 'vda2', kind: 'partition', uuid: LUKS, below: ['vda'] }),
    virtioDisk(),
  ];
}

describe('a logical volume that / is on', () => {
  test('is not activated where dracut is told of others', () => {
    expect(observe(lvUnlisted, facts({ cmdline: `${ROOT} rd.lvm.lv=vg0/swap` })).defects).toEqual([
      {
        defect: true,
        message: 'vg0/root, which / is on, is not among the volumes that dracut is told to activate.',
        evidence: { volume: 'vg0/root', needed_for: '/', listed: ['vg0/swap'], lvm_on: true },
      },
    ]);
  });

  test.each([`${ROOT} rd.lvm=0`, `${ROOT} rd.lvm=0 rd.lvm.lv=vg0/root`, `${ROOT} rd_NO_LVM`])(
    'is not activated by %s',
    (cmdline) => {
      expect(observe(lvUnlisted, facts({ cmdline })).defects[0]?.evidence.lvm_on).toBe(false);
    },
  );

  test.each([
    '',
    'rd.auto=0',
    'rd.lvm.lv=vg0/root',
    'rd.lvm.vg=vg0',
    'rd.auto',
    'rd.auto=1',
    'rd_LVM_LV=vg0/root',
    'rd.lvm.lv=/dev/vg0/root',
  ])('is activated by "%s"', (word) => {
    expect(observe(lvUnlisted, facts({ cmdline: `${ROOT} ${word}` })).defects).toEqual([]);
  });

  test('is activated by what dracut froze in the image', () => {
    const files = { 'etc/cmdline.d/90lvm.conf': { text: ' rd.lvm.lv=vg0/root ' } };
    expect(observe(lvUnlisted, facts({ cmdline: `${ROOT} rd.lvm.lv=vg0/swap`, image: { files } })).defects).toEqual([]);
  });

  test('is activated by lvm2’s own rules, where they are in the image', () => {
    const files = { 'usr/lib/udev/rules.d/69-dm-lvm.rules': { text: '#' } };
    expect(observe(lvUnlisted, facts({ cmdline: `${ROOT} rd.lvm=0`, image: { files } })).defects).toEqual([]);
  });

  test('is activated by initramfs-tools without a word', () => {
    expect(observe(lvUnlisted, facts({ cmdline: `${ROOT} rd.lvm=0`, ...INITRAMFS_TOOLS })).defects).toEqual([]);
  });

  test('may be listed by a variable that only the loader knows', () => {
    const cmdline = `${ROOT} rd.lvm.lv=vg0/swap`;
    const { defects, unknowns } = observe(lvUnlisted, facts({ cmdline, entry: { unresolved: ['kernelopts'] } }));
    expect(defects).toEqual([]);
    expect(unknowns[0]?.reason).toBe('the entry has variables that are not known: kernelopts');
  });

  test('brings up the hidden volumes below it', () => {
    const thin = [
      ...soundStorage().nodes.map((other) => (other.id === 'dm-0' ? { ...other, below: ['dm-1'] } : other)),
      node({
        id: 'dm-1',
        kind: 'lvm_lv',
        name: '/dev/mapper/vg0-pool-tpool',
        vg: 'vg0',
        lv: 'pool-tpool',
        below: ['vda2'],
      }),
    ];
    expect(observe(lvUnlisted, facts({ storage: { nodes: thin } })).defects).toEqual([]);
  });

  test('may be left out where only the resume device is on it', () => {
    const storage = {
      nodes: [
        ...soundStorage().nodes,
        node({ id: 'swap', kind: 'swap', below: ['dm-9'] }),
        node({ id: 'dm-9', kind: 'lvm_lv', vg: 'vg0', lv: 'swap' }),
      ],
      required: [...soundStorage().required, { id: 'swap', why: 'resume=' }],
    };
    expect(severities(lvUnlisted, facts({ storage }))).toEqual(['warning']);
  });
});

describe('an encrypted volume that / is on', () => {
  const luks = (cmdline: string, files: NonNullable<FactsSpec['image']>['files'] = {}) =>
    facts({
      cmdline,
      storage: { nodes: encrypted() },
      image: { files },
    });

  test.each([
    'root=/dev/mapper/cryptroot',
    'root=/dev/mapper/cryptroot rd.luks.uuid=luks-99999999-0000-4000-8000-000000000009',
    `root=/dev/mapper/cryptroot rd.luks.uuid=${LUKS} rd.luks=0`,
  ])('is not unlocked by %s', (cmdline) => {
    expect(observe(luksUnlisted, luks(cmdline)).defects[0]).toMatchObject({
      message: '/dev/mapper/cryptroot, which / is on, is encrypted, and nothing tells dracut to unlock it.',
      evidence: { luks_uuid: LUKS, needed_for: '/' },
    });
  });

  test.each([
    `rd.luks.uuid=luks-${LUKS}`,
    `rd.luks.uuid=${LUKS}`,
    'rd.luks.uuid=dddddddd',
    `rd.luks.name=${LUKS}=cryptroot`,
    'rd.auto',
    'rd.luks.partuuid=1234',
  ])('is unlocked by %s', (word) => {
    expect(observe(luksUnlisted, luks(`root=/dev/mapper/cryptroot ${word}`)).defects).toEqual([]);
  });

  test('is unlocked by the image’s crypttab, unless the command line lists others', () => {
    const files = { 'etc/crypttab': { text: `cryptroot /dev/disk/by-uuid/${LUKS} none luks\n` } };
    expect(observe(luksUnlisted, luks('root=/dev/mapper/cryptroot', files)).defects).toEqual([]);
    expect(observe(luksUnlisted, luks('rd.luks.uuid=99999999', files)).defects).toHaveLength(1);
    const OTHER = 'eeeeeeee-0000-4000-8000-00000000000e';
    expect(observe(luksUnlisted, luks(`rd.luks.name=${OTHER}=swap`, files)).defects).toHaveLength(1);
    expect(observe(luksUnlisted, luks(`rd.luks.name=${OTHER}=swap rd.auto`, files)).defects).toEqual([]);
  });

  test.each([
    ['rd.luks.crypttab=0', 1],
    ['luks.crypttab=no', 1],
    ['rd.luks.crypttab=0 rd.luks.crypttab=1', 0],
    ['rd.luks.crypttab', 0],
  ])('is passed over in the image’s crypttab by %s: %d', (word, count) => {
    const files = { 'etc/crypttab': { text: `cryptroot /dev/disk/by-uuid/${LUKS} none luks\n` } };
    expect(observe(luksUnlisted, luks(word, files)).defects).toHaveLength(count);
  });
});

describe('an encrypted / that systemd finds by the type of its partition', () => {
  const EXECUTABLE = { mode: 0o100755, size: 4_096 };
  const generator = { 'usr/lib/systemd/system-generators/systemd-gpt-auto-generator': EXECUTABLE };
  const told = (cmdline: string, running: string | null, files = generator) =>
    observe(
      luksUnlisted,
      facts({
        cmdline,
        storage: { nodes: encrypted() },
        image: { files },
        host: { cmdlines: { running, kernelInstall: null } },
      }),
    );

  test.each(['quiet', 'root=gpt-auto', 'root=/dev/gpt-auto-root'])(
    '%s is sound where the host came up so',
    (cmdline) => {
      expect(told(cmdline, cmdline)).toEqual({ defects: [], unknowns: [] });
    },
  );

  test.each([null, 'root=/dev/mapper/cryptroot', `quiet rd.luks.uuid=${LUKS}`])(
    'is unknown where it ran by %s',
    (by) => {
      expect(told('quiet', by)).toMatchObject({
        defects: [],
        unknowns: [{ what: 'whether /dev/mapper/cryptroot, which / is on, is unlocked' }],
      });
    },
  );

  test.each(['root=/dev/mapper/cryptroot', 'rd.luks=0'])('is not found by it: %s', (cmdline) => {
    expect(told(cmdline, cmdline).defects).toHaveLength(1);
  });
});

describe('a layer below the resume device alone', () => {
  const EXECUTABLE = { mode: 0o100755, size: 4_096 };
  const waits = {
    'usr/lib/systemd/system-generators/systemd-hibernate-resume-generator': EXECUTABLE,
    'usr/lib/systemd/system/systemd-hibernate-resume.service': { size: 200 },
    'usr/lib/systemd/libsystemd-shared-252.so': { size: 200 },
  };
  const sound = soundStorage();
  const swap = node({ id: 'swap:dm-1', kind: 'swap', name: '/dev/dm-1', type: 'swap', uuid: 'abcd', below: ['dm-1'] });
  const required = [...sound.required, { id: 'swap:dm-1', why: 'is what resume= names' }];
  const layers: readonly (readonly [string, Parameters<typeof severities>[0], ReturnType<typeof node>, string])[] = [
    ['LVM', lvUnlisted, node({ id: 'dm-1', kind: 'lvm_lv', vg: 'vg0', lv: 'swap' }), 'rd.lvm.lv=vg0/root'],
    ['LUKS', luksUnlisted, node({ id: 'dm-1', kind: 'crypt', uuid: LUKS, below: ['vda2'] }), 'quiet'],
    ['md', mdUnlisted, node({ id: 'dm-1', kind: 'md', uuid: ARRAY, below: ['vda2'] }), 'quiet'],
  ];

  test.each(layers)('%s is waited for without end by systemd', (_, check, layer, words) => {
    const severity = (more: string, files: NonNullable<FactsSpec['image']>['files'] = waits) =>
      severities(
        check,
        facts({
          cmdline: `${ROOT} ${words} ${more}`,
          storage: { nodes: [...sound.nodes, swap, layer], required },
          image: { files },
        }),
      );
    expect(severity('resume=UUID=abcd')).toEqual(['fatal']);
    expect(severity('resume=UUID=abcd noresume')).toEqual(['warning']);
    expect(severity('resume=UUID=abcd resumeflags=x-systemd.device-timeout=9')).toEqual(['warning']);
    expect(severity('')).toEqual(['warning']);
    expect(severity('resume=UUID=abcd', {})).toEqual(['warning']);
    expect(severity('resume=UUID=abcd', { ...waits, 'usr/lib/systemd/systemd': null })).toEqual(['warning']);
  });
});

describe('the key file of an encrypted volume', () => {
  const PATH = '/etc/keys/root.key';
  const luks = (words: string, files: NonNullable<FactsSpec['image']>['files'] = {}) =>
    facts({
      cmdline: `root=/dev/mapper/cryptroot rd.luks.uuid=${LUKS} ${words}`,
      storage: { nodes: encrypted() },
      image: { files },
    });

  test.each([`rd.luks.key=${PATH}`, `rd.luks.key=${LUKS}=${PATH}`, `luks.key=luks-${LUKS}=${PATH}`])(
    'has to be in the image: %s',
    (words) => {
      expect(observe(luksKeyMissing, luks(words)).defects[0]).toMatchObject({
        message: `/dev/mapper/cryptroot, which / is on, is to be unlocked with ${PATH}, which is not in the image.`,
        evidence: { path: PATH, needed_for: '/' },
      });
      expect(observe(luksKeyMissing, luks(words, { [PATH.slice(1)]: { size: 512 } })).defects).toEqual([]);
    },
  );

  test.each([
    `rd.luks.key=99999999-0000-4000-8000-000000000009=${PATH}`, // another volume's
    `rd.luks.key=${LUKS}=${PATH}:LABEL=keys`, // on a device of its own
    'rd.luks.key=/run/keys/root.key',
    `rd.luks.key=${PATH} rd.luks.options=tpm2-device=auto`,
    '',
  ])('is none that the image must have: %s', (words) => {
    expect(observe(luksKeyMissing, luks(words)).defects).toEqual([]);
  });

  test('is looked for on every disk by dracut’s own scripts', () => {
    const files = { 'usr/lib/systemd/systemd': null, init: { size: 100, interpreter: '/bin/sh' } } as const;
    expect(observe(luksKeyMissing, luks(`rd.luks.key=${PATH}`, files)).defects).toEqual([]);
  });
});

describe('a RAID array that / is on', () => {
  const md = (cmdline: string, details = ['raid1']) =>
    facts({
      cmdline,
      storage: {
        nodes: [
          node({ id: 'fs:/', kind: 'filesystem', type: 'ext4', mountPoints: ['/'], below: ['md0'] }),
          node({ id: 'md0', kind: 'md', name: '/dev/md0', details, uuid: ARRAY, below: ['vda2'] }),
          node({ id: 'vda2', kind: 'partition', below: ['vda'] }),
          virtioDisk(),
        ],
      },
    });

  test.each([
    'root=/dev/md0',
    'root=/dev/md0 rd.md.uuid=11111111:22222222:33333333:44444444',
    `rd.md=0 rd.md.uuid=${ARRAY}`,
  ])('is not assembled by %s', (cmdline) => {
    expect(severities(mdUnlisted, md(cmdline))).toEqual(['fatal']);
  });

  test.each([`rd.md.uuid=${ARRAY}`, 'rd.md.uuid=aaaaaaaa-bbbb-bbbb-cccc-ccccdddddddd', 'rd.auto=1'])(
    'is assembled by %s',
    (word) => {
      expect(observe(mdUnlisted, md(`root=/dev/md0 ${word}`)).defects).toEqual([]);
    },
  );

  test('is not judged where firmware keeps its container', () => {
    expect(observe(mdUnlisted, md('root=/dev/md126', ['raid1', 'imsm'])).defects).toEqual([]);
  });
});
