import { BEHIND_IMAGES } from '../../packages/behind-images.ts';
import type { KernelPackage, Package, PackageManager, PlannedCommand, Verified } from '../../packages/types.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import type { ReinstallRequest } from '../../protocol/messages.ts';
import { describeDamage, reinstallChange } from './describe.ts';
import { keepingNote, planKeeping, type Keeping } from '../keeping/plan.ts';
import type { Plan } from '../mending/mend.ts';
import { commandStep } from '../mending/run-commands.ts';
import type { Site } from '../mending/with-site.ts';

export interface ReinstallPlan extends Plan {
  /** Every package of the list, as found. */
  readonly verified: readonly Verified[];
  /** Those of them that are to be reinstalled. */
  readonly reinstall: readonly Verified[];
  readonly commands: readonly PlannedCommand[];
  /** What is kept meanwhile; null where nothing is reinstalled. */
  readonly keeping: Keeping | null;
}

/**
 * What a reinstall of these packages would do. Changes nothing.
 * @param why intact packages are reinstalled too, in words
 * @param spared those of these names that are left alone: kernels lie beside one another
 * @throws BellwetherError `package_absent` naming those that are not installed; `not_supported` where a kernel is to be
 *   reinstalled while what builds its image is damaged; those of the package manager
 */
export async function planReinstall(
  site: Site,
  { packages: names, when, clean_cache: cleanCache }: ReinstallRequest['params'],
  why = '"params.when" is "always"',
  spared: readonly Package[] = [],
): Promise<ReinstallPlan> {
  const packages = await site.packages();
  const verified = await packages.verify(names);
  refuseAbsent(names, verified);
  const reinstall = verified.filter(
    (each) => (each.damaged || when === 'always') && !spared.some((other) => isSame(other, each)),
  );
  if (reinstall.length === 0) return { verified, reinstall, commands: [], keeping: null, steps: [], changes: [] };
  const kernels = await kernelsOf(packages, reinstall);
  if (kernels.length > 0) await refuseDamagedBuilder(packages, reinstall);
  const commands = await packages.planReinstall(reinstall, cleanCache);
  const found = reinstall.map((each) => `${each.name}: ${describeDamage(each)}`).join('; ');
  const because = reinstall.some(({ damaged }) => damaged) ? found : `${why} (${found})`;
  const owners = reinstall.filter((each) => kernels.some((own) => isSame(own, each))).map(({ name }) => name);
  const keeping = await planKeeping(
    site,
    [...new Set(kernels.flatMap(({ kernel }) => kernel ?? []))],
    owners,
    kernels.length > 0,
  );
  return {
    verified,
    reinstall,
    commands,
    keeping,
    steps: commands.map((command) =>
      commandStep(command, command.action === 'reinstall' ? `${because}${keepingNote(keeping)}` : because),
    ),
    changes: [...reinstall.map(reinstallChange), ...keeping.changes],
  };
}

function refuseAbsent(names: readonly string[], verified: readonly Verified[]): void {
  const absent = names.filter((name) => !verified.some((each) => each.name === name));
  if (absent.length === 0) return;
  throw new BellwetherError(
    'package_absent',
    `"params.packages" names ${absent.map((name) => `"${name}"`).join(', ')}, not installed here`,
    { hint: 'leave it out, or install it', at: { packages: absent } },
  );
}

/** Those of the packages that kernels boot from: their scripts remove and write what those boot from. */
async function kernelsOf(packages: PackageManager, reinstall: readonly Verified[]): Promise<readonly KernelPackage[]> {
  const family = await packages.kernelPackages();
  return family.filter((own) => own.boots && own.kernel !== null && reinstall.some((each) => isSame(own, each)));
}

function isSame(one: Package, other: Package): boolean {
  return one.name === other.name && one.version === other.version && one.arch === other.arch;
}

/** The scripts of a kernel have its image built anew: by what is damaged it would be one that does not boot. */
async function refuseDamagedBuilder(packages: PackageManager, reinstall: readonly Verified[]): Promise<void> {
  const others = BEHIND_IMAGES.filter((name) => !reinstall.some((each) => each.name === name));
  const damaged = (await packages.verify(others)).filter((each) => each.damaged);
  if (damaged.length === 0) return;
  const names = damaged.map(({ name }) => name);
  throw new BellwetherError(
    'not_supported',
    `${reinstall.map(({ name }) => name).join(', ')}: the scripts of a kernel's packages build its image anew, and what builds it is damaged: ${damaged.map((each) => `${each.name}: ${describeDamage(each)}`).join('; ')}`,
    { hint: `reinstall it first, or with them: bellwether reinstall ${names.join(' ')}`, at: { packages: names } },
  );
}
