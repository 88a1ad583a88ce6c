import type { Entry, ImageFacts } from '../../image/types.ts';
import { loadedByModprobe } from '../drivers/by-modprobe.ts';
import type { BootFacts, Requirement } from '../types.ts';
import { programsOfTable } from './cryptroot-parts.ts';
import { commandLineReader, partsOfSystemd, SYSTEMD_PARTS } from './generator-programs.ts';
import { awaitsUdev } from './layer-parts.ts';
import { goesByAnswer } from './multipath-parts.ts';
import { findExecutable, findOfSystemd, findProgram, runsSystemd } from './programs.ts';
import { checkersOf, unmountedForChecker } from './root-checker.ts';
import { rootResolver } from './root-resolver.ts';
import { followScripts } from './scripts/followed-scripts.ts';
import { needsShell } from './shell-need.ts';
import { startInit } from './start-init.ts';
import { udevIsIdle } from './udev-idle.ts';

/** A program without which this boot ends, and why. */
export interface BootProgram {
  readonly entry: Entry;
  readonly because: string;
  /** What the boot goes on past: `refused`, that the kernel does not take it for a program; `any`, whatever is wrong with it. */
  readonly survives?: 'refused' | 'any';
}

/** Programs that each layer of the storage stack is assembled with. */
const OF_LAYER: Readonly<Record<string, readonly string[]>> = {
  lvm: ['lvm', 'dmsetup'],
  crypt: ['cryptsetup', 'dmsetup'],
  md: ['mdadm'],
  multipath: ['multipathd', 'dmsetup'],
  iscsi: ['iscsistart', 'iscsid', 'iscsiadm'],
  nfs: ['mount.nfs', 'mount.nfs4', 'nfsmount'],
  bcache: ['bcache-register'],
};

/** What of systemd takes part in every boot, as far as it is there. */
const ALWAYS = ['systemd', 'systemd-executor', 'system-generators/systemd-fstab-generator'] as const;

/** The programs of the image that this boot cannot do without, by path; each once. */
export function bootPrograms(facts: BootFacts, requirements: readonly Requirement[]): ReadonlyMap<string, BootProgram> {
  const { image, cmdline } = facts;
  const found = new Map<string, BootProgram>();
  if (image === null) return found;
  const { tree } = image;
  const add = (entry: Entry | null, because: string, survives?: 'refused' | 'any') => {
    if (entry === null || found.has(entry.path)) return;
    found.set(entry.path, { entry, because, ...(survives === undefined ? {} : { survives }) });
  };
  const { path: initPath, run: init } = startInit(tree, cmdline);
  if (init.runs) for (const entry of init.chain) add(entry, `the kernel starts ${initPath} through it`);
  const udevadm = findProgram(tree, 'udevadm');
  // What the kernel does not take for a program, the shell takes for a script, in which there is nothing.
  const ofUdev = udevIsIdle(facts, requirements) ? 'refused' : undefined;
  for (const [name, by] of followScripts(tree, initPath, cmdline)?.programs ?? []) {
    const entry = findProgram(tree, name);
    add(entry, `${by} calls it on every boot`, entry === udevadm ? ofUdev : undefined);
  }
  const systemd = runsSystemd(tree);
  if (systemd) {
    for (const name of [...ALWAYS, ...partsOfSystemd(facts)]) add(findOfSystemd(tree, name), SYSTEMD_PARTS[name]);
    add(findProgram(tree, 'systemctl'), 'it hands over to the root file system');
  } else {
    for (const name of ['switch_root', 'run-init'])
      add(findProgram(tree, name), 'it hands over to the root file system');
    for (const name of commandLineReader(image))
      add(findProgram(tree, name), 'the scripts read the command line with it');
  }
  if (needsShell(facts, requirements)) add(findProgram(tree, 'sh'), 'the scripts of the image run in it');
  add(findProgram(tree, 'mount'), 'it mounts /');
  const resolver = rootResolver(image, cmdline);
  if (resolver !== null)
    add(findProgram(tree, resolver), 'the scripts find / with it, which the command line names by a tag');
  for (const checker of checkersOf(facts, requirements)) {
    const entry = findProgram(tree, checker);
    if (!systemd) add(entry, "dracut's scripts have it check /, and stop where it fails");
    if (!systemd || entry === null) continue;
    // Status 127, of ld.so, is to systemd-fsck a wish to start anew; fsck makes an error of the checker's that it passes over.
    const because = 'systemd has / checked with it, and stops where it fails';
    add(entry, because, 'any');
    add(findProgram(tree, 'fsck'), because, 'refused');
  }
  if (unmountedForChecker(facts, requirements))
    add(findProgram(tree, 'umount'), '/ is unmounted with it to be checked');
  add(findUdevd(image), 'it loads drivers and names devices', ofUdev);
  add(udevadm, 'it starts and awaits the search for devices', ofUdev);
  if (loadedByModprobe(facts, requirements).length > 0)
    add(findProgram(tree, 'modprobe'), 'the kernel has it load drivers');
  for (const { kind, name, because } of requirements) {
    if (kind !== 'layer') continue;
    for (const program of [...(OF_LAYER[name] ?? []), ...(name === 'multipath' ? besideMultipathd(facts) : [])])
      if (program !== 'dmsetup' || awaitsUdev(name, image)) add(findProgram(tree, program), because);
    if (name === 'crypt' && image.generator === 'initramfs-tools')
      for (const path of programsOfTable(image)) add(findExecutable(tree, [path]), because);
    if (name === 'crypt' && systemd) {
      add(
        findExecutable(tree, [
          'usr/lib/systemd/systemd-cryptsetup',
          'lib/systemd/systemd-cryptsetup',
          'usr/bin/systemd-cryptsetup',
        ]),
        because,
      );
      add(findExecutable(tree, ['usr/lib/systemd/system-generators/systemd-cryptsetup-generator']), because);
    }
  }
  return found;
}

/** `multipath` is what initramfs-tools calls, and rules that go by its answer; udev has `kpartx` make the partitions of what the paths make. */
function besideMultipathd({ image, host: { storage } }: BootFacts): readonly string[] {
  const devices = storage.nodes.filter(({ kind }) => kind === 'multipath').map(({ id }) => id);
  const parted = storage.nodes.some(
    ({ kind, below }) => kind === 'partition' && below.some((id) => devices.includes(id)),
  );
  const calls = image !== null && (image.generator !== 'dracut' || goesByAnswer(image.tree));
  return [...(calls ? ['multipath'] : []), ...(parted ? ['kpartx'] : [])];
}

/** udev's daemon, under the names that it has had. */
export function findUdevd({ tree }: ImageFacts): Entry | null {
  return findExecutable(tree, [
    'usr/lib/systemd/systemd-udevd',
    'lib/systemd/systemd-udevd',
    'usr/lib/udev/udevd',
    'lib/udev/udevd',
    'usr/sbin/udevd',
    'sbin/udevd',
    'usr/bin/udevd',
  ]);
}
