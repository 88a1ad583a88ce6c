import type { Check } from '../types.ts';

/** What is configured to boot next is no entry that there is. */
export const defaultEntryStale: Check = {
  code: 'default_entry_stale',
  checkpoint: 'loader',
  severity: 'warning',
  symptom: 'Another kernel boots than the one that was chosen, or the loader stops at its prompt.',
  cause:
    'The default names an entry that was removed or renamed: a kernel was removed, a machine-id changed, a title got a new version.',
  cure: 'Choose an entry that is there: `grub2-set-default ENTRY`, `grubby --set-default=/boot/vmlinuz-K`, `bootctl set-default ENTRY.conf`.',
  repair: ['configure'],
  *observe({ host, isDefault, entry }) {
    const { loader } = host;
    const evidence = {
      loader: loader.name,
      default_from: loader.defaultEvidence,
      default: loader.defaultDangling,
      entries: loader.entries.map(({ id }) => id).slice(0, 16),
    };
    if (loader.name !== null && loader.entries.length === 0) {
      if (!host.unread.some(({ part }) => part === 'loader' || part === 'boot'))
        yield {
          defect: true,
          severity: 'fatal',
          message: `The boot loader (${loader.name}) has no entry at all: nothing boots by itself.`,
          evidence: { ...evidence, loader_evidence: loader.evidence },
        };
      return;
    }
    if (loader.defaultDangling === null || !(isDefault || loader.defaultEntry === null)) return;
    const instead = loader.defaultEntry === null ? undefined : loader.entries[loader.defaultEntry];
    const boots = instead ?? (isDefault ? entry : null) ?? loader.entries[0];
    yield {
      defect: true,
      message: `The default entry "${loader.defaultDangling}" is not there; the loader takes ${
        boots === undefined ? 'whatever it finds' : `"${boots.title}"`
      } instead.`,
      evidence: { ...evidence, boots_instead: boots?.id ?? null },
    };
  },
};
