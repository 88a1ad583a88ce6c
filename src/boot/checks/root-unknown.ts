import type { StorageFacts } from '../../host/types.ts';
import type { ImageFacts } from '../../image/types.ts';
import { lastValue, namesDisk, parseCommandLine, unexpanded } from '../command-line.ts';
import { canonicalName, lookUpDevice } from '../device-names.ts';
import { mountsByRootWord, otherThanRoot } from '../root-device.ts';
import { observeSubvolume } from '../root-subvolume.ts';
import { dracutArguments, frozenArgumentFiles, isDracut } from '../dracut-arguments.ts';
import { unreadLoader } from '../refused.ts';
import { judgeSpelling } from '../root-spelling.ts';
import { nodesBelow, rootNode } from '../storage-stack.ts';
import type { BootFacts, Check, CommandLine, Observation } from '../types.ts';

/** `root=` names a device that is not there, another than that of `/`, or nothing at all; or not the subvolume on it. */
export const rootUnknown: Check = {
  code: 'root_unknown',
  checkpoint: 'root',
  severity: 'fatal',
  symptom:
    'The boot waits for /dev/disk/by-uuid/… until it gives up, or cannot mount it ("wrong fs type", "unknown filesystem type"), and shows the emergency shell.',
  cause:
    'The file system was made anew, the disk was cloned or replaced, the entry was written for another machine, or it has lost a word (rootflags=subvol=…).',
  cure: 'Compare `blkid` with the entry; set root= right: `grubby --update-kernel=ALL --args=root=UUID=…`, or /etc/default/grub and `grub2-mkconfig`/`update-grub`.',
  repair: ['configure'],
  *observe(facts) {
    const { cmdline } = facts;
    if (cmdline === null) {
      yield {
        defect: false,
        what: 'which root file system the kernel is told to mount',
        reason: 'its command line is not known',
      };
      return;
    }
    const words = dracutArguments(facts) ?? cmdline;
    const root = lastValue(words, 'root');
    if (root === null || root === '') yield* withoutRoot(words, facts);
    else if (namesDisk(root)) {
      yield* judgeDevice(root, facts);
      yield* observeSubvolume(facts);
    } else {
      yield* judgeShare(root, facts);
      yield* judgeKind(root, facts);
    }
  },
};

/** A folder that the hypervisor shares, by the tag that it is shared under (dracut's virtfs and virtiofs). */
function* judgeShare(root: string, { host }: BootFacts): Iterable<Observation> {
  const tag = /^(?:virtfs|virtiofs):(.+)$/.exec(root)?.[1];
  const node = rootNode(host.storage);
  if (tag === undefined || node === null || !/^(?:9p|virtiofs)$/.test(node.type) || node.name === tag) return;
  yield {
    defect: true,
    message: `root=${root} names another share than ${node.name}, which / is on.`,
    evidence: { root, share: node.name },
  };
}

function* judgeDevice(root: string, facts: BootFacts): Iterable<Observation> {
  const { host } = facts;
  const state = lookUpDevice(root, host.storage);
  if (state === 'known') {
    yield* judgeOther(root, facts);
    yield* judgeSpelling(root, facts);
    return;
  }
  const inFstab = host.files.fstab.find(({ mountPoint }) => mountPoint === '/')?.spec ?? null;
  if (state === 'undecided') {
    // The host's own fstab bears it out.
    if (inFstab !== null && canonicalName(inFstab) === canonicalName(root)) return;
    yield {
      defect: false,
      what: `whether root=${root} is there`,
      reason: 'not all devices of this host are known by name',
    };
    return;
  }
  const unread = unreadLoader(facts);
  if (unread !== null) {
    yield { defect: false, what: `whether the kernel is told root=${root}, which is not there`, reason: unread };
    return;
  }
  yield {
    defect: true,
    message: `root=${root} names a device that this host does not have.`,
    evidence: {
      root,
      fstab: inFstab,
      entry: facts.entry?.id ?? null,
      entry_source: facts.entry?.source ?? null,
      frozen_in: facts.image === null ? [] : frozenArgumentFiles(facts.image),
      root_file_system: rootNode(host.storage)?.uuid ?? null,
    },
  };
}

