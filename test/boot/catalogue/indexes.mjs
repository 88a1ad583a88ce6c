// @ts-check
// Faults of the index by which modules are found: empty, cut, older than the modules.
import { ALL, DRACUT, PLAIN, SYSTEMD_106, SYSTEMD_59, TOOLS, fault, nearMiss } from './case.mjs';
import { changed, half, withFile, without } from './edit.mjs';
import { indexed, pathOf, withIndex } from './modules.mjs';

/** @typedef {import('./case.mjs').Sound} Sound */

/** @param {string} file @param {(data: Buffer) => Buffer} change */
const index =
  (file, change) =>
  (/** @type {Sound} */ { members, modules }) =>
    changed(members, `${modules}/${file}`, change);

/** What depmod writes where it finds no modules: magic, version and the offset of no node. */
const header = (/** @type {Buffer} */ data) => Buffer.concat([data.subarray(0, 8), Buffer.alloc(4)]);

/** @param {string} name */
const notIndexed = (name) => (/** @type {Sound} */ sound) => {
  const path = pathOf(sound, name);
  return withIndex(
    sound.members,
    sound.modules,
    indexed(sound, (one) => (one === path ? null : one)),
  );
};

/** @param {string} name */
const movedAway = (name) => (/** @type {Sound} */ sound) => {
  const path = pathOf(sound, name);
  const member = sound.members.find((one) => one.name === path);
  return withFile(
    without(sound.members, path),
    `${sound.modules}/extra/${path.split('/').pop() ?? ''}`,
    member?.data ?? '',
  );
};

/** @type {readonly import('./case.mjs').Case[]} */
export const INDEXES = [
  fault('module_index_empty', 'modules.dep.bin of 12 bytes', ALL, index('modules.dep.bin', header), { slow: true }),
  fault('module_index_empty', 'modules.alias.bin of 12 bytes', DRACUT, index('modules.alias.bin', header), {
    slow: true,
  }),
  nearMiss('module_index_empty', 'aliases gone, drivers are named', [TOOLS], index('modules.alias.bin', header)),
  nearMiss(
    'module_index_empty',
    'modules.symbols.bin of 12 bytes',
    [PLAIN, SYSTEMD_106],
    index('modules.symbols.bin', header),
  ),
  nearMiss('module_index_empty', 'no text index', [SYSTEMD_59, TOOLS], ({ members, modules }) =>
    without(members, `${modules}/modules.dep`, `${modules}/modules.alias`),
  ),

  fault(
    'module_index_truncated',
    'modules.dep.bin, cut in half',
    [PLAIN, SYSTEMD_106, TOOLS],
    index('modules.dep.bin', half),
    {
      boots: null,
      slow: true,
    },
  ),
  fault(
    'module_index_truncated',
    'modules.alias.bin, cut in half',
    [SYSTEMD_59, PLAIN],
    index('modules.alias.bin', half),
    {
      boots: null,
      slow: true,
    },
  ),
  nearMiss(
    'module_index_truncated',
    'modules.symbols.bin, cut in half',
    [SYSTEMD_106, PLAIN],
    index('modules.symbols.bin', half),
  ),
  nearMiss(
    'module_index_truncated',
    'modules.builtin.alias.bin, cut in half',
    [TOOLS, SYSTEMD_59],
    index('modules.builtin.alias.bin', half),
  ),

  fault('module_not_indexed', 'depmod did not see virtio_blk', ALL, notIndexed('virtio_blk'), { slow: true }),
  nearMiss('module_not_indexed', 'depmod did not see virtio_scsi', [PLAIN, SYSTEMD_106], notIndexed('virtio_scsi')),

  fault(
    'module_index_dangling',
    'virtio_blk moved after depmod',
    [PLAIN, SYSTEMD_106, TOOLS],
    movedAway('virtio_blk'),
    {
      slow: true,
    },
  ),
  nearMiss('module_index_dangling', 'virtio_scsi moved after depmod', [SYSTEMD_106, PLAIN], movedAway('virtio_scsi')),
];
