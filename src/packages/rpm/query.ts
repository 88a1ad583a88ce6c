import { BellwetherError } from '../../protocol/errors.ts';
import type { Runner } from '../../system/runner.ts';
import { type RpmRecord, kernelOf, kernelPackageOf, provesKernel } from './kernel-family.ts';
import { compareEvr } from '../../versions/rpm-versions.ts';
import type { InstalledPackage, KernelPackage } from '../types.ts';

/** One line a package, and one for each thing that it provides. */
const FORMAT =
  '=%{NAME}\\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{SOURCERPM}\\n[+%{PROVIDENAME}\\t%{PROVIDEVERSION}\\n]';
/** What kernel packages provide that are not called kernel. dnf.conf(5), installonlypkgs */
const MARK = 'installonlypkg(kernel)';

/** Every installed version of the packages of these names, oldest first. */
export async function queryRpm(runner: Runner, names: readonly string[]): Promise<readonly InstalledPackage[]> {
  if (names.length === 0) return [];
  const stdout = await rpmAnswers(runner, ['-q', '--qf', FORMAT, '--', ...names]);
  const records = parseRecords(stdout).filter(({ name }) => names.includes(name));
  return inOrder(records).map(({ name, version, arch, provides }) => ({
    name,
    version,
    arch,
    kernel: kernelOf(provides),
  }));
}

/** All installed packages that make up kernels, oldest first. */
export async function queryKernels(runner: Runner): Promise<readonly KernelPackage[]> {
  const [named, marked] = await Promise.all([
    rpmAnswers(runner, ['-qa', '--qf', FORMAT, '--', 'kernel*']),
    rpmAnswers(runner, ['-q', '--qf', FORMAT, '--whatprovides', '--', MARK]),
  ]);
  const records = inOrder(parseRecords(named + marked).filter(provesKernel));
  const packages = records.map((record) => kernelPackageOf(record, records));
  return Promise.all(packages.map(async (each) => (needsFiles(each) ? withKernelOfFiles(runner, each) : each)));
}

/**
 * What rpm printed on stdout. It ends with how many of its arguments came to nothing, which is an answer.
 * @throws BellwetherError `command_failed` where it could not read its database
 */
export async function rpmAnswers(runner: Runner, args: readonly string[], timeoutSeconds = 120): Promise<string> {
  // Never as many as 125: those are for what could not run it at all.
  const accept = Array.from({ length: Math.min(args.length, 100) }, (_, exit) => exit);
  const { exit, stdout, stderr } = await runner.run('rpm', args, { accept, timeoutSeconds, maxOutput: 64 << 20 });
  const error = /^error: .*$/m.exec(stderr)?.[0];
  if (error === undefined || exit === 0) return stdout;
  throw new BellwetherError('command_failed', `rpm: ${error}`, {
    hint: 'rpm --rebuilddb, if its database is damaged',
    at: { command: ['rpm', ...args], exit, log: stderr.trim().split('\n').slice(-20) },
  });
}

/** What `rpm -q --qf FORMAT` printed; lines such as `package x is not installed` are none of its own. */
export function parseRecords(stdout: string): readonly RpmRecord[] {
  const records = new Map<string, RpmRecord>();
  let provides = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const [name = '', version = '', arch = '', source = ''] = line.slice(1).split('\t');
    if (line.startsWith('=') && arch !== '') {
      provides = new Map();
      // What both questions name is there once.
      records.set(line, { name, version, arch, source: sourceName(source), provides });
    } else if (line.startsWith('+') && name !== '') provides.set(name, version);
  }
  return [...records.values()];
}

/** `kernel` of `kernel-4.18.0-348.el8.src.rpm`; empty for what has none. */
function sourceName(file: string): string {
  return /^(?<name>.+)-[^-]+-[^-]+\.(?:no)?src\.rpm$/.exec(file)?.groups?.name ?? '';
}

function inOrder(records: readonly RpmRecord[]): readonly RpmRecord[] {
  const byName = (a: RpmRecord, b: RpmRecord): number => Number(a.name > b.name) - Number(a.name < b.name);
  return [...records].sort((a, b) => compareEvr(a.version, b.version) || byName(a, b));
}

function needsFiles({ kernel, boots }: KernelPackage): boolean {
  return kernel === null && boots;
}

/** SUSE's kernels say by their files alone which `uname -r` they are: the rest of their release is no part of it. */
async function withKernelOfFiles(runner: Runner, each: KernelPackage): Promise<KernelPackage> {
  const label = `${each.name}-${each.version.replace(/^\d+:/, '')}.${each.arch}`;
  const folders = await rpmAnswers(runner, ['-q', '--qf', '[%{DIRNAMES}\\n]', '--', label]);
  const kernel = /^(?:\/usr)?\/lib\/modules\/(?<kernel>[^/\n]+)\/(?:kernel\/)?$/m.exec(folders)?.groups?.kernel;
  return kernel === undefined ? each : { ...each, kernel };
}
