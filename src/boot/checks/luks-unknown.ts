import type { StorageFacts } from '../../host/types.ts';
import { hasWord, isOn, unexpanded, valuesOf } from '../command-line.ts';
import { dracutArguments, frozenArgumentFiles, hasDracutHook } from '../dracut-arguments.ts';
import type { Check } from '../types.ts';

/** `rd.luks.uuid=` names an encrypted volume that is not there; dracut waits for each one that is listed. */
export const luksUnknown: Check = {
  code: 'luks_unknown',
  checkpoint: 'root',
  severity: 'fatal',
  symptom:
    '"dracut-initqueue: timeout, still waiting for … dm-uuid-CRYPT-LUKS…" for minutes, then "crypto LUKS UUID … not found" and "Could not boot".',
  cause: 'The volume (often that of swap) was removed or encrypted anew, and the command line still names it.',
  cure: 'Take the word off: `grubby --update-kernel=ALL --remove-args=rd.luks.uuid=luks-UUID`, and from /etc/default/grub; then rebuild if the image brings it in etc/cmdline.d.',
  repair: ['configure', 'rebuild'],
  *observe(facts) {
    const { image, host } = facts;
    const words = dracutArguments(facts);
    // modules.d/…crypt/parse-crypt.sh (dracut 033 to 112), with systemd and without.
    if (words === null || image === null || !hasDracutHook(image, 'parse-crypt')) return;
    if (!isOn(words, 'rd.luks', true) || hasWord(words, 'rd_NO_LUKS')) return;
    // Where one of these is given the UUIDs are not looked at.
    if (valuesOf(words, 'rd.luks.partuuid', 'rd.luks.serial').some((value) => value !== '')) return;
    const gone = valuesOf(words, 'rd.luks.uuid').filter((uuid) => waitsFor(uuid) && !isThere(uuid, host.storage));
    for (const uuid of gone) {
      const hidden = whyUnsure(host.storage) ?? unexpanded(facts);
      yield hidden === null
        ? {
            defect: true,
            message: `rd.luks.uuid=${uuid} names an encrypted volume that this host does not have; dracut waits for it.`,
            evidence: {
              word: `rd.luks.uuid=${uuid}`,
              volumes: encrypted(host.storage),
              frozen_in: frozenArgumentFiles(image),
            },
          }
        : { defect: false, what: `whether the encrypted volume ${uuid} (rd.luks) exists`, reason: hidden };
    }
  },
};

/** A volume whose file system holds the keys of others is opened when they are, and not waited for. */
function waitsFor(uuid: string): boolean {
  return bare(uuid) !== '' && !uuid.startsWith('keysource:');
}

function bare(uuid: string): string {
  return uuid.replace(/^luks-/, '');
}

/** dracut looks for any part of a UUID, in its letters' case: on disks, and in what device-mapper has open (its header may lie elsewhere). */
function isThere(word: string, { nodes, names }: StorageFacts): boolean {
  const uuid = bare(word);
  const packed = uuid.replace(/-/g, '');
  for (const name of names ?? []) {
    if (name.startsWith('UUID=') && name.includes(uuid)) return true;
    if (name.startsWith('/dev/disk/by-id/dm-uuid-CRYPT-LUKS') && name.includes(packed)) return true;
  }
  return nodes.some(({ kind, uuid: own }) => kind === 'crypt' && own?.includes(uuid) === true);
}

function whyUnsure({ names }: StorageFacts): string | null {
  return names === null ? 'not all devices of this host are known by name' : null;
}

function encrypted({ devices }: StorageFacts): readonly string[] {
  return devices
    .filter(({ holds }) => holds === 'crypto_LUKS')
    .flatMap(({ names }) => names.flatMap((name) => /^UUID=(.+)$/.exec(name)?.[1] ?? []));
}
