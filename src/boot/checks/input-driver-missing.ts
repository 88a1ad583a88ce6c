import type { BoundDriver } from '../../host/types.ts';
import { hasWord } from '../command-line.ts';
import { unreadContents } from '../drivers/contents.ts';
import { kernelDrivers, type KernelDrivers } from '../drivers/kernel-drivers.ts';
import { isReady } from '../drivers/ready.ts';
import { translate } from '../requirements/bound-drivers.ts';
import type { BootFacts, Check, Observation } from '../types.ts';

/** A passphrase unlocks the disk, and no keyboard works that early. */
export const inputDriverMissing: Check = {
  code: 'input_driver_missing',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom: 'The passphrase prompt is there, and no key has any effect.',
  cause: 'The image was built without the keyboard plugged in, or for a kernel that had its driver built in.',
  cure: '`dracut --force --add-drivers "usbhid hid_generic xhci_pci" --kver K IMAGE`, with the names of the keyboard’s own drivers.',
  repair: ['rebuild'],
  *observe(facts) {
    if (facts.host.storage.passphrase !== true || facts.image === null) return;
    if (facts.cmdline !== null && hasWord(facts.cmdline, 'rd.luks.key')) return;
    const keyboards = keyboardsOf(facts.host.storage.keyboards);
    if (keyboards.length === 0) yield* anyKeyboard(facts);
    else yield* seenKeyboards(keyboards, facts);
  },
};

/** One keyboard: the innermost device, and the drivers from it up to the bus. */
interface Keyboard {
  readonly device: string;
  readonly drivers: readonly BoundDriver[];
}

/** The drivers come as one list: a keyboard is a device that no other in the list lies below. */
function keyboardsOf(drivers: readonly BoundDriver[]): readonly Keyboard[] {
  const devices = [...new Set(drivers.map(({ device }) => device))];
  const leaves = devices.filter((device) => !devices.some((other) => other.startsWith(`${device}/`)));
  return leaves.map((leaf) => ({
    device: leaf,
    drivers: drivers.filter(({ device }) => leaf === device || leaf.startsWith(`${device}/`)),
  }));
}

function* seenKeyboards(keyboards: readonly Keyboard[], facts: BootFacts): Iterable<Observation> {
  const drivers = kernelDrivers(facts);
  const judged = keyboards.map(({ device, drivers: bound }) => ({
    device,
    missing: bound
      .map((driver) => translate(driver, facts, drivers))
      .filter((name) => name !== null)
      .filter((name) => !isReady(name, drivers)),
  }));
  const dead = judged.filter(({ missing }) => missing.length > 0);
  if (dead.length === 0) return;
  const works = dead.length < judged.length || hasSerialConsole(facts);
  const unread = facts.image === null ? null : unreadContents(facts.image);
  if (unread !== null) {
    if (!works) yield { defect: false, what: 'whether a keyboard works at the passphrase prompt', reason: unread };
    return;
  }
  const missing = [...new Set(dead.flatMap((keyboard) => keyboard.missing))];
  yield {
    defect: true,
    ...(works ? { severity: 'warning' } : {}),
    message: `A passphrase must be typed, and the image lacks ${missing.join(', ')} for ${works ? 'one of the keyboards' : 'every keyboard'}.`,
    evidence: {
      missing,
      keyboards: judged.map((keyboard) => ({ device: keyboard.device, missing: keyboard.missing })),
      serial_console: hasSerialConsole(facts),
    },
  };
}

/** No keyboard is seen (a host read from its files, a machine in a rack): any way to type will do. */
const WAYS_TO_TYPE: readonly (readonly string[])[] = [
  ['i8042', 'atkbd'],
  ['usbhid', 'hid_generic', 'xhci_pci'],
  ['usbhid', 'hid_generic', 'ehci_pci'],
  ['hyperv_keyboard'],
  ['virtio_input'],
];

function* anyKeyboard(facts: BootFacts): Iterable<Observation> {
  const drivers = kernelDrivers(facts);
  if (hasSerialConsole(facts) || WAYS_TO_TYPE.some((way) => canType(way, drivers))) return;
  yield {
    defect: false,
    what: 'whether a keyboard works at the passphrase prompt',
    reason: 'no keyboard was seen on this host, and the image has none of the usual drivers',
  };
}

function canType(way: readonly string[], drivers: KernelDrivers): boolean {
  return way.every((name) => isReady(name, drivers));
}

function hasSerialConsole({ cmdline }: BootFacts): boolean {
  return (
    cmdline?.words.some(({ key, value }) => key === 'console' && /^(ttyS|ttyAMA|hvc|ttysclp|sclp)/.test(value ?? '')) ??
    false
  );
}
