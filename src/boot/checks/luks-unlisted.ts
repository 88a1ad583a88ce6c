import type { StorageNode } from '../../host/types.ts';
import type { ImageFacts } from '../../image/types.ts';
import { hasWord, isOn, lastValue, parseCommandLine, unexpanded, valuesOf } from '../command-line.ts';
import { cryptrootLines, lineOf, mappingName, replacesTable } from '../cryptroot.ts';
import { parseCrypttab, type CrypttabLine } from '../crypttab.ts';
import { canonicalName, lookUpDevice } from '../device-names.ts';
import { dracutArguments } from '../dracut-arguments.ts';
import { listedUuids, luksUuids } from '../luks.ts';
import { severityForResume } from '../resume-wait.ts';
import { neededNodes, nodesBelow } from '../storage-stack.ts';
import { runsSystemd } from '../userspace/programs.ts';
import type { BootFacts, Check, CommandLine, Observation } from '../types.ts';

/** An image unlocks the volumes that it is told of and no other, and one that is needed is not among them. */
export const luksUnlisted: Check = {
  code: 'luks_unlisted',
  checkpoint: 'root',
  severity: 'fatal',
  symptom: 'No passphrase is asked for; the boot waits for /dev/mapper/… until it gives up.',
  cause:
    'The disk was encrypted or re-encrypted (its UUID changed) after the command line was written, the image has no crypttab for it (initramfs-tools: the hook did not find it in /etc/crypttab), or the command line has it passed over (rd.luks.crypttab=0, rd.luks.name= of another).',
  cure: 'Add rd.luks.uuid=luks-UUID (`cryptsetup luksUUID DEVICE`) to the command line, or rebuild host-only so that crypttab goes into the image. For initramfs-tools: put the volume into /etc/crypttab, with the option initramfs, then `update-initramfs -u -k K`.',
  repair: ['configure', 'rebuild'],
  *observe(facts) {
    const { image, host } = facts;
    if (image === null || image.unread.length > 0) return;
    yield* unlistedInTable(facts);
    const words = dracutArguments(facts);
    const hidden = unexpanded(facts);
    if (words === null) return;
    for (const { node, top, forRoot } of neededNodes(host.storage)) {
      if (node.kind !== 'crypt') continue;
      const uuids = luksUuids(node, host.storage);
      if (uuids.length === 0 || isOpened(node, uuids, words, image, facts)) continue;
      if (forRoot && !isOff(words) && mayFindRoot(words, image)) {
        if (hasComeUpSo(words, facts)) continue;
        yield {
          defect: false,
          what: `whether ${node.name}, which ${top} is on, is unlocked`,
          reason: 'systemd may find it by the type of its partition; that the host has come up so is not known',
        };
        continue;
      }
      if (hidden !== null) {
        yield { defect: false, what: `whether ${node.name}, which ${top} is on, is unlocked`, reason: hidden };
        continue;
      }
      yield {
        defect: true,
        message: `${node.name}, which ${top} is on, is encrypted, and nothing tells dracut to unlock it.`,
        evidence: {
          volume: node.name,
          luks_uuid: uuids[0] ?? null,
          needed_for: top,
          listed: valuesOf(words, 'rd.luks.uuid', 'rd_LUKS_UUID', 'rd.luks.name'),
          luks_off: isOff(words),
        },
        ...(forRoot ? {} : { severity: severityForResume(facts) }),
      };
    }
  },
};

/** Of initramfs-tools, whose table the hook of cryptsetup-initramfs writes when the image is built. */
function* unlistedInTable(facts: BootFacts): Iterable<Observation> {
  const { host, cmdline } = facts;
  const lines = cryptrootLines(facts);
  if (lines === null) return;
  const root = cmdline === null ? null : lastValue(cmdline, 'root');
  for (const { node, top, forRoot } of neededNodes(host.storage)) {
    if (node.kind !== 'crypt') continue;
    const line = lineOf(node, lines, host.storage);
    if (line === 'undecided') {
      yield {
        defect: false,
        what: `whether ${node.name}, which ${top} is on, is unlocked`,
        reason: 'a device that the image unlocks is not known by its name',
      };
      continue;
    }
    const name = mappingName(node);
    const isNamed = root !== null && canonicalName(root) === node.name;
    if (line !== 'absent' && (line.name === name || !isNamed)) continue;
    // What the host's crypttab has, and the image's had of a device that is gone, is told by crypttab_stale.
    if (line === 'absent' && !replacesTable(cmdline) && isStale(name, lines, host)) continue;
    yield {
      defect: true,
      message:
        line === 'absent'
          ? `${node.name}, which ${top} is on, is encrypted, and nothing tells the image to unlock it.`
          : `The image unlocks what ${top} is on as ${line.name}, and root= names ${node.name}.`,
      evidence: {
        volume: node.name,
        luks_uuid: luksUuids(node, host.storage)[0] ?? null,
        needed_for: top,
        listed: lines.map(({ name: target, device }) => `${target} ${device}`),
      },
      ...(forRoot ? {} : { severity: severityForResume(facts) }),
    };
  }
}

