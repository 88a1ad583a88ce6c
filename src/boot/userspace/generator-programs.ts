import type { ImageFacts } from '../../image/types.ts';
import { lastValue, namesDisk } from '../command-line.ts';
import { isDracut } from '../dracut-arguments.ts';
import type { BootFacts, Requirement } from '../types.ts';
import { runsSystemd, systemdVersion } from './programs.ts';
import { unmountedForChecker } from './root-checker.ts';
import { rootResolver } from './root-resolver.ts';
import { hasMountHook, needsShell } from './shell-need.ts';

/** What the generators' own scripts and units call, each in any of its forms. */
export function neededBy(
  image: ImageFacts,
  facts: BootFacts,
  requirements: readonly Requirement[],
): readonly (readonly string[])[] {
  const { cmdline } = facts;
  if (isDracut(image)) {
    if (runsSystemd(image.tree))
      return [['mount'], ['systemctl'], ...(needsShell(facts, requirements) ? [['sh']] : [])];
    const unmounts = unmountedForChecker(facts, requirements);
    return [
      ['sh'],
      ['mount'],
      ['switch_root'],
      ...commandLineReader(image).map((name) => [name]),
      ...(unmounts ? [['umount']] : []),
    ];
  }
  if (image.generator !== 'initramfs-tools') return [];
  const resolver = rootResolver(image, cmdline);
  return [['sh'], ['mount'], handOver(image), ...(resolver === null ? [] : [[resolver]])];
}

/** What dracut's library of functions asks for each word of the command line, `root=` among them; older ones do it themselves. */
export function commandLineReader(image: ImageFacts): readonly string[] {
  if (!isDracut(image) || runsSystemd(image.tree)) return [];
  const library = image.tree.text('usr/lib/dracut-lib.sh') ?? image.tree.text('lib/dracut-lib.sh');
  return library !== null && /^[^#\n]*\bdracut-getarg\b/m.test(library) ? ['dracut-getarg'] : [];
}

/** Whichever its init names; where it is not known what that says, either. */
function handOver({ tree }: ImageFacts): readonly string[] {
  const both = ['run-init', 'switch_root'];
  const named = both.filter((name) => tree.text('init')?.includes(name) === true);
  return named.length === 0 ? both : named;
}

/** Programs of systemd's own folder, each with what it does in an image. */
export const SYSTEMD_PARTS = {
  systemd: 'it is PID 1 of the image',
  'systemd-executor': 'systemd starts every service through it',
  'system-generators/systemd-fstab-generator': 'it makes the unit that mounts /',
  'systemd-fsck': 'the unit that mounts / requires the one that it checks with',
} as const;
type SystemdPart = keyof typeof SYSTEMD_PARTS;

/** With this version systemd began to start every service through a program of its own. */
const EXECUTOR_SINCE = 255;

/**
 * Those of them that must be there. `/` is mounted by the unit that its generator for fstab makes of `root=`, unless a
 * hook of dracut's does it; without `root=` there are other generators.
 */
export function partsOfSystemd({ image, cmdline }: Pick<BootFacts, 'image' | 'cmdline'>): readonly SystemdPart[] {
  if (image === null || !isDracut(image) || !runsSystemd(image.tree)) return [];
  const { tree } = image;
  const parts: SystemdPart[] = [];
  if ((systemdVersion(tree) ?? 0) >= EXECUTOR_SINCE) parts.push('systemd-executor');
  if (hasMountHook(tree) || !namesDisk(cmdline === null ? null : lastValue(cmdline, 'root'))) return parts;
  parts.push('system-generators/systemd-fstab-generator');
  // The unit that mounts / requires the one that checks it.
  if (tree.resolve('usr/lib/systemd/system/systemd-fsck@.service').found) parts.push('systemd-fsck');
  return parts;
}