/** A device that is there: it is to be that of `/`. Another file system may hold another system, which boots. */
function* judgeOther(root: string, facts: BootFacts): Iterable<Observation> {
  const { storage, cmdlines } = facts.host;
  const other = storage.names === null ? null : otherThanRoot(root, storage);
  if (other === null) return;
  const { name, holds, isNoRoot, rootDevice } = other;
  const running = cmdlines.running === null ? null : lastValue(parseCommandLine(cmdlines.running), 'root');
  const cameUp = running !== null && canonicalName(running) === canonicalName(root);
  if (isNoRoot && !cameUp && mountsByRootWord(facts)) {
    yield {
      defect: true,
      message: `root=${root} names ${name}, which holds ${told(holds)} and not /; that is on ${rootDevice}.`,
      evidence: {
        root,
        device: name,
        holds,
        root_device: rootDevice,
        entry: facts.entry?.id ?? null,
        entry_source: facts.entry?.source ?? null,
        frozen_in: facts.image === null ? [] : frozenArgumentFiles(facts.image),
        root_file_system: rootNode(storage)?.uuid ?? null,
      },
    };
    return;
  }
  yield {
    defect: false,
    what: `whether root=${root} leads to /`,
    reason: `it names ${name} (${told(holds)}), and / is on ${rootDevice}${
      cameUp ? ', though the host has come up by the same word' : ''
    }`,
  };
}

function told(holds: string | null): string {
  return holds ?? 'nothing that is known';
}

/** A root that is no disk's, or a dataset of ZFS: whether `/` is of that kind, and goes by that name. */
function* judgeKind(root: string, { host }: BootFacts): Iterable<Observation> {
  const node = rootNode(host.storage);
  if (node === null || node.below.length + (node.kind === 'network' ? 1 : 0) === 0) return;
  const dataset = /^zfs[:=](?!AUTO$)(.+)$/i.exec(root)?.[1];
  const share = /^(?:nfs4?:)(.+)$/.exec(root)?.[1];
  if (dataset === undefined && share === undefined) return;
  const fits =
    dataset === undefined
      ? node.kind === 'network' && node.type.startsWith('nfs')
      : // A pool alone stands for the data set that its bootfs names.
        node.type === 'zfs' && (node.name === dataset || node.name.startsWith(`${dataset}/`));
  if (fits) return;
  yield {
    defect: false,
    what: `whether root=${root} leads to /`,
    reason: `/ is ${node.type} on ${node.name}`,
  };
}

function* withoutRoot(words: CommandLine, facts: BootFacts): Iterable<Observation> {
  const { image, entry } = facts;
  // image_missing and entry_without_image tell; what a squashed system brings along is not known (squash_unreadable)
  if (image === null || image.unread.length > 0) return;
  const reason = unexpanded(facts);
  if (reason !== null) {
    yield {
      defect: false,
      what: 'which root file system the kernel is told to mount',
      reason,
    };
    return;
  }
  if (standsIn(image, words)) return;
  if (image.tree.resolve('usr/lib/systemd/system-generators/systemd-gpt-auto-generator').found) {
    // It needs a loader that tells the disk, and a partition of the right type: that the host came up this way proves both.
    const running = facts.host.cmdlines.running;
    if (running !== null && lastValue(parseCommandLine(running), 'root') === null) return;
    if (mayBeOnPartition(facts.host.storage)) {
      yield {
        defect: false,
        what: 'whether systemd finds the root file system by the type of its partition',
        reason: 'the command line has no root=, and that the host has come up without one is not known',
      };
      return;
    }
  }
  if (!isDracut(image) && image.generator !== 'initramfs-tools') {
    yield { defect: false, what: 'how the image finds its root file system', reason: 'the command line has no root=' };
    return;
  }
  yield {
    defect: true,
    message: 'The command line has no root=, and nothing in the image stands in for it.',
    evidence: {
      cmdline: words.text,
      entry: entry?.id ?? null,
      entry_source: entry?.source ?? null,
      frozen_in: frozenArgumentFiles(image),
    },
  };
}

/** Whether `/` may lie where systemd-gpt-auto-generator(8) looks: on a partition, as it is or encrypted. */
function mayBeOnPartition(storage: StorageFacts): boolean {
  const root = rootNode(storage);
  if (root === null || storage.state !== 'complete') return true;
  const below = nodesBelow(storage, root);
  const bare = below.flatMap((node) => (node.kind === 'crypt' ? nodesBelow(storage, node) : [node]));
  return bare.some(({ kind }) => kind === 'partition');
}

/** What else tells of a root: mount.usr, netroot, the image's own settings and fstab. */
function standsIn(image: ImageFacts, words: CommandLine): boolean {
  const { tree } = image;
  if (['netroot', 'nfsroot', 'roothash', 'usrhash', 'mount.usr'].some((key) => lastValue(words, key) !== null))
    return true;
  const settings = ['conf/param.conf', 'conf/initramfs.conf', 'conf/conf.d/root'];
  if (settings.some((path) => /^\s*(export\s+)?ROOT=\S/m.test(tree.text(path) ?? ''))) return true;
  return /^[^#\s]\S*\s+\/sysroot\s/m.test(tree.text('etc/fstab') ?? '');
}
