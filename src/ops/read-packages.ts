import type { PackageReader } from '../host/package-facts.ts';
import type { HostTree } from '../host/tree.ts';
import type { HostFacts } from '../host/types.ts';
import { BellwetherError } from '../protocol/errors.ts';
import { openRunner, type Runner } from '../system/runner.ts';

/** Seconds: a check takes half of one, and goes without what takes longer. */
const PATIENCE = 3;

/** Asks a host's package database for what the rules want to know of it. */
export function packageReader(signal?: AbortSignal): PackageReader {
  return async (tree, { packageManager, source }, kernels) => {
    const { readPackages } = await import('../packages/read-packages.ts');
    // Of a copy nobody knows whether it is whole, and rpm would trust it with more than its database.
    const whole = source === 'live' || source === 'mounted';
    const rpm = whole ? ownRpm(tree.root, signal) : null;
    return readPackages(tree, { manager: packageManager?.name ?? null, kernels, whole, rpm });
  };
}

/** Whether a file of the host is just what its package brought; null where nothing tells, or nothing may be asked. */
export async function isAsPackaged(
  tree: HostTree,
  { packageManager, source }: Pick<HostFacts, 'packageManager' | 'source'>,
  path: string,
  signal?: AbortSignal,
): Promise<boolean | null> {
  const packages = await import('../packages/as-packaged.ts');
  const rpm = source === 'live' || source === 'mounted' ? ownRpm(tree.root, signal) : null;
  try {
    return await packages.isAsPackaged(tree, path, { manager: packageManager?.name ?? null, rpm });
  } catch (error) {
    if (error instanceof BellwetherError && signal?.aborted !== true) return null; // rpm is not here, or cannot answer
    throw error;
  }
}

/** This machine's rpm on the host's database: nothing of another host is run, and nothing mounted there. */
function ownRpm(root: string, signal: AbortSignal | undefined): Runner {
  const runner = openRunner('/');
  const there = root === '/' ? [] : ['--root', root];
  return {
    root,
    run: (command, args, options = {}) =>
      runner.run(command, [...there, ...args], {
        ...options,
        ...(signal === undefined ? {} : { signal }),
        timeoutSeconds: PATIENCE,
      }),
  };
}
