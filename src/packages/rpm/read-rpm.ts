import { BellwetherError } from '../../protocol/errors.ts';
import type { Runner } from '../../system/runner.ts';
import type { DamagedPackage, PackageState } from '../read-packages.ts';
import { queryKernels, rpmAnswers } from './query.ts';
import { parseVerification, verifyWithRpm } from './verify.ts';

/**
 * rpm's database, asked by rpm itself: in files nothing of it can be read. What rpm cannot say, or not in time, is left
 * out; null where it says nothing at all.
 */
export async function readRpm(
  runner: Runner,
  behindTheBoot: readonly string[],
): Promise<Pick<PackageState, 'kernels' | 'damaged' | 'locks'> | null> {
  const [kernels, damaged] = await Promise.all([
    unlessTrouble(queryKernels(runner)),
    unlessTrouble(findDamaged(runner, behindTheBoot)),
  ]);
  return kernels === null && damaged === null ? null : { kernels, damaged: damaged ?? [], locks: [] };
}

/** One run for all, as long as nothing differs: which package a file is of, that run does not say. */
async function findDamaged(runner: Runner, names: readonly string[]): Promise<readonly DamagedPackage[]> {
  const stdout = await rpmAnswers(runner, ['-V', '--nodeps', '--noscripts', '--', ...names]);
  const lines = stdout.split('\n').filter((line) => !/^package .* is not installed$/.test(line));
  if (parseVerification(lines.join('\n')).every(({ harmless }) => harmless)) return [];
  const damaged = (await verifyWithRpm(runner, names)).filter((each) => each.damaged);
  return damaged.map(({ name, version, files }) => ({
    name,
    version,
    kernel: null,
    files: files.filter(({ harmless }) => !harmless),
  }));
}

async function unlessTrouble<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof BellwetherError) return null; // not verified, which is no reason to doubt the boot
    throw error;
  }
}
