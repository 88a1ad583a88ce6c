import type { StorageFacts, StorageNode } from '../../host/types.ts';
import type { ImageFacts } from '../../image/types.ts';
import { findLayer } from '../requirements/find-layer.ts';
import type { Severity } from '../../protocol/messages.ts';
import { lastValue } from '../command-line.ts';
import { dracutArguments } from '../dracut-arguments.ts';
import { nodesBelow } from '../storage-stack.ts';
import type { BootFacts, Observation, Requirement } from '../types.ts';
import { missingParts, type LayerName } from './layer-parts.ts';

/** Names of the layers for people. */
const SPOKEN: Readonly<Record<LayerName, string>> = {
  lvm: 'LVM',
  crypt: 'encryption (LUKS)',
  md: 'software RAID (md)',
  multipath: 'multipath',
  iscsi: 'iSCSI',
  nfs: 'NFS',
  btrfs: 'btrfs on several devices',
  bcache: 'bcache',
};

/** Whether a layer that `/` stands on has its user space in the image. */
export function* observeLayer(
  layer: LayerName,
  facts: BootFacts,
  requirements: readonly Requirement[],
  severity?: Severity,
): Iterable<Observation> {
  const { image, host, cmdline } = facts;
  if (image === null || image.unread.length > 0) return;
  const root = cmdline === null ? null : lastValue(cmdline, 'root');
  const words = dracutArguments(facts);
  const missing = missingParts(layer, image, { words, root, named: isNamed(image, root, host.storage) });
  if (missing.length === 0) return;
  if (host.storage.state === 'unknown') {
    // The same words for every layer: it is told once.
    yield {
      defect: false,
      what: 'whether the image can assemble what / stands on',
      reason: 'the storage stack of this host is not known, and the image has not every layer in it',
    };
    return;
  }
  const requirement = findLayer(requirements, layer);
  if (requirement === undefined) return;
  yield {
    defect: true,
    message: `The image cannot assemble ${SPOKEN[layer]}: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not in it.`,
    evidence: {
      layer,
      missing,
      because: requirement.because,
      image: image.files[image.files.length - 1]?.path ?? null,
      generator: image.generator,
    },
    ...(severity === undefined ? {} : { severity }),
  };
}

/** What device-mapper makes. */
const MAPPED: ReadonlySet<StorageNode['kind']> = new Set(['lvm_lv', 'crypt', 'multipath']);

/**
 * initramfs-tools finds a root by what is on it, where `root=` has no name for that; but LVM passes over devices of
 * device-mapper that udev's rules do not speak for.
 */
function isNamed({ generator }: ImageFacts, root: string | null, storage: StorageFacts): boolean {
  if (generator !== 'initramfs-tools' || root === null || !/^(?:UUID|LABEL)=/.test(root)) return true;
  return storage.nodes.some(
    (node) =>
      MAPPED.has(node.kind) && nodesBelow(storage, node).some(({ kind }) => MAPPED.has(kind) && kind !== node.kind),
  );
}
