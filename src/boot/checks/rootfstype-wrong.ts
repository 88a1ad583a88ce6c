import { lastValue } from '../command-line.ts';
import { isDracut } from '../dracut-arguments.ts';
import { runsSystemd } from '../userspace/programs.ts';
import type { Check } from '../types.ts';

/** `rootfstype=` names a type that the file system of `/` is not of: nothing else is tried. */
export const rootfstypeWrong: Check = {
  code: 'rootfstype_wrong',
  checkpoint: 'root',
  severity: 'fatal',
  symptom: '"wrong fs type, bad option, bad superblock", "Failed to mount … as root file system".',
  cause: 'The root file system was made anew or converted, or the entry was copied from another host.',
  cure: 'Set rootfstype= right in the entry, or leave it out: the type is found without it.',
  repair: ['configure'],
  *observe({ cmdline, host, image }) {
    const asked = cmdline === null ? null : lastValue(cmdline, 'rootfstype');
    if (cmdline === null || asked === null || asked === '') return;
    const root = host.storage.nodes.find(({ mountPoints }) => mountPoints.includes('/'));
    if (root === undefined || root.type === '') return;
    if (asked.split(',').some((type) => type === 'auto' || familyOf(type) === familyOf(root.type))) return;
    // dracut's scripts ask udev for the type and take its word (det_fs); where systemd mounts /, the command line's counts.
    const isOverruled = image !== null && isDracut(image) && !runsSystemd(image.tree);
    yield {
      defect: true,
      message: `The command line says rootfstype=${asked}, and the file system of / is ${root.type}.`,
      evidence: { rootfstype: asked, type: root.type, device: root.name },
      ...(isOverruled ? { severity: 'warning' } : {}),
    };
  },
};

/** One driver mounts several of these, each as the others with luck. */
function familyOf(type: string): string {
  return type
    .replace(/^ext[234]$/, 'ext')
    .replace(/^nfs4?$/, 'nfs')
    .replace(/^(?:vfat|msdos)$/, 'fat');
}
