import { findLayer } from '../requirements/find-layer.ts';
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
    const before = sections(frozen);
    const now = sections(host.files.multipathConf);
    const differing = [...new Set([...before.keys(), ...now.keys()])]
      .filter((name) => (before.get(name) ?? '') !== (now.get(name) ?? ''))
      .sort();
    if (differing.length === 0) return;
    // The running host has its own names: others come up where the image sees to names otherwise.
    const renamed = namesFriendly(before) !== namesFriendly(now) && isMultipathNamed(facts);
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
function namesFriendly(conf: ReadonlyMap<string, string>): boolean {
  return /\buser_friendly_names (?:yes|1)\b/.test(conf.get('defaults') ?? '');
}

/**
 * The sections of multipath.conf(5) by name, comments and blanks taken off. Those for blacklists are left out: dracut
 * writes its own, so that a strict image takes up the root disk alone.
 */
function sections(text: string): ReadonlyMap<string, string> {
  const plain = text
    .replace(/[#!].*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
  const found = new Map<string, string>();
  let depth = 0;
  let name = '';
  let body = '';
  for (const char of plain) {
    if (char === '{') depth += 1;
    if (depth === 0) name += char;
    else body += char;
    if (char !== '}' || depth === 0) continue;
    depth -= 1;
    if (depth > 0) continue;
    const content = body.slice(1, -1).replace(/"/g, '').trim();
    if (content !== '' && !name.trim().startsWith('blacklist')) found.set(name.trim(), content);
    name = '';
    body = '';
  }
  return found;
}
