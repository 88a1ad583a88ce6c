import type { Check } from '../types.ts';

const SHOWN = 5;

/** Files of a package that the boot stands on are no longer what the package brought, or its scripts did not come to their end. */
export const packagesDamaged: Check = {
  code: 'packages_damaged',
  checkpoint: 'host',
  severity: 'warning',
  symptom: 'Images that are built lack modules or programs, and building them anew does not help.',
  cause:
    'A file was overwritten, cut short when a disk was full, or lost with a file system. Or dpkg was interrupted, or a script of the package failed: often for want of room on /boot.',
  cure: 'Reinstall the package, then build the image anew: `bellwether reinstall NAME`, or `dnf reinstall NAME`, `apt-get install --reinstall NAME`; one that is not configured: `dpkg --configure -a`.',
  repair: ['reinstall'],
  *observe({ host, kernel }) {
    for (const each of host.packages.damaged) {
      if (each.kernel !== null && each.kernel !== kernel.kernel) continue;
      const { name, version, files, unfinished } = each;
      if (unfinished !== undefined) {
        yield {
          defect: true,
          message: `${name} ${version} is ${unfinished}: what it does at its installation was not done, or failed.`,
          evidence: { package: name, version, state: unfinished },
        };
      }
      const [first] = files;
      if (first === undefined) continue;
      const what = first.differs.includes('missing') ? 'is missing' : `differs (${first.differs.join(', ')})`;
      yield {
        defect: true,
        message: `${name} ${version} is damaged: ${first.path} ${what}${files.length === 1 ? '' : `, and ${files.length - 1} more`}.`,
        evidence: {
          package: name,
          version,
          files: files.slice(0, SHOWN).map(({ path, differs }) => ({ path, differs })),
          files_count: files.length,
        },
      };
    }
  },
};