function isStale(name: string, lines: readonly CrypttabLine[], { files, storage }: BootFacts['host']): boolean {
  const before = lines.find((line) => line.name === name);
  if (before === undefined || lookUpDevice(before.device, storage) !== 'absent') return false;
  return parseCrypttab(files.crypttab ?? '').some((line) => line.name === name);
}

function isOff(words: CommandLine): boolean {
  return !isOn(words, 'rd.luks', true) || !isOn(words, 'luks', true) || hasWord(words, 'rd_NO_LUKS');
}

function isOpened(
  node: StorageNode,
  uuids: readonly string[],
  words: CommandLine,
  image: ImageFacts,
  facts: BootFacts,
): boolean {
  if (isOff(words)) return false;
  // By partition or serial number: dracut then opens whatever LUKS volume that leads to.
  if (valuesOf(words, 'rd.luks.partuuid', 'rd_LUKS_PARTUUID', 'rd.luks.serial').length > 0) return true;
  const { alone, named } = listedUuids(words);
  // udev's rule that dracut writes matches any part of the UUID.
  if ([...alone, ...named].some((uuid) => uuid !== '' && uuids.some((own) => own.includes(uuid)))) return true;
  if (alone.length > 0) return false; // then crypttab's other lines are passed over (systemd-cryptsetup-generator(8))
  if (isOn(words, 'rd.auto', false)) return true;
  if (named.length > 0 || !isCrypttabRead(facts.cmdline)) return false;
  return runsSystemd(image.tree) && inCrypttab(node, uuids, image, facts);
}

/** systemd-gpt-auto-generator(8) opens an encrypted partition of the root's type, where root= leaves the root to it. */
function mayFindRoot(words: CommandLine, { tree }: ImageFacts): boolean {
  const root = lastValue(words, 'root');
  const isLeftToIt = root === null || /^(?:gpt-auto(?:-force)?|\/dev\/gpt-auto-root)$/.test(root);
  return isLeftToIt && tree.resolve('usr/lib/systemd/system-generators/systemd-gpt-auto-generator').found;
}

/** Whether the running system was told the same: the same of root=, and of no volume to unlock. */
function hasComeUpSo(words: CommandLine, { host }: BootFacts): boolean {
  if (host.cmdlines.running === null) return false;
  const running = parseCommandLine(host.cmdlines.running);
  return (
    lastValue(running, 'root') === lastValue(words, 'root') &&
    !running.words.some(({ key }) => /^(?:rd\.)?luks\.(?:uuid|name|partuuid|serial)$|^rd\.auto$/.test(key))
  );
}

/** systemd-cryptsetup-generator knows the kernel's command line alone. */
function isCrypttabRead(cmdline: CommandLine | null): boolean {
  const last = cmdline === null ? null : lastValue(cmdline, 'rd.luks.crypttab', 'luks.crypttab');
  return last === null || !/^(?:0|no?|f(?:alse)?|off)$/i.test(last);
}

function inCrypttab(node: StorageNode, uuids: readonly string[], image: ImageFacts, { host }: BootFacts): boolean {
  const below = nodesBelow(host.storage, node).flatMap(({ name, partuuid }) => [name, `PARTUUID=${partuuid ?? ''}`]);
  const names = new Set([...below, ...uuids.map((uuid) => `UUID=${uuid}`)].map(canonicalName));
  return parseCrypttab(image.tree.text('etc/crypttab') ?? '').some(
    ({ name, device }) => names.has(canonicalName(device)) || `/dev/mapper/${name}` === node.name,
  );
}
