import type { StorageFacts } from '../../host/types.ts';
import type { ImageFacts } from '../../image/types.ts';
import { CRYPTROOT_TABLE, mappingName, replacesTable } from '../cryptroot.ts';
import { parseCrypttab, type CrypttabLine } from '../crypttab.ts';
import { canonicalName, findNode, lookUpDevice } from '../device-names.ts';
import { dracutArguments } from '../dracut-arguments.ts';
import { listedUuids } from '../luks.ts';
import { neededNodes } from '../storage-stack.ts';
import type { Check, CommandLine } from '../types.ts';

/** The crypttab frozen in the image says other things of a volume that `/` needs than the host's does. */
export const crypttabStale: Check = {
  code: 'crypttab_stale',
  checkpoint: 'root',
  severity: 'warning',
  symptom: 'The volume is not unlocked, or asks for a passphrase where a key or a TPM should answer.',
  cause: '/etc/crypttab was changed after the image was built.',
  cure: 'Build the image anew: `dracut --force --kver K IMAGE`, or `update-initramfs -u -k K`.',
  repair: ['rebuild'],
  *observe(facts) {
    const { image, host, cmdline } = facts;
    const words = dracutArguments(facts);
    const frozen = image === null ? null : frozenTable(image);
    if (frozen === null || host.files.crypttab === null) return;
    if (frozen.rewritten && replacesTable(cmdline)) return;
    const inImage = parseCrypttab(frozen.text);
    const onHost = parseCrypttab(host.files.crypttab);
    for (const { node, top } of neededNodes(host.storage)) {
      if (node.kind !== 'crypt') continue;
      const name = mappingName(node);
      const before = inImage.find((line) => line.name === name);
      const now = onHost.find((line) => line.name === name);
      if (before === undefined || now === undefined) continue; // what is not listed at all is for luks_unlisted
      const gone = lookUpDevice(before.device, host.storage) === 'absent';
      const differences = [
        ...(gone || isOther(before.device, now.device, host.storage) ? ['device'] : []),
        ...(frozen.rewritten ? [] : compareUse(before, now)),
      ];
      if (differences.length === 0) continue;
      const stops = gone && !isPassedOver(before, words);
      yield {
        defect: true,
        message: stops
          ? `The image unlocks ${name}, which ${top} is on, from ${before.device}, which this host does not have.`
          : `The image's crypttab has another ${differences.join(' and ')} for ${name}, which ${top} is on, than the host's.`,
        evidence: { volume: name, path: frozen.path, image: lineOf(before), host: lineOf(now), differences },
        ...(stops ? { severity: 'fatal' } : {}),
      };
    }
  },
};

/** Where the command line lists volumes, lines of others count for nothing (systemd-cryptsetup-generator(8)). */
function isPassedOver({ device }: CrypttabLine, words: CommandLine | null): boolean {
  if (words === null) return false;
  const { alone, named } = listedUuids(words);
  const listed = [...alone, ...named];
  return listed.length > 0 && !listed.some((uuid) => uuid !== '' && device.toLowerCase().includes(uuid));
}

/** dracut's copy; that of cryptsetup-initramfs, which writes other key files and devices for the same. */
function frozenTable({ tree }: ImageFacts): { path: string; text: string; rewritten: boolean } | null {
  for (const [path, rewritten] of [
    ['etc/crypttab', false],
    [CRYPTROOT_TABLE, true],
  ] as const) {
    const text = tree.text(path);
    if (text !== null) return { path, text, rewritten };
  }
  return null;
}

/** Both are there, and they are not the same device: a name and a UUID of one device are. */
function isOther(before: string, now: string, storage: StorageFacts): boolean {
  if (canonicalName(before) === canonicalName(now)) return false;
  const [one, other] = [findNode(before, storage), findNode(now, storage)];
  return one !== null && other !== null && one.id !== other.id;
}

/** Options that only say when, or how loudly, say nothing about whether it opens. */
const WITHOUT_EFFECT =
  /^(discard|allow-discards|no-read-workqueue|no-write-workqueue|same-cpu-crypt|submit-from-crypt-cpus|initramfs|force|x-initrd\.attach|nofail|luks|timeout=.*|tries=.*|quiet|loud|password-echo=.*|loop)$/;

function compareUse(before: CrypttabLine, now: CrypttabLine): readonly string[] {
  const options = ({ options: all }: CrypttabLine) =>
    all
      .filter((option) => !WITHOUT_EFFECT.test(option))
      .sort()
      .join(',');
  return [
    ...(before.keyFile === now.keyFile ? [] : ['key file']),
    ...(options(before) === options(now) ? [] : ['options']),
  ];
}

function lineOf({ name, device, keyFile, options }: CrypttabLine): string {
  return [name, device, keyFile ?? 'none', options.join(',')].join(' ').trim();
}
