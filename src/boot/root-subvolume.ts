import { parseCommandLine, unexpanded, valuesOf } from './command-line.ts';
import { dracutArguments } from './dracut-arguments.ts';
import { mountsByRootWord } from './root-device.ts';
import { rootNode } from './storage-stack.ts';
import { runsSystemd } from './userspace/programs.ts';
import type { BootFacts, CommandLine, Observation } from './types.ts';

/**
 * Whether a `/` that is a subvolume of btrfs is asked for by `rootflags=`. Where no subvolume is named the default one is
 * mounted, which `btrfs subvolume set-default` chooses: openSUSE goes by that, others leave it at the top of the tree.
 */
export function* observeSubvolume(facts: BootFacts): Iterable<Observation> {
  const { cmdline, host } = facts;
  const root = rootNode(host.storage);
  if (cmdline === null || root?.type !== 'btrfs' || root.fsRoot === null) return;
  const mounted = subvolumeOf(root.fsRoot);
  const words = wordsForMount(facts, cmdline);
  const asked = askedIn(words);
  if (asked.byId || asked.subvolume === mounted) return;
  const running = host.cmdlines.running === null ? null : askedIn(parseCommandLine(host.cmdlines.running));
  if (running !== null && running.subvolume === asked.subvolume && !running.byId) return;
  if (asked.subvolume === null && mounted === '') return;
  const inFstab = host.files.fstab.find(({ mountPoint }) => mountPoint === '/');
  const hidden = unexpanded(facts);
  // The host needed the word to come up, and its fstab does not leave it to the default subvolume either.
  const isMissing =
    asked.subvolume === null &&
    running?.subvolume === mounted &&
    (inFstab === undefined || lastSubvolume(inFstab.options) === mounted);
  if (isMissing && hidden === null && mountsByRootWord(facts)) {
    yield {
      defect: true,
      message: `/ is the btrfs subvolume ${mounted}, and the command line has no rootflags=subvol=${mounted}, as that of the running system has.`,
      evidence: {
        subvolume: mounted,
        rootflags: valuesOf(words, 'rootflags'),
        running: host.cmdlines.running,
        entry: facts.entry?.id ?? null,
        entry_source: facts.entry?.source ?? null,
      },
    };
    return;
  }
  yield {
    defect: false,
    what: `whether the btrfs subvolume that is mounted as / is the right one`,
    reason:
      asked.subvolume === null
        ? `/ is the subvolume ${mounted}, the command line names none, and which one is the default is not known`
        : `rootflags= names ${asked.subvolume}, and / is ${mounted === '' ? 'the top of the tree' : mounted} now`,
  };
}

/** ostree mounts one of its deployments over `/`: what is mounted before is the subvolume that it is in. */
function subvolumeOf(fsRoot: string): string {
  return bare(fsRoot.replace(/\/ostree\/.*$/, ''));
}

function bare(path: string): string {
  return path.replace(/\/+/g, '/').replace(/^\/|\/$/g, '');
}

/** systemd's generator takes root= and its flags from the kernel's command line; what dracut froze counts where that has none. */
function wordsForMount(facts: BootFacts, cmdline: CommandLine): CommandLine {
  const { image } = facts;
  if (image !== null && runsSystemd(image.tree) && valuesOf(cmdline, 'root').length > 0) return cmdline;
  return dracutArguments(facts) ?? cmdline;
}

function askedIn(words: CommandLine): { readonly subvolume: string | null; readonly byId: boolean } {
  const options = valuesOf(words, 'rootflags').flatMap((value) => value.split(','));
  return { subvolume: lastSubvolume(options), byId: options.some((option) => option.startsWith('subvolid=')) };
}

/** The subvolume that mount options name, without slashes at its ends; null where they name none. */
function lastSubvolume(options: readonly string[]): string | null {
  const named = options.filter((option) => option.startsWith('subvol='));
  const last = named[named.length - 1];
  return last === undefined ? null : bare(last.slice('subvol='.length));
}
