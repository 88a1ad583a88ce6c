import { expect, test } from '@jest/globals';
import { dmTargetMissing } from '../../../../src/boot/checks/dm-target-missing.ts';
import { driverMissing } from '../../../../src/boot/checks/driver-missing.ts';
import { facts, node, virtioDisk } from '../facts.ts';
import { hostIndex } from '../modules.ts';
import { observe } from '../observe.ts';

const RAID = ['dm_raid', 'raid0', 'raid1', 'raid10'];
const index = hostIndex({
  modules: new Map(RAID.map((name) => [name, { path: `kernel/drivers/md/${name}.ko`, depends: [] }])),
});

/** / on a RAID of LVM's, of a level that is known or not. */
const onRaid = (levels: readonly string[], modules: readonly string[]) => {
  const root = node({ id: 'fs:/', kind: 'filesystem', type: 'ext4', mountPoints: ['/'], below: ['dm-4'] });
  const volume = node({
    ...{ id: 'dm-4', kind: 'lvm_lv', name: '/dev/mapper/vg0-root', vg: 'vg0', lv: 'root' },
    ...{ details: ['raid', ...levels], below: ['vda'] },
  });
  return facts({ storage: { nodes: [root, volume, virtioDisk()] }, kernel: { index }, image: { modules } });
};

test('the target of a volume is not in the image', () => {
  const [defect] = observe(dmTargetMissing, onRaid(['raid1'], ['raid1'])).defects;
  expect(defect?.evidence).toMatchObject({ target: 'raid', module: 'dm_raid', volume: '/dev/mapper/vg0-root' });
});

test('the level of a RAID is not in the image', () => {
  const lacking = onRaid(['raid1'], ['dm_raid']);
  expect(observe(dmTargetMissing, lacking).defects).toEqual([]);
  expect(observe(driverMissing, lacking).defects.map(({ evidence }) => evidence.driver)).toContain('raid1');
  const whole = onRaid(['raid1'], ['dm_raid', 'raid1']);
  expect(observe(driverMissing, whole).defects.map(({ evidence }) => evidence.driver)).not.toContain('raid1');
  expect(observe(dmTargetMissing, whole)).toEqual({ defects: [], unknowns: [] });
});

test('a level that is not known is no matter where the image has them all', () => {
  expect(observe(dmTargetMissing, onRaid([], RAID))).toEqual({ defects: [], unknowns: [] });
  const { defects, unknowns } = observe(dmTargetMissing, onRaid([], ['dm_raid', 'raid1']));
  expect(defects).toEqual([]);
  expect(unknowns.map(({ what }) => what)).toEqual(['whether the image has the RAID level of /dev/mapper/vg0-root']);
  expect(unknowns[0]?.reason).toContain('it lacks raid0, raid10');
});
