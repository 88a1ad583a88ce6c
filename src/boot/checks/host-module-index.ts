import type { ModuleIndex } from '../../image/types.ts';
import { describeState, isVoid } from '../drivers/index-state.ts';
import { kernelDrivers } from '../drivers/kernel-drivers.ts';
import { unreadModules } from '../refused.ts';
import type { Check, Observation } from '../types.ts';

/** The host's own module index, which the next image is built from and the booted system loads its drivers by. */
export const hostModuleIndex: Check = {
  code: 'host_module_index',
  checkpoint: 'drivers',
  severity: 'warning',
  symptom: 'The next image comes without drivers; after this boot, no network and no other late drivers.',
  cause: 'depmod failed silently (a damaged kmod, a full disk), or modules were added after it had run.',
  cure: '`depmod -a K`; where modules.dep.bin stays at 12 bytes, reinstall kmod first.',
  repair: ['reinstall', 'depmod'],
  *observe(facts) {
    const { index, modules } = facts.kernel;
    const unread = unreadModules(facts);
    if (unread !== null) {
      yield { defect: false, what: `which modules ${facts.kernel.kernel} has`, reason: unread };
      return;
    }
    if (index === null || modules.length === 0) return;
    if (isVoid(index.dep) || index.dep.state === 'truncated') yield damaged(index, 'dep', modules.length);
    else yield* notIndexed(index, kernelDrivers(facts).hostModules);
    if (isVoid(index.alias) || index.alias.state === 'truncated') {
      // Without modules.dep.bin there is no reading of the other: one word about it will do.
      if (index.dep.state === 'sound') yield damaged(index, 'alias', modules.length);
    }
  },
};

function damaged(index: ModuleIndex, which: 'dep' | 'alias', modules: number): Observation {
  const file = index[which];
  return {
    defect: true,
    message: `${file.path} is ${describeState(file)}, for ${modules} modules on disk: the next image will lack drivers.`,
    evidence: { path: file.path, size: file.size, state: file.state, offset: file.offset ?? null, modules },
  };
}

function* notIndexed(index: ModuleIndex, modules: ReadonlyMap<string, string>): Iterable<Observation> {
  const absent: string[] = [];
  for (const [name, path] of modules) if (!index.modules.has(name)) absent.push(path);
  if (absent.length === 0) return;
  yield {
    defect: true,
    message: `${index.dep.path} does not know ${absent.length} of the ${modules.size} modules on disk.`,
    evidence: {
      path: index.dep.path,
      size: index.dep.size,
      modules: modules.size,
      not_indexed: absent.length,
      examples: absent.sort().slice(0, 5),
    },
    repair: ['depmod'],
  };
}
