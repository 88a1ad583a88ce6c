import type { ReinstallAnswer, ReinstallRequest } from '../protocol/messages.ts';
import { mend, reportMended, summarizeMended } from './mending/mend.ts';
import type { Tools } from './progress.ts';
import { applyReinstall, observeReinstall } from './reinstalling/apply.ts';
import { planReinstall, type ReinstallPlan } from './reinstalling/plan.ts';

/**
 * Puts packages back as their repository has them: those of the list that the package manager's own verification calls
 * damaged, in exactly the version that is installed; verified again afterwards.
 * @throws BellwetherError those of `mend`; `package_absent`; those of the package manager (`version_absent`,
 *   `repository_unreachable`, `busy`…); `not_effective` naming the files that still differ
 */
export async function reinstall(request: ReinstallRequest, tools: Tools): Promise<ReinstallAnswer> {
  const mended = await mend<ReinstallPlan>(request, tools, {
    plan: (site) => planReinstall(site, request.params),
    apply: applyReinstall,
    observe: observeReinstall,
  });
  const { plan } = mended;
  return {
    ...reportMended('reinstall', request.dry_run, mended),
    packages: plan.verified.map((each) => ({
      name: each.name,
      version: each.version,
      arch: each.arch,
      damaged: each.damaged,
      files: [...each.files],
      reinstalled: plan.reinstall.includes(each),
    })),
    summary: summarizeMended(summarizeReinstall(plan, request), mended),
  };
}

function summarizeReinstall({ reinstall, verified }: ReinstallPlan, { dry_run: dryRun }: ReinstallRequest): string {
  if (reinstall.length === 0) return `nothing to reinstall: ${verified.map(({ name }) => name).join(', ')} intact`;
  const names = reinstall.map(({ name }) => name).join(', ');
  return dryRun ? `would reinstall ${names}` : `reinstalled ${names}, intact now`;
}
