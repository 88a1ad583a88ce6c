// @ts-check
// The truth: QEMU boots this kernel with this image and this disk. It boots, it does not, or there is no telling.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { drive, emulate } from './emulator.mjs';

/** What the guest's own init prints: root was switched to, and a program of the real root runs. */
export const ARRIVED = 'bellwether lab: switched root on';

/** Every case gets it: a guest that cannot find its root ends by itself, soon, and says why. */
export const APPEND =
  'console=ttyS0 panic=-1 quiet loglevel=4 systemd.show_status=0 rd.shell=0 rd.emergency=poweroff rd.retry=20 rd.timeout=30';

/** By what name a guest mounts a folder that it is shown. */
export const MOUNT_TAG = 'labroot';

/**
 * @typedef {{controller: readonly string[], disk: (at: number) => string, backend?: (file: string, at: number) => string[]}} Bus
 *   `backend`: where it is not the file of a disk
 */

/** Of the one disk of a multipath guest, which nobody can write to: the two paths would not see each other's. @param {string} controller */
const pathBy = (controller) => `scsi-hd,bus=${controller}.0,drive=d0,share-rw=on,serial=labdisk,wwn=0x5000c500000be110`;

/**
 * A guest's disk controllers, as QEMU calls the devices, and the disks at them.
 * @satisfies {Record<string, Bus>}
 */
export const BUSES = {
  'virtio-blk': { controller: [], disk: (/** @type {number} */ at) => `virtio-blk-pci,drive=d${at}` },
  'virtio-scsi': {
    controller: ['-device', 'virtio-scsi-pci'],
    disk: (/** @type {number} */ at) => `scsi-hd,drive=d${at}`,
  },
  multipath: {
    controller: ['virtio-scsi-pci,id=one', 'virtio-scsi-pci,id=two', pathBy('two')].flatMap((device) => [
      '-device',
      device,
    ]),
    disk: () => pathBy('one'),
    backend: (/** @type {string} */ file, /** @type {number} */ at) => [
      '-blockdev',
      `driver=raw,node-name=d${at},read-only=on,file.driver=file,file.filename=${file}`,
    ],
  },
  nvme: { controller: [], disk: (/** @type {number} */ at) => `nvme,drive=d${at},serial=lab${at}` },
  ahci: { controller: [], disk: (/** @type {number} */ at) => `ide-hd,drive=d${at},bus=ide.${at}` },
  usb: { controller: ['-device', 'qemu-xhci'], disk: (/** @type {number} */ at) => `usb-storage,drive=d${at}` },
  '9p': {
    controller: [],
    disk: (/** @type {number} */ at) => `virtio-9p-pci,fsdev=d${at},mount_tag=${MOUNT_TAG}`,
    backend: (/** @type {string} */ folder, /** @type {number} */ at) => [
      '-fsdev',
      `local,id=d${at},path=${folder},security_model=none,readonly=on`,
    ],
  },
};

/**
 * @typedef {{prompt: RegExp, keys: string}} Typed
 * @typedef {{
 *   kernel: string, image: string, disk: string | readonly string[], append: string, bus: keyof typeof BUSES,
 *   types?: Typed | undefined,
 * }} Machine
 *   `kernel`, `image`, `disk` (one or several): paths on this machine; `append`: the command line, less what every case
 *   gets; `types`: what somebody at the console answers, each time that it is asked
 * @typedef {{boots: boolean | null, line: string, seconds: number}} Outcome
 *   `boots` null: no verdict; `line`: the console line that decided it
 */

/** The guest is lost once this is on the console: nothing that follows is waited for. */
export const LOST = [/end Kernel panic - not syncing/, /reboot: (?:Power down|Restarting system)/, /Rebooting in/];
/** Why it was lost, the most telling first. */
const REASONS = [
  /Kernel panic - not syncing.*/,
  /.*Could not boot.*/,
  /.*does not exist.*/,
  /.*(?:FATAL|ALERT!).*/,
  /.*emergency (?:mode|shell).*/i,
  /.*Failed to (?:start|mount|switch root).*/,
  /.*Boot has failed.*/,
];
/** What systemd says of jobs that it gave up for others: no reason, only its echo. */
const ECHO = /Transaction .*is destructive/;
/** @satisfies {Record<import('./emulator.mjs').Cut, string>} */
const CUTS = {
  time: 'time is up',
  idle: 'hangs: it waits for nothing that will come',
  clock: 'hangs: by its own clock, five minutes',
};
/** The emulator's fault or the kernel's, and no word about the root: boot again. */
const NO_VERDICT = /double fault|BUG: unable to handle|general protection fault|Oops:|soft lockup|rcu.*stall/;
/** Twenty times what a sound image takes; and again as much for the clock that counts. */
const LIMIT_S = 300;
/** Three times what systemd waits for a device, ten times what dracut and initramfs-tools do. */
const CLOCK_LIMIT_S = 300;
/** dracut gives up, and where it cannot power off, tries again for ever. Once is enough for a boot that is not the last. */
const GAVE_UP = { sign: /Warning: Boot has failed\./, times: 3, first: 1 };

