import { unreadContents } from '../drivers/contents.ts';
import { kernelDrivers, modulesOfKernel, type KernelDrivers } from '../drivers/kernel-drivers.ts';
import { PLATFORM_DRIVERS } from '../drivers/platforms.ts';
import { isReady } from '../drivers/ready.ts';
import type { BootFacts, Check } from '../types.ts';

/** The image cannot drive the disks of the platform that it is said to boot on. */
export const platformDriverMissing: Check = {
  code: 'platform_driver_missing',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom: 'No disks after a move to other hardware: "Warning: /dev/disk/by-uuid/… does not exist".',
  cause: 'A hostonly image was carried to a machine of another kind: physical to virtual, golden image, another cloud.',
  cure: '`dracut --force --no-hostonly --kver K IMAGE` (package dracut-config-generic), or MODULES=most with initramfs-tools.',
  repair: ['rebuild'],
  *observe(facts) {
    const { platform, image, kernel } = facts;
    if (platform === null || image === null || isHome(facts)) return;
    const drivers = kernelDrivers(facts);
    const { always, oneOf } = PLATFORM_DRIVERS[platform];
    // What the kernel does not have at all is no choice: distributions leave old controllers out.
    const choices = oneOf.filter((name) => knows(name, drivers));
    const ready = choices.filter((name) => isReady(name, drivers));
    const absent = choices.filter((name) => !isReady(name, drivers));
    const lacking = always.filter((name) => knows(name, drivers) && !isReady(name, drivers));
    const noChoice = choices.length === 0 || ready.length === 0;
    if (lacking.length === 0 && absent.length === 0 && !noChoice) return;
    const unread =
      unreadContents(image) ?? (drivers.builtinKnown ? null : 'what is built into the kernel is not known');
    const what = `whether ${kernel.kernel} finds the disks of ${platform}`;
    if (unread !== null) {
      yield { defect: false, what, reason: unread };
      return;
    }
    const evidence = {
      platform,
      needed: [...lacking, ...(noChoice ? oneOf : [])],
      present: ready,
      absent,
      modules: modulesOfKernel(facts).length,
    };
    if (lacking.length > 0 || noChoice) {
      const missing = lacking.length > 0 ? lacking.join(' and ') : `any of ${oneOf.join(', ')}`;
      yield { defect: true, message: `The image lacks ${missing}, which disks of ${platform} take.`, evidence };
      return;
    }
    const reason = `the image has ${ready.join(', ')} and lacks ${absent.join(', ')}; which of them the disk takes is not known`;
    yield { defect: true, severity: 'warning', message: `On ${platform}, ${reason}.`, evidence };
    yield { defect: false, what, reason };
  },
};

/** On the host's own platform, with its disks seen, the drivers bound to them are what counts. */
function isHome({ host, platform }: BootFacts): boolean {
  return host.storage.state === 'complete' && host.platform.name === platform;
}

function knows(name: string, drivers: KernelDrivers): boolean {
  return drivers.isBuiltin(name) || drivers.hasModule(name);
}
