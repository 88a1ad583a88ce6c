import { ownCommandLine } from '../../host/loader/own-command-line.ts';
import { openTree } from '../../host/tree.ts';
import type { LoaderFacts } from '../../host/types.ts';
import { BellwetherError } from '../../protocol/errors.ts';

/** Where kernel-install looks before it takes what `/proc/cmdline` says. kernel-install(8) */
const CONFIGURED = ['/etc/kernel/cmdline', '/usr/lib/kernel/cmdline'];

/**
 * Refuses to have a kernel's boot entry written by the scripts of packages where they would take the command line of the system that
 * runs for the host's.
 * @throws BellwetherError `not_supported`
 */
export function refuseForeignCommandLine(root: string, loader: LoaderFacts): void {
  const tree = openTree(root, []);
  if (root === '/' || ownCommandLine(loader) !== null || CONFIGURED.some((path) => tree.text(path) !== null)) return;
  throw new BellwetherError(
    'not_supported',
    `no boot entry below ${root} says with which command line it boots: the kernel's scripts would write that of the system that runs into its entry`,
    {
      hint: `write it to ${root}${CONFIGURED[0] ?? ''} first, on one line: root=… and what else it needs`,
      at: { root },
    },
  );
}
