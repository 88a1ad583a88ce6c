import type { PlannedCommand, Verified } from '../../packages/types.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import type { ReinstallRequest } from '../../protocol/messages.ts';
import { describeDamage, reinstallChange } from './describe.ts';
import type { Plan } from '../mending/mend.ts';
import { commandStep } from '../mending/run-commands.ts';
import type { Site } from '../mending/with-site.ts';

export interface ReinstallPlan extends Plan {
  /** Every package of the list, as found. */
  readonly verified: readonly Verified[];
  /** Those of them that are to be reinstalled. */
  readonly reinstall: readonly Verified[];
  readonly commands: readonly PlannedCommand[];
}

/**
 * What a reinstall of these packages would do. Changes nothing.
 * @param why intact packages are reinstalled too, in words
 * @throws BellwetherError `package_absent` naming those that are not installed; those of the package manager
 */
export async function planReinstall(
  site: Site,
  { packages: names, when, clean_cache: cleanCache }: ReinstallRequest['params'],
  why = '"params.when" is "always"',
): Promise<ReinstallPlan> {
  const packages = await site.packages();
  const verified = await packages.verify(names);
  refuseAbsent(names, verified);
  const reinstall = verified.filter(({ damaged }) => damaged || when === 'always');
  if (reinstall.length === 0) return { verified, reinstall, commands: [], steps: [], changes: [] };
  const commands = await packages.planReinstall(
    reinstall.map(({ name, version, arch }) => ({ name, version, arch })),
    cleanCache,
  );
  const found = reinstall.map((each) => `${each.name}: ${describeDamage(each)}`).join('; ');
  const because = reinstall.some(({ damaged }) => damaged) ? found : `${why} (${found})`;
  return {
    verified,
    reinstall,
    commands,
    steps: commands.map((command) => commandStep(command, because)),
    changes: reinstall.map(reinstallChange),
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
