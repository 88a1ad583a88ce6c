import type { StorageFacts } from '../../host/types.ts';
import type { ImageFacts } from '../../image/types.ts';
import { lastValue, namesDisk, parseCommandLine, unexpanded } from '../command-line.ts';
import { canonicalName, lookUpDevice } from '../device-names.ts';
import { dracutArguments, frozenArgumentFiles, isDracut } from '../dracut-arguments.ts';
import { nodesBelow, rootNode } from '../storage-stack.ts';
import type { BootFacts, Check, CommandLine, Observation } from '../types.ts';

/** `root=` names a device that is not there, or nothing at all. */
export const rootUnknown: Check = {
  code: 'root_unknown',
  checkpoint: 'root',
  severity: 'fatal',
  symptom: 'The boot waits for /dev/disk/by-uuid/… until it gives up and shows the emergency shell.',
  cause:
    'The file system was made anew, the disk was cloned or replaced, or the entry was written for another machine.',
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
    else if (namesDisk(root)) yield* judgeDevice(root, facts);
    else yield* judgeShare(root, facts);
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
  if (state === 'known') return;
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
