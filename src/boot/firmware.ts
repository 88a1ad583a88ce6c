/** How sure it is that what the firmware finds on the EFI partition decides whether the host boots. */
import { canonicalName, lookUpDevice } from './device-names.ts';
import type { BootFacts } from './types.ts';

/** Whether its boot entries are known, and it started this very host from that partition, or from a device without more. */
export function startsHere({ host }: BootFacts): boolean {
  const { firmware } = host.loader;
  // Of a host that is mounted somewhere the entries are those of the machine that looks at it.
  if (firmware?.variables !== true || host.source === 'mounted') return false;
  return firmware.started === 'here' || firmware.started === 'device';
}

/** A volume number, as FAT has instead of a UUID. */
const FAT = /^UUID=[0-9a-f]{4}-[0-9a-f]{4}$/i;

/** Whether there is no other partition from which the firmware might start something: one that an entry names, or any of FAT. */
export function isAlone({ host }: BootFacts): boolean {
  const { firmware } = host.loader;
  const { names } = host.storage;
  if (firmware === null || names === null) return false;
  const named = firmware.elsewhere.some(
    ({ partition }) => partition !== null && lookUpDevice(`PARTUUID=${partition}`, host.storage) !== 'absent',
  );
  const own = new Set(firmware.names.map(canonicalName));
  return !named && [...names].every((name) => !FAT.test(name) || own.has(canonicalName(name)));
}