/** What no amount of time would have changed: the kernel gave up, because it lost its init or found none. */
const DECISIVE = /Kernel panic - not syncing: (?:Attempted to kill init|No working init|Requested init|VFS: Unable)/;

/**
 * Boots. A guest that arrives has proven it, and so has one whose kernel lost its init. Any other may have been given too
 * little of the machine: it is booted again, by a clock that does not care, and that tells.
 * @param {Machine} machine
 * @returns {Promise<Outcome>}
 */
export async function boot(machine) {
  const first = await bootOnce(machine, { limit: LIMIT_S, untilIdle: true });
  return isDecided(first) ? first : await bootOnce(machine, { limit: LIMIT_S * 2, clockLimit: CLOCK_LIMIT_S });
}

/**
 * As `boot`; one that was judged healthy and did not come up is given another chance: where the machine is so busy that
 * its disk answers late, the clock that counts runs ahead of it. To arrive once is proof, and not to arrive is none.
 * @param {Machine} machine
 * @param {string} verdict
 */
export async function bootJudged(machine, verdict) {
  const outcome = await boot(machine);
  return verdict === 'healthy' && outcome.boots === false && !isDecided(outcome) ? boot(machine) : outcome;
}

/** @param {Pick<Outcome, 'boots' | 'line'>} outcome */
const isDecided = ({ boots, line }) => boots === true || (boots === false && DECISIVE.test(line));

/**
 * What decides an outcome, as one hash: the same again need not be booted again. The disk counts by the recipe that
 * it is made by: nothing on it but its UUID and its one program takes part.
 * @param {Machine} machine
 * @param {string} diskRecipe
 */
export async function identity({ kernel, image, append, bus }, diskRecipe) {
  const parts = await Promise.all([kernel, image].map(hashOf));
  return createHash('sha256')
    .update(JSON.stringify([...parts, diskRecipe, append, bus, APPEND]))
    .digest('hex')
    .slice(0, 32);
}

/** @param {string} path */
async function hashOf(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * @param {Machine} machine
 * @param {Pick<import('./emulator.mjs').Watch, 'limit' | 'untilIdle' | 'clockLimit'> & {onLine?: (line: string) => void}} watch
 * @returns {Promise<Outcome>}
 */
export async function bootOnce({ kernel, image, disk, append, bus, types }, { onLine, ...watch }) {
  const patience = watch.clockLimit === undefined ? GAVE_UP.first : GAVE_UP.times;
  let gaveUp = 0;
  let isAsked = false;
  /** @type {Bus} */
  const { controller, disk: device, backend = drive } = BUSES[bus];
  const disks = [disk].flat().flatMap((file, at) => [...backend(file, at), '-device', device(at)]);
  const args = ['-smp', '1', '-m', '768', '-kernel', kernel, '-initrd', image, '-append', `${APPEND} ${append}`];
  const { lines, cut, seconds } = await emulate([...args, ...controller, ...disks], {
    ...watch,
    onLine(line, guest) {
      onLine?.(line);
      if (GAVE_UP.sign.test(line)) gaveUp++;
      const arrived = line.includes(ARRIVED) && !append.includes('lab.capture');
      if (arrived || gaveUp === patience || LOST.some((sign) => sign.test(line))) guest.stop();
    },
    onText(_, rest, guest) {
      if (types === undefined || types.prompt.test(rest) === isAsked) return;
      isAsked = !isAsked;
      if (isAsked) guest.type(types.keys);
    },
  });
  return { ...outcomeOf(lines, cut), seconds };
}

/**
 * @param {readonly string[]} lines of the console
 * @param {import('./emulator.mjs').Cut | null} cut
 * @returns {Pick<Outcome, 'boots' | 'line'>}
 */
export function outcomeOf(lines, cut) {
  const arrived = lines.find((line) => line.includes(ARRIVED));
  if (arrived !== undefined) return { boots: true, line: clean(arrived.slice(arrived.indexOf(ARRIVED))) };
  const ill = lines.find((line) => NO_VERDICT.test(line));
  if (ill !== undefined) return { boots: null, line: clean(ill) };
  if (cut !== null) return { boots: cut === 'time' ? null : false, line: CUTS[cut] };
  return { boots: false, line: clean(reasonIn(lines)) };
}

/** @param {readonly string[]} lines */
function reasonIn(lines) {
  const newest = lines.filter((line) => !ECHO.test(line)).reverse();
  for (const sign of REASONS) {
    const line = newest.find((candidate) => sign.test(candidate));
    if (line !== undefined) return sign.exec(line)?.[0] ?? line;
  }
  return newest.find((line) => clean(line) !== '') ?? '';
}

/** @param {string} line */
export function clean(line) {
  return line
    .replace(/\u001b[\]P][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b\[[0-9;?!]*[A-Za-z]|\u001bc|[\u0000-\u001f]/g, '')
    .trim()
    .slice(0, 200);
}
