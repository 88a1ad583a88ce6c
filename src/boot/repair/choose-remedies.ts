import type { Finding, Repair } from '../../protocol/messages.ts';

/** One kernel of which something is to be mended. */
export interface Ailing {
  readonly kernel: string;
  readonly findings: readonly Finding[];
}

/** What can be done about the findings, in the order to do it. */
export type Remedy =
  | { readonly kind: 'reinstall'; readonly packages: readonly string[]; readonly because: string }
  | { readonly kind: 'depmod'; readonly kernel: string; readonly because: string }
  | {
      readonly kind: 'rebuild';
      readonly kernel: string;
      readonly addDrivers: readonly string[];
      readonly because: string;
    };

/** What is known of the packages behind the boot. */
export interface PackageState {
  /** Names of those that the package manager's own verification calls damaged. */
  readonly damaged: readonly string[];
  /** Those that make an image what it is: kmod, the generator, udev; as they are called here. */
  readonly suspects: readonly string[];
  /** Names that were reinstalled in an earlier round. */
  readonly reinstalled: readonly string[];
}

export interface Prescription {
  readonly remedies: readonly Remedy[];
  /** Fatal findings that none of the remedies can mend: a person has to. */
  readonly left: readonly Finding[];
}

/** Beside what keeps the host from booting: what would spoil the next image. */
const HOST_SIDE: ReadonlySet<string> = new Set(['packages_damaged', 'host_module_index']);
const MENDABLE: readonly Repair[] = ['reinstall', 'depmod', 'rebuild'];

/**
 * The least that mends the findings.
 *
 * - Damaged packages are reinstalled. Packages that verify are left alone at first; where an earlier round's rebuild
 *   left a finding that a package may be behind, the suspects are reinstalled once although they verify.
 * - A kernel whose own module index is bad gets depmod; one with a fatal finding that a new image mends, a rebuild. The
 *   drivers that were found missing are added by name, unless what is mended before that is why they are.
 * - What only a person can mend (a command line, a table of file systems, a full disk) is told, never done.
 *
 * @param rebuilt kernels whose image an earlier round rebuilt
 */
export function chooseRemedies(
  ailing: readonly Ailing[],
  packages: PackageState,
  rebuilt: ReadonlySet<string>,
): Prescription {
  const wanted = ailing.map(({ kernel, findings }) => ({ kernel, findings: findings.filter(asksForRepair) }));
  const reinstall = toReinstall(
    wanted.filter(({ kernel }) => rebuilt.has(kernel)),
    wanted,
    packages,
  );
  const remedies: Remedy[] = [
    ...reinstall,
    ...wanted.flatMap(({ kernel, findings }) => toIndex(kernel, findings)),
    ...wanted.flatMap(({ kernel, findings }) => toRebuild(kernel, findings, reinstall.length > 0)),
  ];
  const left = wanted.flatMap(({ findings }) => findings.filter((finding) => isFatal(finding) && !isMendable(finding)));
  return { remedies, left };
}

/** Whether a finding is one to do something about, or to tell a person to. */
export function asksForRepair(finding: Finding): boolean {
  return finding.ignored !== true && (isFatal(finding) || HOST_SIDE.has(finding.code));
}

function isFatal(finding: Finding): boolean {
  return finding.severity === 'fatal';
}

/** Its first word decides: where a person has to configure something first, an image built before that is as wrong. */
function isMendable({ repair }: Finding): boolean {
  const [first] = repair;
  return first !== undefined && (MENDABLE.includes(first) || (first === 'free_space' && repair.includes('rebuild')));
}

function toReinstall(
  stubborn: readonly Ailing[],
  all: readonly Ailing[],
  { damaged, suspects, reinstalled }: PackageState,
): readonly Remedy[] {
  if (all.every(({ findings }) => findings.length === 0)) return [];
  const fresh = damaged.filter((name) => !reinstalled.includes(name));
  if (fresh.length > 0)
    return [{ kind: 'reinstall', packages: fresh, because: `${fresh.join(', ')} differs from what was installed` }];
  const blame = stubborn.flatMap(({ findings }) => findings.filter(({ repair }) => repair.includes('reinstall')))[0];
  const rest = suspects.filter((name) => !reinstalled.includes(name));
  if (blame === undefined || rest.length === 0) return [];
  return [{ kind: 'reinstall', packages: rest, because: `${blame.code} is still there after a rebuild` }];
}

function toIndex(kernel: string, findings: readonly Finding[]): readonly Remedy[] {
  const bad = findings.find(({ code }) => code === 'host_module_index');
  return bad === undefined ? [] : [{ kind: 'depmod', kernel, because: bad.message }];
}

function toRebuild(kernel: string, findings: readonly Finding[], reinstalls: boolean): readonly Remedy[] {
  const asking = findings.filter(
    (finding) =>
      isFatal(finding) &&
      isMendable(finding) &&
      finding.repair.includes('rebuild') &&
      // What the kernel's own folder lacks no image can be given, unless a package brings it back first.
      (reinstalls || !isAbsentFromKernel(finding)),
  );
  const [first] = asking;
  if (first === undefined) return [];
  const explained = reinstalls || findings.some(({ code }) => code === 'host_module_index');
  const addDrivers = explained ? [] : [...new Set(asking.flatMap(missingDrivers))].sort();
  return [{ kind: 'rebuild', kernel, addDrivers, because: `${first.code}: ${first.message}` }];
}

function isAbsentFromKernel({ evidence }: Finding): boolean {
  return Array.isArray(evidence.candidates) && evidence.candidates.length === 0;
}

/** Kernel modules that a finding says the image lacks, as `add_drivers` takes them. */
function missingDrivers({ code, evidence }: Finding): readonly string[] {
  if (!code.endsWith('driver_missing') && code !== 'dm_target_missing') return [];
  return [evidence.candidates, evidence.needed, evidence.missing, [evidence.module]]
    .flatMap((names): readonly unknown[] => (Array.isArray(names) ? names : []))
    .filter((name): name is string => typeof name === 'string' && /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name));
}
