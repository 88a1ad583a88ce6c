import type { StorageNode } from '../../host/types.ts';
import type { ImageFacts } from '../../image/types.ts';
import { lastValue, namesDisk } from '../command-line.ts';
import { canonicalName } from '../device-names.ts';
import { dracutArguments, isDracut } from '../dracut-arguments.ts';
import { isDeviceDriver } from '../drivers/by-modprobe.ts';
import { loadedByAlias } from '../drivers/loaded-by-alias.ts';
import { runsSystemd } from '../userspace/programs.ts';
import {
  linksByContent,
  loadsDrivers,
  tagsBlockDevices,
  udevRules,
  type DeviceKind,
  type RulesFile,
} from '../userspace/udev-rules.ts';
import type { BootFacts, Check, Requirement } from '../types.ts';

/** udev is there, but not the rules by which it loads drivers, names the root device, or tells systemd of it. */
export const udevRulesMissing: Check = {
  code: 'udev_rules_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom: '"Warning: /dev/disk/by-uuid/… does not exist", although the disk is there; then the emergency shell.',
  cause: 'The build was broken off, or udev was being replaced while the image was made.',
  cure: 'Reinstall udev (systemd-udev, udev), then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const { image } = facts;
    if (image === null || image.unread.length > 0) return;
    if (!isDracut(image) && image.generator !== 'initramfs-tools') return;
    const rules = udevRules(image.tree);
    // Without any, udev itself is not whole: another rule tells.
    if (rules === null || rules.length === 0) return;
    for (const { what, because } of missingRules(facts, image, requirements, rules)) {
      yield {
        defect: true,
        message: `No udev rule in the image ${what}: ${because}.`,
        evidence: {
          rules: rules.map(({ path }) => path),
          because,
          image: image.files[image.files.length - 1]?.path ?? null,
        },
      };
    }
  },
};

interface MissingRule {
  readonly what: string;
  readonly because: string;
}

function* missingRules(
  facts: BootFacts,
  image: ImageFacts,
  requirements: readonly Requirement[],
  rules: readonly RulesFile[],
): Iterable<MissingRule> {
  const byAlias = loadedByAlias(facts, requirements).find(({ requirement }) => isDeviceDriver(requirement));
  if (byAlias !== undefined && !rules.some(loadsDrivers)) {
    yield { what: 'has drivers loaded', because: byAlias.requirement.because };
  }
  const root = lastValue(dracutArguments(facts) ?? { text: '', words: [] }, 'root');
  if (!isDracut(image) || root === null || !namesDisk(root)) return;
  const folder = folderOf(root);
  const kind = kindOf(facts, root);
  if (folder !== null && kind !== null && !rules.some((file) => linksByContent(file, folder, kind))) {
    yield { what: `makes /dev/disk/${folder}`, because: `the command line says root=${root}` };
  }
  if (runsSystemd(image.tree) && !rules.some(tagsBlockDevices)) {
    yield { what: 'tells systemd of block devices', because: `its unit for / waits for root=${root}` };
  }
}

/** The folder of links below /dev/disk that the name of the root device is looked up in; null where it is in none. */
function folderOf(root: string): string | null {
  const tag = /^(UUID|LABEL|PARTUUID|PARTLABEL)=/.exec(canonicalName(root))?.[1];
  return tag === undefined ? null : `by-${tag.toLowerCase()}`;
}

/** What kind of block device carries the root; null where that is not known. */
function kindOf({ host: { storage } }: BootFacts, root: string): DeviceKind | null {
  const top = storage.nodes.find(({ mountPoints }) => mountPoints.includes('/'));
  const below = top?.below.map((id) => storage.nodes.find((node) => node.id === id)) ?? [];
  const [carrier] = below;
  // PARTUUID= names a partition, whatever is in it.
  if (carrier === undefined || /PART(?:UUID|LABEL)=/.test(root)) return carrier === undefined ? null : 'plain';
  return KIND_OF[carrier.kind] ?? null;
}

const KIND_OF: Partial<Readonly<Record<StorageNode['kind'], DeviceKind>>> = {
  lvm_lv: 'dm',
  crypt: 'dm',
  multipath: 'dm',
  md: 'md',
  partition: 'plain',
  disk: 'plain',
};
