// @ts-check
// Faults of what finds the devices: udev, its rules, kmod, systemd's units for them.
import { ALL, DRACUT, PLAIN, SYSTEMD, SYSTEMD_106, SYSTEMD_59, TOOLS, TOOLS_148, fault, nearMiss } from './case.mjs';
import { withFile, without } from './edit.mjs';

const RULES = 'usr/lib/udev/rules.d';
const UNITS = 'usr/lib/systemd/system';

/** @param {...(string | RegExp)} paths */
const gone =
  (...paths) =>
  (/** @type {import('./case.mjs').Sound} */ { members }) =>
    without(members, ...paths);

/** @param {string} value */
const modprobeIs =
  (value) =>
  (/** @type {import('./case.mjs').Sound} */ { members }) =>
    withFile(members, 'etc/sysctl.d/lab.conf', `kernel.modprobe = ${value}\n`);

/** @type {readonly import('./case.mjs').Case[]} */
export const DEVICES = [
  fault('udev_missing', 'no rules', [PLAIN, TOOLS, SYSTEMD_106], gone(/udev\/rules\.d\/.+\.rules$/), {
    boots: null,
    slow: true,
  }),
  fault('udev_missing', 'no daemon', [TOOLS, SYSTEMD_59], gone('usr/lib/systemd/systemd-udevd'), {
    boots: null,
    slow: true,
  }),
  nearMiss('udev_missing', 'no rules for network cards', ALL, gone(`${RULES}/75-net-description.rules`)),

  fault('udev_rules_missing', 'no 60-persistent-storage.rules', DRACUT, gone(`${RULES}/60-persistent-storage.rules`), {
    slow: true,
  }),
  fault('udev_rules_missing', 'no 80-drivers.rules', DRACUT, gone(`${RULES}/80-drivers.rules`), { slow: true }),
  fault('udev_rules_missing', 'no 99-systemd.rules', SYSTEMD, gone(`${RULES}/99-systemd.rules`), { slow: true }),
  nearMiss(
    'udev_rules_missing',
    'no 60-persistent-storage.rules, and nobody asks',
    [TOOLS],
    gone(`${RULES}/60-persistent-storage.rules`),
  ),
  nearMiss('udev_rules_missing', 'no 80-drivers.rules, drivers are named', [TOOLS], gone(`${RULES}/80-drivers.rules`)),
  nearMiss('udev_rules_missing', 'no 71-seat.rules', [SYSTEMD_106], gone(`${RULES}/71-seat.rules`)),

  fault('modules_missing', 'no /lib that leads to them', [TOOLS, TOOLS_148], gone('lib'), { slow: true }),

  fault('kmod_missing', 'no modprobe', ALL, gone('usr/sbin/modprobe'), { boots: null, slow: true }),
  nearMiss('kmod_missing', 'no rmmod', [TOOLS, PLAIN, SYSTEMD_106], gone('usr/sbin/rmmod')),

  fault('modprobe_redirected', 'kernel.modprobe names nothing', SYSTEMD, modprobeIs('/opt/no-such'), { boots: null }),
  nearMiss('modprobe_redirected', 'kernel.modprobe names modprobe', SYSTEMD, modprobeIs('/sbin/modprobe')),
  nearMiss('modprobe_redirected', 'sysctl is there, and nobody runs it', [PLAIN], modprobeIs('/opt/no-such')),

  fault('unit_missing', 'no initrd-switch-root.service', SYSTEMD, gone(`${UNITS}/initrd-switch-root.service`), {
    slow: true,
  }),
  fault('unit_missing', 'no systemd-udevd.service', SYSTEMD, gone(`${UNITS}/systemd-udevd.service`), { slow: true }),
  nearMiss('unit_missing', 'no rescue.service', [SYSTEMD_106, SYSTEMD_59], gone(`${UNITS}/rescue.service`)),
  nearMiss(
    'unit_missing',
    'no systemd-ask-password-console.path',
    [SYSTEMD_59, SYSTEMD_106],
    gone(`${UNITS}/systemd-ask-password-console.path`),
  ),
];
