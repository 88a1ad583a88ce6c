import type { ImageFacts } from '../image/types.ts';
import { lastValue, parseCommandLine } from './command-line.ts';
import { otherSpelling } from './device-names.ts';
import { isDracut } from './dracut-arguments.ts';
import { runsSystemd } from './userspace/programs.ts';
import type { BootFacts, Observation } from './types.ts';

/**
 * `root=` has a UUID that the host has, with letters in the other case. The kernel alone does not mind (PARTUUID); what an
 * image holds waits for udev's link of that very name, unless it makes the name over.
 */
export function* judgeSpelling(root: string, { image, host, entry }: BootFacts): Iterable<Observation> {
  const spelled = image === null ? null : otherSpelling(root, host.storage);
  if (image === null || spelled === null) return;
  const literal = takesLiterally(image);
  const { running } = host.cmdlines;
  const cameUpSo = running !== null && lastValue(parseCommandLine(running), 'root') === root;
  if (literal === null && cameUpSo) return;
  if (literal === null || cameUpSo) {
    yield {
      defect: false,
      what: `whether the image finds root=${root}`,
      reason: `udev spells it ${spelled}, ${cameUpSo ? 'yet the host has come up so' : 'and whether the image minds is not known'}`,
    };
    return;
  }
  yield {
    defect: true,
    message: `root=${root} is ${spelled} by udev, whose links are told apart by upper and lower case: the image waits for a device of the other name.`,
    evidence: { root, spelled, entry: entry?.id ?? null, entry_source: entry?.source ?? null },
  };
}

const FUNCTION = /^label_uuid_to_dev\s*\(\)\s*\{([\s\S]*?)^\}/m;
/** A link's name of the word as it is, in that function. */
const AS_IT_IS = '/by-uuid/${_dev#UUID=}"';

/**
 * systemd makes the link's name of the words as they are (fstab_node_to_udev_node), and so does dracut; before 056 its
 * scripts wrote it in lower case. Null where it is neither's: initramfs-tools goes on after half a minute without the device,
 * and what mounts it then may mind or not.
 */
function takesLiterally(image: ImageFacts): boolean | null {
  if (runsSystemd(image.tree)) return true;
  if (!isDracut(image)) return null;
  const library = image.tree.text('usr/lib/dracut-lib.sh') ?? image.tree.text('lib/dracut-lib.sh');
  const body = FUNCTION.exec(library ?? '')?.[1];
  return body?.includes(AS_IT_IS) === true ? true : null;
}
