import { lastValue } from '../command-line.ts';
import { loadedByAlias } from '../drivers/loaded-by-alias.ts';
import type { BootFacts, CommandLine, Requirement } from '../types.ts';
import type { ImageFacts } from '../../image/types.ts';
import { rootResolver } from './root-resolver.ts';

/** A device that the kernel itself makes, by the name that it gives. */
const KERNEL_NAME = /^\/dev\/(?!disk\/|mapper\/)/;

/**
 * Whether udev has nothing to do for this boot, which its scripts go on with: those of initramfs-tools load the drivers
 * that conf/modules names, and find a plain disk by what is on it.
 */
export function udevIsIdle(facts: BootFacts, requirements: readonly Requirement[]): boolean {
  const { image, cmdline, host } = facts;
  return (
    image?.generator === 'initramfs-tools' &&
    host.storage.state === 'complete' &&
    findsRoot(image, cmdline) &&
    !requirements.some(({ kind }) => kind === 'layer') &&
    loadedByAlias(facts, requirements).length === 0
  );
}

function findsRoot(image: ImageFacts, cmdline: CommandLine | null): boolean {
  const root = cmdline === null ? null : lastValue(cmdline, 'root');
  return root !== null && (KERNEL_NAME.test(root) || rootResolver(image, cmdline) !== null);
}
