import { lastValue, namesDisk } from '../command-line.ts';
import { isDracut } from '../dracut-arguments.ts';
import { initPathOf } from '../userspace/start-init.ts';
import { execute } from '../userspace/init-program.ts';
import { runsSystemd } from '../userspace/programs.ts';
import { followScripts, wayOf, type Followed } from '../userspace/scripts/followed-scripts.ts';
import { damagedLibraries } from '../userspace/scripts/hook-libraries.ts';
import { needsShell } from '../userspace/shell-need.ts';
import type { Check, CommandLine } from '../types.ts';

/**
 * The image's init is a script, and what it reads in and runs is cut off, or never gets to the root file system; or systemd
 * starts the image, and dracut's hooks, which this boot needs, read in a library that is damaged.
 */
export const scriptDamaged: Check = {
  code: 'script_damaged',
  checkpoint: 'init',
  severity: 'fatal',
  symptom:
    '"Syntax error: end of file unexpected", "mountroot: not found", then a panic ("Attempted to kill init") or a prompt without devices.',
  cause:
    'A full disk or a crash while the generator was installed or the image was built: a script has its name, and zeros or half of itself.',
  cure: 'Reinstall initramfs-tools-core or dracut, then build the image anew (`update-initramfs -u -k K`, `dracut --force --kver K IMAGE`).',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const { image, cmdline } = facts;
    if (image === null || image.unread.length > 0) return;
    const init = initPathOf(cmdline);
    // One that does not start at all is told by another rule.
    const starts = init === '/init' && execute(image.tree, init).runs;
    const followed = starts ? followScripts(image.tree, init, cmdline) : null;
    const evidence = { generator: image.generator, image: image.files[image.files.length - 1]?.path ?? null };
    if (isDracut(image) && runsSystemd(image.tree) && needsShell(facts, requirements))
      for (const { path, readBy, how } of damagedLibraries(image.tree))
        yield {
          defect: true,
          message: `${path} is damaged: ${how}, and ${readBy} reads it in.`,
          evidence: { path, read_by: readBy, ...evidence },
        };
    if (followed === null) return;
    for (const { what, by } of followed.damaged) {
      if (followed.survivable && what !== 'init') {
        yield {
          defect: false,
          what: `whether init gets past ${what}, which ${by} reads in`,
          reason: 'it ends in the middle of a command, and the shell is bash, which may go on',
        };
        continue;
      }
      yield {
        defect: true,
        message: `${what} is damaged: it ends in the middle of a command, and ${by === 'the kernel' ? 'it is what the kernel starts' : `${by} reads it in`}.`,
        evidence: { path: what, read_by: by, ...evidence },
      };
    }
    if (followed.missing.length > 0 || (followed.damaged.length > 0 && !followed.survivable)) return;
    // How others get there is not known.
    if (image.generator !== 'dracut' && image.generator !== 'initramfs-tools') return;
    const lost = goalsOf(followed, cmdline).filter(({ is }) => !is);
    if (lost.length === 0) return;
    yield {
      defect: true,
      message: `No script in the image ${lost.map(({ what }) => what).join(', nor ')}.`,
      evidence: { never: lost.map(({ what }) => what), scripts: [...followed.texts.keys()], ...evidence },
    };
  },
};

interface Goal {
  readonly what: string;
  readonly is: boolean;
}

/** What must be done on every way from a script to the root file system, and whether one of those that run speaks of it. */
function goalsOf({ texts, functions }: Followed, cmdline: CommandLine | null): readonly Goal[] {
  const lines = [...texts.values()].map((text) => text.replace(/^\s*#.*$/gm, ''));
  const says = (pattern: RegExp): boolean => lines.some((text) => pattern.test(text));
  const [isDracuts, isInitramfsTools] = [says(/\bsource_hook\b/), says(/\brun_scripts\b/)];
  const root = cmdline === null ? null : lastValue(cmdline, 'root');
  const onDisk = namesDisk(root);
  // initramfs-tools reads in all ways to / and the one that is wanted once more: empty, it leaves another's function, or none's.
  const isOfNoDisk =
    wayOf(cmdline) === 'local' &&
    /scripts\/(?:nfs|functions)$/.test(functions.get('mountroot') ?? '') &&
    ![...texts].some(([path, text]) => /^\/?conf\//.test(path) && /^\s*BOOT=["']?nfs/m.test(text));
  const mounters = [...texts].filter(([path]) => /\/hooks\/mount\/[^/]+$/.test(path)).map(([, text]) => text);
  return [
    { what: "starts udev's daemon", is: says(/\budevd\b/) },
    { what: 'starts the search for devices (udevadm trigger)', is: says(/\budevadm\s+trigger\b/) },
    { what: 'switches to the root file system', is: says(/\b(?:run-init|switch_root)\b/) },
    ...(isInitramfsTools
      ? [
          { what: 'mounts / (mountroot)', is: functions.has('mountroot') && !(onDisk && isOfNoDisk) },
          // What follows is started with a console below the root file system.
          {
            what: 'moves /dev there',
            is: !says(/rootmnt\}?"?\/dev\/console/) || says(/\bmount\s[^\n]*\bmove\s+\/dev\b/),
          },
        ]
      : []),
    // dracut's init waits for ever for a hook that mounts /, and ends where none has understood root=.
    ...(isDracuts && onDisk
      ? [
          {
            what: 'mounts / (a hook of mount)',
            is: mounters.some((text) => /\bmount(?:_\w+)?\b/.test(text)),
          },
          { what: 'tells of which type / is (det_fs)', is: !says(/\$\(det_fs\b/) || functions.has('det_fs') },
          {
            what: 'asks for root= (a hook of cmdline)',
            is: !says(/-z "?\$\{?root\}?"? \]/) || says(/\bgetarg\s+(?:-\w+\s+)*["']?root=?["'\s)]/),
          },
          { what: 'understands root= (a hook of cmdline)', is: !says(/\$\{?rootok\b/) || says(/\brootok=/) },
        ]
      : []),
    // A folder of the hypervisor's: each hook of mount passes over what another is for.
    ...(isDracuts && root?.startsWith('virtfs:') === true
      ? [{ what: 'mounts virtfs: (a hook of mount)', is: mounters.some((text) => text.includes('virtfs')) }]
      : []),
  ];
}
