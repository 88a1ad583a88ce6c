import type { BootFacts, Check, Observation } from '../types.ts';

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
  *observe(facts) {
    const { host, isDefault, entry, imageAsked } = facts;
    if (imageAsked) return;
    const { loader } = host;
    if (!isDefault && loader.defaultEntry !== null) return;
    const unread = host.unread.filter(({ part }) => part === 'loader');
    for (const { what, reason } of unread) yield { defect: false, what: `what boots next: ${what}`, reason };
    // grub_config_missing tells
    if (loader.lacks.length > 0) return;
    if (unread.length === 0 && (loader.entries.length === 0 || loader.name === null)) yield* withoutLoader(facts);
    if (loader.defaultDangling === null) return;
    const instead = loader.defaultEntry === null ? undefined : loader.entries[loader.defaultEntry];
    const boots = instead ?? (isDefault ? entry : null) ?? loader.entries[0];
    yield {
      defect: true,
      message: `The default entry "${loader.defaultDangling}" is none that the loader offers; it takes ${
        boots === undefined ? 'whatever it finds' : `"${boots.title}"`
      } instead.`,
      evidence: { ...evidenceOf(facts), boots_instead: boots?.id ?? null },
    };
  },
};

/** No entry, or entries and nothing that is known to read them. */
function* withoutLoader(facts: BootFacts): Iterable<Observation> {
  const { loader } = facts.host;
  if (loader.name === null) {
    yield { defect: false, what: 'what boots next', reason: loader.evidence };
    return;
  }
  yield {
    defect: true,
    severity: 'fatal',
    message: `The boot loader (${loader.name}) has no entry at all: nothing boots by itself.`,
    evidence: { ...evidenceOf(facts), loader_evidence: loader.evidence },
  };
}

function evidenceOf({ host: { loader } }: BootFacts): Readonly<Record<string, unknown>> {
  return {
    loader: loader.name,
    default_from: loader.defaultEvidence,
    default: loader.defaultDangling,
    entries: loader.entries.map(({ id }) => id).slice(0, 16),
  };
}
