import { hasWord } from '../../boot/command-line.ts';
import type { BootFacts } from '../../boot/types.ts';
import type { HostFacts, LoaderEntry } from '../../host/types.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import { kernelInstallHint } from '../kernel-install-hint.ts';
import { shellWords } from '../../protocol/shell-words.ts';
import type { Judged } from '../look.ts';
import type { Candidate, ImageSite } from './types.ts';

/** Why no generator may be run for a kernel, and the command that makes its image instead, where one does. */
export interface OtherMaker {
  readonly error: BellwetherError;
  readonly command: readonly string[] | null;
}

/** What is refused before anything is looked at more closely: hosts and entries whose images are made in other ways. */
export function refuseKind(judged: Judged): void {
  const { target, facts } = judged;
  const { entry } = target;
  const other = otherMaker(judged);
  if (other !== null) throw other.error;
  if (entry !== null && target.images.length === 0)
    throw refusal(
      `the entry "${entry.title}" (${entry.source}) names no image, and entries are never edited`,
      `write it anew: ${kernelInstallHint(facts.host.root, facts.kernel.kernel, facts.kernel.vmlinuz?.path)}`,
      { entry: entry.id, kernel: facts.kernel.kernel },
    );
}

/**
 * An image is made of the host's programs, and one of them may be damaged: the new image would have nothing to be held against
 * but the same damage.
 */
export function refuseSuspects({ target, facts }: Judged): void {
  const paths = [...facts.copies].flatMap(([path, state]) => (state === 'differs' ? [`/${path}`] : []));
  const [first] = paths;
  if (first === undefined) return;
  throw refusal(
    `${first} is of the same build as in the image and has other content: an image that is built now may be made of damaged programs`,
    `look whether it is as its package brought it (\`rpm --verify --file ${first}\`, \`dpkg --verify\`); where it is not, reinstall that; where it is, build the image by hand`,
    { kernel: target.kernel, paths },
  );
}

/** What makes the images of a kernel where no generator may be run for it; null where one may. */
export function otherMaker({ target, facts }: Judged): OtherMaker | null {
  const { kernel, cmdline, image } = facts;
  const { entry } = target;
  const name = kernel.kernel;
  if (cmdline !== null && hasWord(cmdline, 'ostree')) {
    const command = ['rpm-ostree', 'initramfs', '--enable'];
    const error = refusal(
      `${name} boots an ostree deployment, whose image belongs to it`,
      `let it be made anew: \`${shellWords(command)}\`, or rebuild the container image (bootc)`,
      { kernel: name },
    );
    return { error, command };
  }
  if (entry?.type === 'uki' || (image?.uki ?? null) !== null) {
    const command = kernelInstall(facts);
    const error = refusal(
      `${name} boots a unified kernel image${entry?.linux?.path === undefined ? '' : ` (${entry.linux.path ?? entry.linux.raw})`}: its initramfs is part of a signed file`,
      `make it anew: ${kernelInstallHint(facts.host.root, name, kernel.vmlinuz?.path)}, or ukify`,
      { kernel: name },
    );
    return { error, command };
  }
  if (entry?.rescue === true) {
    const what = `what boots next is the rescue entry "${entry.title}", which is never touched`;
    return { error: refusal(what, 'name the kernel', { entry: entry.id }), command: null };
  }
  if (kernel.modulesDir !== null) return null;
  const error = new BellwetherError(
    'kernel_absent',
    `kernel ${name} has no modules here: no image can be built from nothing`,
    { hint: 'install it again, or remove its boot entry', at: { kernel: name } },
  );
  return { error, command: null };
}

/** systemd's kernel-install writes the image, or the unified file, and the entry. */
function kernelInstall({ kernel: { kernel, vmlinuz } }: BootFacts): readonly string[] {
  return ['kernel-install', 'add', kernel, vmlinuz?.path ?? `/boot/vmlinuz-${kernel}`];
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
      { hint: mountHint(unmounted, host.root), at: { ...at, mount_point: unmounted.mountPoint } },
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

/** The command that mounts it on this machine: below another root its fstab is not this machine's. */
function mountHint({ spec, mountPoint }: HostFacts['boot']['mounts'][number], root: string): string {
  return shellWords(root === '/' ? ['mount', mountPoint] : ['mount', spec, `${root}${mountPoint}`]);
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
