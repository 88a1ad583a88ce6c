import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { redactFile } from '../../../src/host/capture/redact.ts';
import { parseLvmBackup, raidLevelOf } from '../../../src/host/storage/lvm-backup.ts';

// vgcfgbackup of lvm2 2.03.16, of the group that test/boot/guests/lvm-raid.mjs makes.
const BACKUP = readFileSync(new URL('./fixtures/lvm-backup-raid1.txt', import.meta.url));

test('what LVM keeps of a group tells of what its volumes are made', () => {
  expect([...parseLvmBackup(BACKUP.toString())]).toEqual([
    ['root', ['raid1']],
    ['root_rmeta_0', ['striped']],
    ['root_rimage_0', ['striped']],
    ['root_rmeta_1', ['striped']],
    ['root_rimage_1', ['striped']],
  ]);
});

test('a capture carries no more of it', () => {
  const carried = redactFile('/etc/lvm/backup/vg0', BACKUP);
  expect(parseLvmBackup(carried.toString())).toEqual(parseLvmBackup(BACKUP.toString()));
  expect(carried.toString()).not.toMatch(/creation|id =|lab|loop/);
});

test('what is no such text tells nothing', () => {
  for (const text of ['', '}}}}\n}', 'logical_volumes {\n type = "raid1"\n', '\0'.repeat(100)])
    expect(parseLvmBackup(text).size).toBe(0);
});

test.each([
  ['raid1', 'raid1'],
  ['raid10_near', 'raid10'],
  ['raid0_meta', 'raid0'],
  ['raid5_ls', 'raid5'],
  ['raid6_zr', 'raid6'],
  ['striped', null],
  ['thin', null],
  ['raid11', null],
])('%s is of level %s', (type, level) => {
  expect(raidLevelOf(type)).toBe(level);
});
