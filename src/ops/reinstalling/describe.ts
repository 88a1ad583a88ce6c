import type { Verified } from '../../packages/types.ts';
import type { Change, DamagedFile } from '../../protocol/messages.ts';

/** Files that a description names. */
const NAMED = 5;

/** What a reinstall changes: the same words before it, in a dry run, and after it. */
export function reinstallChange(found: Verified): Change {
  return {
    what: `${found.name} ${found.version}.${found.arch}`,
    before: describeDamage(found),
    after: found.damaged ? 'intact' : 'intact, reinstalled',
  };
}

/** What is wrong with a package: "damaged: /usr/bin/kmod (size, digest)", "half-configured". */
export function describeDamage({ damaged, files, unfinished }: Omit<Verified, 'name' | 'version' | 'arch'>): string {
  const differing = describeFiles(files);
  const faults = [
    ...(unfinished === undefined ? [] : [unfinished]),
    ...(differing === '' ? [] : [`damaged: ${differing}`]),
  ];
  return damaged ? faults.join('; ') : 'intact';
}

/** The files that differ, harmless ones left out, the first few by name. */
export function describeFiles(files: readonly DamagedFile[]): string {
  const harmful = files.filter(({ harmless }) => !harmless);
  const named = harmful.slice(0, NAMED).map(({ path, differs }) => `${path} (${differs.join(', ')})`);
  const more = harmful.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
