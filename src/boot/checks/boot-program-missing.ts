import type { ImageFacts } from '../../image/types.ts';
import { lastValue, namesDisk } from '../command-line.ts';
import { isDracut } from '../dracut-arguments.ts';
import { initPathOf, unmountedForChecker } from '../userspace/boot-programs.ts';
import { execute } from '../userspace/init-program.ts';
import { findExecutable, findProgram, runsSystemd, systemdVersion } from '../userspace/programs.ts';
import { rootResolver } from '../userspace/root-resolver.ts';
import { hasMountHook, needsShell } from '../userspace/shell-need.ts';
import type { BootFacts, Check, Observation, Requirement } from '../types.ts';

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
      ...partsOfSystemd(image, cmdline === null ? null : lastValue(cmdline, 'root')).filter(
        ([name]) => findExecutable(image.tree, [`usr/lib/systemd/${name}`, `lib/systemd/${name}`]) === null,
      ),
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

/** What the generators' own scripts and units call, each in any of its forms. */
function neededBy(
  image: ImageFacts,
  facts: BootFacts,
  requirements: readonly Requirement[],
): readonly (readonly string[])[] {
  const { cmdline } = facts;
  if (isDracut(image)) {
    if (runsSystemd(image.tree))
      return [['mount'], ['systemctl'], ...(needsShell(facts, requirements) ? [['sh']] : [])];
    const unmounts = unmountedForChecker(facts, requirements);
    return [['sh'], ['mount'], ['switch_root'], ...commandLineReader(image), ...(unmounts ? [['umount']] : [])];
  }
  if (image.generator !== 'initramfs-tools') return [];
  const resolver = rootResolver(image, cmdline);
  return [['sh'], ['mount'], handOver(image), ...(resolver === null ? [] : [[resolver]])];
}

/** What dracut's library of functions asks for each word of the command line, `root=` among them; older ones do it themselves. */
function commandLineReader({ tree }: ImageFacts): readonly (readonly string[])[] {
  const library = tree.text('usr/lib/dracut-lib.sh') ?? tree.text('lib/dracut-lib.sh');
  return library !== null && /^[^#\n]*\bdracut-getarg\b/m.test(library) ? [['dracut-getarg']] : [];
}

/** Whichever its init names; where it is not known what that says, either. */
function handOver({ tree }: ImageFacts): readonly string[] {
  const both = ['run-init', 'switch_root'];
  const named = both.filter((name) => tree.text('init')?.includes(name) === true);
  return named.length === 0 ? both : named;
}

/** With this version systemd began to start every service through a program of its own. */
const EXECUTOR_SINCE = 255;

/**
 * Programs of systemd's own folder. `/` is mounted by the unit that its generator for fstab makes of `root=`, unless a
 * hook of dracut's does it; without `root=` there are other generators.
 */
function partsOfSystemd(image: ImageFacts, root: string | null): readonly (readonly [string])[] {
  const { tree } = image;
  if (!isDracut(image) || !runsSystemd(tree)) return [];
  const mounts = !hasMountHook(tree) && namesDisk(root);
  return [
    ...((systemdVersion(tree) ?? 0) >= EXECUTOR_SINCE ? [['systemd-executor'] as const] : []),
    ...(mounts ? [['system-generators/systemd-fstab-generator'] as const] : []),
    // The unit that mounts / requires the one that checks it.
    ...(mounts && tree.resolve('usr/lib/systemd/system/systemd-fsck@.service').found
      ? [['systemd-fsck'] as const]
      : []),
  ];
}
