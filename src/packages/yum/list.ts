import { compareEvr } from '../../versions/rpm-versions.ts';
import type { Package } from '../types.ts';

/**
 * What `yum list available --showduplicates` printed below `Available Packages`, oldest first: name and architecture, version,
 * repository, in columns, and over two or three lines where they do not fit.
 */
export function parseYumList(stdout: string): readonly Package[] {
  const [, available = ''] = stdout.split(/^Available Packages$/m);
  const rows = available.split(/\n(?=\S)/).map((row) => row.trim().split(/\s+/));
  const found = rows.flatMap(([label = '', version]) => {
    const { name, arch } = /^(?<name>.+)\.(?<arch>[^.]+)$/.exec(label)?.groups ?? {};
    return name === undefined || arch === undefined || version === undefined ? [] : [{ name, version, arch }];
  });
  return found.sort((a, b) => compareEvr(a.version, b.version));
}
