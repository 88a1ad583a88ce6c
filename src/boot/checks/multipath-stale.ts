import { findLayer } from '../requirements/find-layer.ts';
import { defaultOf, readMultipathConf, type MultipathSection } from '../multipath-conf.ts';
import { isMultipathNamed } from '../requirements/multipath.ts';
import type { Check } from '../types.ts';

/** The multipath.conf frozen in the image differs from the host's in what it says of devices. */
export const multipathStale: Check = {
  code: 'multipath_stale',
  checkpoint: 'root',
  severity: 'warning',
  symptom: 'The disk comes up under another name (mpatha for a WWID, or the other way round), or on one path.',
  cause: '/etc/multipath.conf was changed after the image was built.',
  cure: 'Build the image anew: `dracut --force --kver K IMAGE`, or `update-initramfs -u -k K`.',
  repair: ['rebuild'],
  *observe(facts, requirements) {
    const { image, host } = facts;
    if (findLayer(requirements, 'multipath') === undefined) return;
    if (image === null || image.unread.length > 0 || host.files.multipathConf === null) return;
    const there = image.tree.resolve('etc/multipath.conf').found;
    const frozen = there ? image.tree.text('etc/multipath.conf') : '';
    if (frozen === null) return;
    const conf = { image: readMultipathConf(frozen), host: readMultipathConf(host.files.multipathConf) };
    const before = whatSectionsSay(conf.image);
    const now = whatSectionsSay(conf.host);
    const differing = [...new Set([...before.keys(), ...now.keys()])]
      .filter((name) => (before.get(name) ?? '') !== (now.get(name) ?? ''))
      .sort();
    if (differing.length === 0) return;
    // The running host has its own names: others come up where the image sees to names otherwise.
    const renamed = namesFriendly(conf.image) !== namesFriendly(conf.host) && isMultipathNamed(facts);
    yield {
      defect: true,
      message: `${there ? "The image's multipath.conf differs from the host's in" : 'The image has no multipath.conf, and the host says of its own'} ${differing.join(', ')}${renamed ? ': / comes up under another name than root= has' : ''}.`,
      ...(renamed ? { severity: 'fatal' } : {}),
      evidence: {
        path: 'etc/multipath.conf',
        sections: differing,
        image: Object.fromEntries(differing.map((name) => [name, before.get(name) ?? null])),
        host: Object.fromEntries(differing.map((name) => [name, now.get(name) ?? null])),
      },
    };
  },
};

/** `user_friendly_names` (multipath.conf(5)): mpatha, or else the WWID. */
function namesFriendly(conf: MultipathSection): boolean {
  return /^(?:yes|1)$/.test(defaultOf(conf, 'user_friendly_names') ?? '');
}

/**
 * What multipath.conf(5) says, by section. Those for blacklists are left out: dracut writes its own, so that a strict image
 * takes up the root disk alone.
 */
function whatSectionsSay({ sections }: MultipathSection): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const section of sections) {
    const content = contentOf(section);
    if (content === '' || section.name.startsWith('blacklist')) continue;
    found.set(section.name, [found.get(section.name) ?? [], content].flat().join(' '));
  }
  return found;
}

function contentOf({ settings, sections }: MultipathSection): string {
  return [
    ...settings.map(({ keyword, value }) => `${keyword} ${value}`),
    ...sections.map((section) => `${section.name} { ${contentOf(section)} }`),
  ].join(' ');
}
