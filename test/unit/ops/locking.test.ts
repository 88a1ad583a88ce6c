import { describe, expect, test } from '@jest/globals';
import type { LoaderFacts } from '../../../src/host/types.ts';
import { applyLocking, observeLocking, proveLocks } from '../../../src/ops/locking/apply.ts';
import { planLocking } from '../../../src/ops/locking/plan.ts';
import type { Site } from '../../../src/ops/mending/with-site.ts';
import { silent } from '../../../src/ops/progress.ts';
import type { KernelPackage, Lock } from '../../../src/packages/types.ts';
import type { LockRequest } from '../../../src/protocol/messages.ts';
import { inMemory, lockOn, newStore, type Store } from './in-memory-packages.ts';

const OLD = '4.18.0-348.el8';
const NEW = '4.18.0-373.el8';
const kernel = (name: string, version: string): KernelPackage => ({
  name,
  version,
  arch: 'x86_64',
  kernel: `${version}.x86_64`,
  boots: true,
});
const NAMES = ['kernel', 'kernel-core'];
const family = (version: string): KernelPackage[] => NAMES.map((name) => kernel(name, version));

const NO_LOADER: LoaderFacts = {
  name: null,
  evidence: 'none',
  entries: [],
  defaultEntry: null,
  defaultEvidence: 'none',
  defaultDangling: null,
  stub: null,
  firmware: null,
  lacks: [],
};

function siteOn(store: Store, signal: AbortSignal = new AbortController().signal): Site {
  const packages = inMemory(store);
  return {
    root: '/',
    dryRun: false,
    source: 'live',
    running: null,
    runner: { root: '/', run: () => Promise.reject(new Error('nothing is run here')) },
    tools: { signal, progress: silent },
    look: () => Promise.reject(new Error('the host is not judged here')),
    loader: () => Promise.resolve(NO_LOADER),
    judgeWithImage: () => Promise.reject(new Error('no image is judged here')),
    packages: () => Promise.resolve(packages),
    witness: () => Promise.resolve(inMemory(store)),
  };
}

const params = (more: Partial<LockRequest['params']> = {}): LockRequest['params'] => ({
  state: 'locked',
  version: 'installed',
  install: false,
  make_default: false,
  exclusive: true,
  ...more,
});

async function run(store: Store, more: Partial<LockRequest['params']> = {}) {
  const site = siteOn(store);
  const plan = await planLocking(site, params(more));
  const apply = async () => {
    await applyLocking(site, plan);
    return observeLocking(site, plan);
  };
  return { site, plan, apply };
}

