import type { PackageReader } from '../host/package-facts.ts';
import { openRunner, type Runner } from '../system/runner.ts';

/** Seconds: a check takes half of one, and goes without what takes longer. */
const PATIENCE = 3;

/** Asks a host's package database for what the rules want to know of it. */
export function packageReader(signal?: AbortSignal): PackageReader {
  return async (tree, { packageManager }, kernels) => {
    const { readPackages } = await import('../packages/read-packages.ts');
    const rpm = tree.captured ? null : ownRpm(tree.root, signal);
    return readPackages(tree, { manager: packageManager?.name ?? null, kernels, rpm });
  };
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
