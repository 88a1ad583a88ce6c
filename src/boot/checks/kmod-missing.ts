import { isDracut } from '../dracut-arguments.ts';
import { loadedByModprobe } from '../drivers/by-modprobe.ts';
import { findProgram } from '../userspace/programs.ts';
import type { Check } from '../types.ts';

/** Drivers must be loaded that udev does not load itself, and the image has no `modprobe`, or a link that leads nowhere. */
export const kmodMissing: Check = {
  code: 'kmod_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom: '"modprobe: not found", "unknown filesystem type"; no driver is loaded that udev does not load itself.',
  cause:
    'kmod was damaged or being replaced while the image was made, or only its binary was copied and its links were not.',
  cure: 'Reinstall kmod, then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const { image } = facts;
    if (image === null || image.unread.length > 0) return;
    if (!isDracut(image) && image.generator !== 'initramfs-tools') return;
    if (findProgram(image.tree, 'modprobe') !== null) return;
    const modules = loadedByModprobe(facts, requirements);
    const [first] = modules;
    if (first === undefined) return;
    const at = image.tree.resolve('usr/sbin/modprobe');
    const kmod = findProgram(image.tree, 'kmod');
    yield {
      defect: true,
      message: `The image has no modprobe that can be run, and the kernel has it load ${first.name}: ${first.because}.`,
      evidence: {
        looked_for: ['usr/sbin/modprobe', 'usr/bin/modprobe'],
        ...(at.found
          ? { mode: (at.entry.mode & 0o7777).toString(8), path: at.entry.path }
          : { missing: at.missing, links: at.via }),
        kmod: kmod?.path ?? null,
        drivers: modules.map(({ name }) => name).slice(0, 8),
      },
    };
  },
};