describe('a lock', () => {
  test('comes to what was planned, and then there is nothing more to plan', async () => {
    const store = newStore({ kernels: family(NEW) });
    const { plan, apply } = await run(store);
    expect(store.ran).toEqual([]);
    expect(plan.changes.map(({ before, after }) => [before, after])).toEqual(
      NAMES.map((name) => [null, `${name}=${NEW}`]),
    );
    expect(await apply()).toEqual({ changes: plan.changes, failure: null });
    expect(plan.standing).toEqual(store.locks);
    expect((await run(store)).plan).toMatchObject({ steps: [], changes: [] });
  });

  test('that takes the place of another is one change, told with both lines', async () => {
    const store = newStore({
      kernels: family(NEW),
      locks: [lockOn(kernel('kernel', OLD)), lockOn(kernel('bash', '5'))],
    });
    const { plan, apply } = await run(store);
    expect(plan.changes[0]).toEqual({
      what: 'lock on kernel (/etc/locks)',
      before: `kernel=${OLD}`,
      after: `kernel=${NEW}`,
    });
    await apply();
    expect(store.locks.map(({ line }) => line)).toEqual(['bash=5', `kernel=${NEW}`, `kernel-core=${NEW}`]);
  });

  test('leaves alone what forbids another version, and removes what forbids this one', async () => {
    const excludes = (version: string): Lock => ({
      ...lockOn(kernel('kernel', version)),
      line: `!${version}`,
      excludes: true,
    });
    const store = newStore({ kernels: family(NEW), locks: [excludes('9-9'), excludes(NEW)] });
    const { plan } = await run(store);
    expect(plan.locks.remove.map(({ line }) => line)).toEqual([`!${NEW}`]);
  });

  test('is refused where another, in its way, is on packages that nobody asked about', async () => {
    const wide: Lock = { ...lockOn(kernel('k*', OLD)), name: 'k*' };
    const store = newStore({ kernels: family(NEW) });
    const manager = inMemory(store);
    const standing = {
      ...manager,
      locks: () => Promise.resolve([wide]),
      planLock: () => ({ remove: [wide], add: [], commands: [] }),
    };
    const site: Site = { ...siteOn(store), packages: () => Promise.resolve(standing) };
    await expect(planLocking(site, params())).rejects.toMatchObject({
      code: 'not_supported',
      message: expect.stringContaining('is on other packages too'),
      at: { line: wide.line },
    });
  });

  test('installs first; after the locks that stand in its way where the package manager heeds them', async () => {
    const store = newStore({ kernels: family(NEW), offered: [...family(OLD), ...family(NEW)] });
    const wanted = { version: OLD, install: true };
    const actions = async () => (await run(store, wanted)).plan.steps.map(({ action }) => action);
    expect(await actions()).toEqual(['install', 'lock']);
    store.locks = family(NEW).map(lockOn);
    expect(await actions()).toEqual(['lock', 'install']);
    const { apply } = await run(store, wanted);
    expect((await apply()).failure).toBeNull();
    expect((await run(store, wanted)).plan.steps).toEqual([]);
  });

  test('whose install failed has changed nothing, and says so', async () => {
    const store = newStore({ kernels: family(NEW), offered: family(OLD) });
    const { site, plan } = await run(store, { version: OLD, install: true });
    store.onExecute = () => {
      throw new Error('no');
    };
    await expect(applyLocking(site, plan)).rejects.toThrow('no');
    expect((await observeLocking(site, plan)).changes).toEqual([]);
    expect(store.ran).toEqual(['pm install']);
  });

  test('that was done and is not there is not effective', async () => {
    const store = newStore({ kernels: family(NEW) });
    const { plan, site, apply } = await run(store);
    await apply();
    store.locks = store.locks.slice(1);
    const { failure, changes } = await observeLocking(site, plan);
    expect(failure).toMatchObject({
      code: 'not_effective',
      message: expect.stringContaining(`"kernel=${NEW}" is not in /etc/locks`),
    });
    expect(changes).toHaveLength(1);
  });

  test('that the resolver does not heed is not effective', async () => {
    const store = newStore({ kernels: family(NEW), moves: new Map([['kernel-core', '4.18.0-400.el8']]) });
    await expect(proveLocks(inMemory(store), family(NEW))).rejects.toMatchObject({
      code: 'not_effective',
      message: `kernel-core is locked to ${NEW}, but dnf would move it to 4.18.0-400.el8`,
    });
  });

  test('is not begun when the time is up', async () => {
    const store = newStore({ kernels: family(NEW) });
    const reason = new Error('late');
    const limit = new AbortController();
    const site = siteOn(store, limit.signal);
    const plan = await planLocking(site, params());
    limit.abort(reason);
    await expect(applyLocking(site, plan)).rejects.toBe(reason);
    expect(store.ran).toEqual([]);
  });
});

describe('an unlock', () => {
  const store = (): Store =>
    newStore({ kernels: family(NEW), locks: [...family(NEW), kernel('bash', '5')].map(lockOn) });

  test('takes the locks of the family, and no others', async () => {
    const kept = store();
    const { apply } = await run(kept, { state: 'unlocked' });
    expect((await apply()).failure).toBeNull();
    expect(kept.locks.map(({ line }) => line)).toEqual(['bash=5']);
  });

  test('takes those that were named, in the version that was named', async () => {
    const named = await run(store(), { state: 'unlocked', packages: ['kernel', 'bash'], version: NEW });
    expect(named.plan.changes.map(({ before, after }) => [before, after])).toEqual([[`kernel=${NEW}`, null]]);
  });

  test.each(['install', 'make_default'] as const)('makes no sense with "%s"', async (key) => {
    await expect(run(store(), { state: 'unlocked', [key]: true })).rejects.toMatchObject({
      code: 'bad_request',
      message: `"params.${key}" is true, but "params.state" is "unlocked"`,
    });
  });
});
