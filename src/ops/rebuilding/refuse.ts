import { hasWord } from '../../boot/command-line.ts';
import type { LoaderEntry } from '../../host/types.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import { kernelInstallHint } from '../kernel-install-hint.ts';
import type { Judged } from '../look.ts';
import type { Candidate, ImageSite } from './types.ts';

/** What is refused before anything is looked at more closely: hosts and entries whose images are made in other ways. */
export function refuseKind({ target, facts }: Judged): void {
  const { kernel, cmdline, image } = facts;
  const { entry } = target;
  const name = kernel.kernel;
  if (cmdline !== null && hasWord(cmdline, 'ostree'))
    throw refusal(
      `${name} boots an ostree deployment, whose image belongs to it`,
      'let it be made anew: `rpm-ostree initramfs --enable`, or rebuild the container image (bootc)',
      { kernel: name },
    );
  if (entry?.type === 'uki' || (image?.uki ?? null) !== null)
    throw refusal(
      `${name} boots a unified kernel image${entry?.linux?.path === undefined ? '' : ` (${entry.linux.path ?? entry.linux.raw})`}: its initramfs is part of a signed file`,
      `make it anew: ${kernelInstallHint(facts.host.root, name, kernel.vmlinuz?.path)}, or ukify`,
      { kernel: name },
    );
  if (entry?.rescue === true)
    throw refusal(`what boots next is the rescue entry "${entry.title}", which is never touched`, 'name the kernel', {
      entry: entry.id,
    });
  if (entry !== null && target.images.length === 0)
    throw refusal(
      `the entry "${entry.title}" (${entry.source}) names no image, and entries are never edited`,
      `write it anew: ${kernelInstallHint(facts.host.root, name, kernel.vmlinuz?.path)}`,
      { entry: entry.id, kernel: name },
    );
  if (kernel.modulesDir === null)
    throw new BellwetherError(
      'kernel_absent',
      `kernel ${name} has no modules here: no image can be built from nothing`,
      {
        hint: 'install it again, or remove its boot entry',
        at: { kernel: name },
      },
    );
}

/** What is refused for where an image lies. */
export function refusePlace({ target, facts }: Judged, site: ImageSite): void {
  const { host } = facts;
  const at = { path: site.path, kernel: target.kernel };
  const unmounted = host.boot.mounts.find(
    ({ mountPoint, mounted }) => mounted === false && site.real.startsWith(`${mountPoint}/`),
  );
  if (unmounted !== undefined)
    throw new BellwetherError(
      'boot_not_mounted',
      `${unmounted.mountPoint} (${unmounted.spec}) is in fstab but not mounted: what is written to ${site.path} now, the loader never sees`,
      { hint: `mount ${unmounted.mountPoint}`, at: { ...at, mount_point: unmounted.mountPoint } },
    );
  const sharer = host.loader.entries.find((other) => isForeign(other, target.kernel) && loads(other, site));
  if (sharer !== undefined)
    throw refusal(
      `${site.path} is also what the entry "${sharer.title}" loads${sharer.rescue ? ', the rescue entry' : ` for ${sharer.kernel ?? 'another kernel'}`}`,
      'give each kernel an image of its own',
      { ...at, entry: sharer.id },
    );
  switch (site.refusal) {
    case 'read_only':
      throw new BellwetherError('boot_read_only', `${site.path} lies on a file system that is mounted read-only`, {
        hint: 'look in the kernel log for why, then mount it read-write (`mount -o remount,rw`)',
        at,
      });
    case 'absent':
      throw refusal(`the folder of ${site.path} is not there`, 'mount it, or mend the boot entry', at);
    case 'not_permitted':
      throw new BellwetherError('not_permitted', `${site.path} may not be written`, { hint: 'run it as root', at });
    case null:
  }
}

/** A healthy image is not given up for one that lacks what somebody had put into it. */
export function refuseLoss({ kernel, path, before, lost }: Candidate): void {
  if (before?.verdict !== 'healthy' || lost.length === 0) return;
  throw refusal(
    `${path} is healthy, and cannot be built again as it was: ${lost.join(', ')}`,
    'put back what is missing; or build it once by hand, with the options that it is to have from now on',
    { path, kernel, lost: [...lost] },
  );
}

function isForeign(entry: LoaderEntry, kernel: string): boolean {
  return entry.rescue || (entry.kernel !== null && entry.kernel !== kernel);
}

function loads(entry: LoaderEntry, { path, real }: ImageSite): boolean {
  return entry.initrds.some((initrd) => initrd.path === path || initrd.path === real);
}

function refusal(message: string, hint: string, at: Readonly<Record<string, unknown>>): BellwetherError {
  return new BellwetherError('not_supported', message, { hint, at });
}
