import { isDracut } from '../dracut-arguments.ts';
import { initPathOf } from '../userspace/start-init.ts';
import { followScripts } from '../userspace/scripts/followed-scripts.ts';
import { hookLibraries } from '../userspace/scripts/hook-libraries.ts';
import { needsShell } from '../userspace/shell-need.ts';
import type { Check } from '../types.ts';

/** A file that the image's own scripts read in is not there: a POSIX shell ends where `.` finds no file. */
export const scriptMissing: Check = {
  code: 'script_missing',
  checkpoint: 'init',
  severity: 'fatal',
  symptom: '"/lib/fs-lib.sh: No such file", then a panic ("Attempted to kill init") or the emergency shell.',
  cause: 'The build was broken off, or the generator was being updated while the image was made.',
  cure: 'Reinstall dracut or initramfs-tools-core, then build the image anew (`dracut --force --kver K IMAGE`, `update-initramfs -u -k K`).',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const { image, cmdline } = facts;
    if (image === null || image.unread.length > 0) return;
    const isNeeded = needsShell(facts, requirements);
    const asked = new Map(isDracut(image) ? hookLibraries(image.tree) : []);
    const init = initPathOf(cmdline);
    // An init that is a script is followed through what it calls, too.
    const followed = init === '/init' ? followScripts(image.tree, init, cmdline) : null;
    for (const { what, by } of followed?.missing ?? []) if (!asked.has(what)) asked.set(what, [by]);
    for (const [library, readBy] of asked) {
      if (image.tree.resolve(library).found) continue;
      yield {
        defect: true,
        message: `${library} is not in the image, and ${readBy[0] ?? ''} reads it in.`,
        evidence: { path: library, read_by: readBy, image: image.files[image.files.length - 1]?.path ?? null },
        // systemd goes on past dracut's scripts, and mounts / by itself.
        ...(isNeeded ? {} : { severity: 'warning' }),
      };
    }
  },
};
