import type { LockAnswer, LockRequest } from '../protocol/messages.ts';
import { applyLocking, observeLocking, proveLocks } from './locking/apply.ts';
import { planLocking, type LockingPlan } from './locking/plan.ts';
import { mend, reportMended, summarizeMended } from './mending/mend.ts';
import type { Tools } from './progress.ts';

/**
 * Keeps packages in one version, by the package manager's own locks: the whole installed family of a kernel unless
 * packages are named. The locks are read back, and the resolver is asked whether it would move any of them.
 * @throws BellwetherError those of `mend` and `planLocking`; `not_effective` where a lock does not hold
 */
export async function lock(request: LockRequest, tools: Tools): Promise<LockAnswer> {
  const mended = await mend<LockingPlan>(request, tools, {
    locksAsked: ({ wanted }) => wanted.map(({ name, version }) => ({ name, version })),
    plan: async (site) => {
      const plan = await planLocking(site, request.params);
      // What needs no doing must hold all the same.
      if (plan.steps.length === 0) await proveLocks(await site.packages(), plan.wanted);
      return plan;
    },
    apply: async (site, plan) => {
      const told = await applyLocking(site, plan);
      await proveLocks(await site.packages(), plan.wanted);
      return told;
    },
    observe: observeLocking,
  });
  const { plan } = mended;
  return {
    ...reportMended('lock', request.dry_run, mended),
    locks: plan.standing.map(({ name, version, line, source }) => ({ name, version, line, source })),
    summary: summarizeMended(summarizeLock(plan, request), mended),
  };
}

function summarizeLock(plan: LockingPlan, { dry_run: dryRun, params }: LockRequest): string {
  const { state } = params;
  const names = plan.names.join(', ');
  if (plan.names.length === 0) return 'no package of a kernel is installed: there is nothing to unlock';
  if (plan.steps.length === 0) return `${state} already: ${names}`;
  const install = plan.missing.length === 0 ? '' : `${dryRun ? 'install' : 'installed'} and `;
  const verb = { locked: ['lock', 'locked'], unlocked: ['unlock', 'unlocked'] } as const;
  return dryRun ? `would ${install}${verb[state][0]} ${names}` : `${install}${verb[state][1]} ${names}`;
}
