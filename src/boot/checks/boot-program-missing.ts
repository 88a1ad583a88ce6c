import type { ImageFacts } from '../../image/types.ts';
import { initPathOf } from '../userspace/start-init.ts';
import { neededBy, partsOfSystemd } from '../userspace/generator-programs.ts';
import { execute } from '../userspace/init-program.ts';
import { findExecutable, findOfSystemd, findProgram, runsSystemd } from '../userspace/programs.ts';
import type { Check, Observation } from '../types.ts';

/** Init starts, and a program without which it gets no further is not in the image. */
export const bootProgramMissing: Check = {
  code: 'boot_program_missing',
  checkpoint: 'init',
  severity: 'fatal',
  symptom:
    '"mount: not found", "Failed to execute …: No such file or directory"; the boot ends before the root is mounted.',
  cause: 'The build was broken off, or the package of the program was being replaced while the image was made.',
  cure: 'Reinstall util-linux, systemd or busybox, wherever the program comes from, then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const { image, cmdline } = facts;
    if (image === null || image.unread.length > 0) return;
    const init = initPathOf(cmdline);
    // A site's own init goes its own way; one that does not start is told by another rule.
    if (init !== '/init' || !execute(image.tree, init).runs) return;
    const missing = [
      ...neededBy(image, facts, requirements).filter((names) =>
        names.every((name) => findProgram(image.tree, name) === null),
      ),
      ...partsOfSystemd(facts)
        .filter((name) => findOfSystemd(image.tree, name) === null)
        .map((name) => [name]),
    ];
    if (missing.length === 0) {
      yield* mountOfSystemd(image);
      return;
    }
    const spoken = missing.map((names) => names.join(' or ')).join(', ');
    yield {
      defect: true,
      message: `The image has no ${spoken} that can be run, and does not get to the root file system without.`,
      evidence: {
        programs: missing,
        image: image.files[image.files.length - 1]?.path ?? null,
        generator: image.generator,
      },
    };
  },
};

/** systemd calls `mount` by the path that it was built with: /usr/bin/mount, and /bin/mount where /bin was a folder of its own. */
function* mountOfSystemd({ tree }: ImageFacts): Iterable<Observation> {
  const usual = findExecutable(tree, ['usr/bin/mount']);
  if (!runsSystemd(tree) || usual === null || findExecutable(tree, ['bin/mount']) !== null) return;
  yield {
    defect: false,
    what: 'whether systemd finds the program that mounts /',
    reason:
      'the image has it as /usr/bin/mount and not as /bin/mount; which of them systemd calls was decided when it was built',
  };
}
