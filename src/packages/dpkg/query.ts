import { BellwetherError } from '../../protocol/errors.ts';
import type { Runner } from '../../system/runner.ts';
import { dpkgKernelPackages } from './kernels.ts';
import { isPresent, parseDpkgStatus, STATUS_FORMAT, unfinishedState, type DpkgPackage } from './status.ts';
import { parseDpkgVerify } from './verify.ts';
import type { InstalledPackage, KernelPackage, Verified } from '../types.ts';

const LIMIT = 256 * 1024 * 1024;

/** Every package that is there or held, as dpkg's database has it: one run, whatever is asked. */
export async function queryDpkg(runner: Runner): Promise<readonly DpkgPackage[]> {
  const { stdout } = await runner.run('dpkg-query', ['--show', `--showformat=${STATUS_FORMAT}`], { maxOutput: LIMIT });
  return parseDpkgStatus(stdout);
}

/** Those of these names that are installed, with the kernel that each belongs to. */
export function named(packages: readonly DpkgPackage[], names: readonly string[]): readonly InstalledPackage[] {
  const present = packages.filter(isPresent);
  const kernels = new Map(dpkgKernelPackages(present).map((each) => [each.name, each.kernel]));
  return present
    .filter(({ name }) => names.includes(name))
    .map(({ name, version, arch }) => ({ name, version, arch, kernel: kernels.get(name) ?? null }));
}

/** The packages of kernels that are installed, as the interface of package managers has them. */
export async function queryKernels(runner: Runner): Promise<readonly KernelPackage[]> {
  return dpkgKernelPackages((await queryDpkg(runner)).filter(isPresent));
}

/** What dpkg's own verification, and its state, say of one package that is there. Exit status 1 may mean no more than that something differs. */
export async function verifyWithDpkg(runner: Runner, each: DpkgPackage): Promise<Verified> {
  const { name, version, arch } = each;
  const command = ['--verify', name] as const;
  const { stdout, stderr, exit } = await runner.run('dpkg', command, { accept: [0, 1, 2], timeoutSeconds: 300 });
  if (/^dpkg: /m.test(stderr) && stdout === '' && exit !== 0)
    throw new BellwetherError('command_failed', `dpkg --verify ${name}: ${stderr.trim()}`, {
      at: { command: ['dpkg', ...command], exit, log: stderr.trim().split('\n').slice(-20) },
    });
  const files = parseDpkgVerify(stdout);
  const unfinished = unfinishedState(each);
  const damaged = unfinished !== null || files.some(({ harmless }) => !harmless);
  return { name, version, arch, files, damaged, ...(unfinished === null ? {} : { unfinished }) };
}
