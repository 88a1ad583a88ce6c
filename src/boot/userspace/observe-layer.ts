import { findLayer } from '../requirements/find-layer.ts';
import type { Severity } from '../../protocol/messages.ts';
import { lastValue } from '../command-line.ts';
import { dracutArguments } from '../dracut-arguments.ts';
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
  const missing = missingParts(layer, image, dracutArguments(facts), root);
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
