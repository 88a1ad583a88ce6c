import type { StorageNode } from '../../host/types.ts';
import type { ImageFacts } from '../../image/types.ts';
import { valuesOf } from '../command-line.ts';
import { cryptrootLines, keyScriptOf, lineOf } from '../cryptroot.ts';
import { dracutArguments } from '../dracut-arguments.ts';
import { bareUuid, luksUuids, opensItself } from '../luks.ts';
import { neededNodes } from '../storage-stack.ts';
import { runsSystemd } from '../userspace/programs.ts';
import type { BootFacts, Check, CommandLine } from '../types.ts';

/** The key file that a volume is to be unlocked with is not in the image: a passphrase is asked for, or nothing at all. */
export const luksKeyMissing: Check = {
  code: 'luks_key_missing',
  checkpoint: 'root',
  severity: 'fatal',
  symptom: '"Please enter passphrase for disk …", on a host that never asked; nobody is there to answer.',
  cause: 'The image was built without the key file: install_items left it out, or the key lay elsewhere by then.',
  cure: 'Put the file into the image: install_items+=" /path/of/key " in /etc/dracut.conf.d, then `dracut --force --kver K IMAGE`; for initramfs-tools KEYFILE_PATTERN= in /etc/cryptsetup-initramfs/conf-hook, then `update-initramfs -u -k K`.',
  repair: ['configure', 'rebuild'],
  *observe(facts) {
    const { image, host } = facts;
    if (image === null || image.unread.length > 0) return;
    const keyOf = keySource(facts, image);
    if (keyOf === null) return;
    for (const { node, top, forRoot } of neededNodes(host.storage)) {
      if (node.kind !== 'crypt') continue;
      const path = keyOf(node);
      if (path === null || MADE_AT_BOOT.test(path) || image.tree.resolve(path).found) continue;
      const onRoot = path.startsWith(ON_ROOT);
      if (onRoot && !forRoot) continue;
      yield {
        defect: true,
        message: onRoot
          ? `${node.name}, which ${top} is on, is to be unlocked with ${path.slice(ON_ROOT.length)}, which lies on it.`
          : `${node.name}, which ${top} is on, is to be unlocked with ${path}, which is not in the image.`,
        evidence: {
          volume: node.name,
          path,
          needed_for: top,
          image: image.files[image.files.length - 1]?.path ?? null,
        },
        ...(forRoot ? {} : { severity: 'warning' }),
      };
    }
  },
};

/** What cryptsetup-initramfs writes before a key that lies on / itself: it is read once that is mounted. */
const ON_ROOT = '/FIXME-initramfs-rootmnt';

/** What tells the key file of a volume; null where none is named, or nothing of it is known. */
function keySource(facts: BootFacts, image: ImageFacts): ((node: StorageNode) => string | null) | null {
  const { storage } = facts.host;
  const words = dracutArguments(facts);
  // dracut's own scripts look for the key on every disk; systemd's generator takes the path for one in the image.
  if (words !== null) return runsSystemd(image.tree) ? (node) => keyInWords(words, luksUuids(node, storage)) : null;
  // The script of cryptsetup-initramfs passes over a volume whose key is not there.
  const lines = cryptrootLines(facts);
  if (lines === null) return null;
  return (node) => {
    const line = lineOf(node, lines, storage);
    return typeof line === 'string' || keyScriptOf(line) !== null ? null : line.keyFile;
  };
}

/** A key file that comes to be as the boot goes on. */
const MADE_AT_BOOT = /^\/(?:dev|proc|run|sys|tmp)\//;

/**
 * The key file that is named for a volume, as systemd-cryptsetup-generator(8) reads it: `PATH` or `UUID=PATH`, the volume's
 * own before that of all. Null where there is none, or it lies on a device of its own (`PATH:DEVICE`).
 */
function keyInWords(words: CommandLine, uuids: readonly string[]): string | null {
  if (opensItself(words)) return null;
  const keys = valuesOf(words, 'rd.luks.key', 'luks.key').map((value) => {
    const own = /^(?<uuid>[^=/]+)=(?<path>\/.*)$/.exec(value)?.groups;
    return { uuid: own?.uuid === undefined ? null : bareUuid(own.uuid), path: own?.path ?? value };
  });
  const path = [
    ...keys.filter(({ uuid }) => uuid !== null && uuids.includes(uuid)),
    ...keys.filter(({ uuid }) => uuid === null),
  ][0]?.path;
  return path === undefined || !path.startsWith('/') || path.includes(':') ? null : path;
}
