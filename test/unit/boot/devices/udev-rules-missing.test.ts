import { describe, expect, test } from '@jest/globals';
import { udevRulesMissing } from '../../../../src/boot/checks/udev-rules-missing.ts';
import { requirementsOf } from '../../../../src/boot/requirements.ts';
import { facts, type FactsSpec } from '../facts.ts';

const RULES = 'usr/lib/udev/rules.d';
/** The root by what its file system says of itself, on the logical volume of the sound host. */
const BY_UUID = 'root=UUID=0f0e0d0c-1111-2222-3333-444455556666 ro rd.lvm.lv=vg0/root';

function messages(spec: FactsSpec): readonly string[] {
  const all = facts(spec);
  return [...udevRulesMissing.observe(all, requirementsOf(all))].map((seen) =>
    seen.defect ? seen.message : seen.what,
  );
}

const without = (...names: readonly string[]) => ({
  files: Object.fromEntries(names.map((name) => [`${RULES}/${name}`, null])),
});

describe('an image does not boot without the rule', () => {
  test('that has drivers loaded', () => {
    expect(messages({ image: without('80-drivers.rules') })).toEqual([
      expect.stringMatching(/^No udev rule in the image has drivers loaded: .*, because/),
    ]);
  });

  test('that has drivers loaded, unless those of devices are loaded by name', () => {
    const files = { ...without('80-drivers.rules').files, 'conf/modules': { text: 'virtio_blk\nvirtio_pci\n' } };
    const image = { files, over: { generator: 'initramfs-tools', dracut: null } } as const;
    expect(messages({ image })).toEqual([]); // whoever activates volumes has the kernel load dm_mod
    const one = { ...files, 'conf/modules': { text: 'virtio_pci\n' } };
    expect(messages({ image: { ...image, files: one } })).toEqual([expect.stringMatching(/virtio_blk/)]);
  });

  test('that links the root device by its UUID', () => {
    expect(messages({ cmdline: BY_UUID, image: without('60-persistent-storage-dm.rules') })).toEqual([
      'No udev rule in the image makes /dev/disk/by-uuid: the command line says root=UUID=0f0e0d0c-1111-2222-3333-444455556666.',
    ]);
  });

  test('that links the disk that holds the root: those for logical volumes do not', () => {
    const [first, ...rest] = facts().host.storage.nodes.filter(({ kind }) => kind === 'filesystem' || kind === 'disk');
    const nodes = [{ ...first!, below: rest.map(({ id }) => id) }, ...rest];
    const spec = { cmdline: 'root=UUID=0f0e0d0c-1111-2222-3333-444455556666 ro', storage: { nodes } };
    expect(messages(spec)).toEqual([]);
    expect(messages({ ...spec, image: without('60-persistent-storage.rules') })).toEqual([
      expect.stringContaining('makes /dev/disk/by-uuid'),
    ]);
  });

  test('that tells systemd of block devices', () => {
    expect(messages({ image: without('99-systemd.rules') })).toEqual([
      'No udev rule in the image tells systemd of block devices: its unit for / waits for root=/dev/mapper/vg0-root.',
    ]);
  });
});

describe('an image boots', () => {
  test('whole', () => {
    expect(messages({})).toEqual([]);
    expect(messages({ cmdline: BY_UUID })).toEqual([]);
  });

  test('without links for disks, where the root is a logical volume that is called by its name', () => {
    expect(messages({ image: without('60-persistent-storage.rules', '60-persistent-storage-dm.rules') })).toEqual([]);
  });

  test('where the rules have other names', () => {
    const text = 'ACTION=="add", ENV{MODALIAS}=="?*", RUN+="/sbin/modprobe -b $env{MODALIAS}"\n';
    expect(
      messages({
        image: { files: { [`${RULES}/80-drivers.rules`]: null, 'etc/udev/rules.d/10-mine.rules': { text } } },
      }),
    ).toEqual([]);
  });

  test('without a rule for systemd, where systemd is not in the image', () => {
    const files = { 'usr/lib/systemd/systemd': null, [`${RULES}/99-systemd.rules`]: null };
    expect(messages({ image: { files } })).toEqual([]);
  });

  test('without a rule for drivers, where all that is needed is loaded by name', () => {
    const names = ['virtio_blk', 'virtio_pci', 'dm_mod', 'ext4'];
    const files = { [`${RULES}/80-drivers.rules`]: null, 'etc/modules-load.d/all.conf': { text: names.join('\n') } };
    expect(messages({ image: { files } })).toEqual([]);
  });
});

test('a rule in a comment does nothing', () => {
  const files = { [`${RULES}/80-drivers.rules`]: { text: '# ENV{MODALIAS}=="?*", RUN{builtin}+="kmod load"\n' } };
  expect(messages({ image: { files } })).toHaveLength(1);
});

test('a rule that goes on in the next line is one rule', () => {
  const files = { [`${RULES}/80-drivers.rules`]: { text: 'ENV{MODALIAS}=="?*", \\\n  RUN{builtin}+="kmod load"\n' } };
  expect(messages({ image: { files } })).toEqual([]);
});
