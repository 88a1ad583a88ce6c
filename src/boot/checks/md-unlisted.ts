import type { StorageFacts, StorageNode } from '../../host/types.ts';
import { hasWord, isOn, unexpanded, valuesOf } from '../command-line.ts';
import { dracutArguments } from '../dracut-arguments.ts';
import { severityForResume } from '../resume-wait.ts';
import { neededNodes, nodesBelow } from '../storage-stack.ts';
import type { Check, CommandLine } from '../types.ts';

/** dracut assembles the arrays that it is told of and no other, and one that is needed is not among them. */
export const mdUnlisted: Check = {
  code: 'md_unlisted',
  checkpoint: 'root',
  severity: 'fatal',
  symptom: '/dev/md… does not exist; `mdadm --assemble --scan` in the emergency shell brings it up.',
  cause: 'The array was made anew (its UUID changed), or the command line was written before there was one.',
  cure: 'Add rd.md.uuid=UUID (`mdadm --detail --brief /dev/mdN`) or rd.auto=1 to the command line, or rebuild host-only.',
  repair: ['configure', 'rebuild'],
  *observe(facts) {
    const { image, host } = facts;
    const words = dracutArguments(facts);
    const hidden = unexpanded(facts);
    if (words === null || image === null || image.unread.length > 0) return;
    const listed = valuesOf(words, 'rd.md.uuid', 'rd_MD_UUID').map(bareUuid);
    for (const { node, top, forRoot } of neededNodes(host.storage)) {
      if (node.kind !== 'md' || isFirmwareRaid(node)) continue;
      const uuids = arrayUuids(node, host.storage);
      if (isAssembled(uuids, listed, words)) continue;
      if (hidden !== null) {
        yield { defect: false, what: `whether ${node.name}, which ${top} is on, is assembled`, reason: hidden };
        continue;
      }
      yield {
        defect: true,
        message: `${node.name}, which ${top} is on, is a RAID array, and nothing tells dracut to assemble it.`,
        evidence: { array: node.name, array_uuid: uuids[0] ?? null, needed_for: top, listed, md_off: isOff(words) },
        ...(forRoot ? {} : { severity: severityForResume(facts) }),
      };
    }
  },
};

/** Arrays of Intel's and DDF's firmware have containers with UUIDs of their own. */
function isFirmwareRaid({ details }: StorageNode): boolean {
  return details.some((detail) => /imsm|ddf|container|external/.test(detail));
}

/** What blkid shows of a member is the UUID of its array. */
function arrayUuids(node: StorageNode, storage: StorageFacts): readonly string[] {
  const all = [...nodesBelow(storage, node).map(({ uuid }) => uuid), node.uuid];
  return [...new Set(all.filter((uuid) => uuid !== null).map(bareUuid))];
}

function isOff(words: CommandLine): boolean {
  return !isOn(words, 'rd.md', true) || hasWord(words, 'rd_NO_MD');
}

function isAssembled(uuids: readonly string[], listed: readonly string[], words: CommandLine): boolean {
  if (isOff(words)) return false;
  if (listed.length === 0) return isOn(words, 'rd.auto', false);
  return uuids.length === 0 || uuids.some((uuid) => listed.includes(uuid));
}

/** mdadm writes colons, blkid dashes, at different places. */
function bareUuid(uuid: string): string {
  return uuid.trim().toLowerCase().replace(/[-:]/g, '');
}
