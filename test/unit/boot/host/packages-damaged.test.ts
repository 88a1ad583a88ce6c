import { expect, test } from '@jest/globals';
import { packagesDamaged } from '../../../../src/boot/checks/packages-damaged.ts';
import { K, facts } from '../facts.ts';
import { observe, severities } from '../observe.ts';

const kmod = {
  name: 'kmod',
  version: '30+20221128-1',
  kernel: null,
  files: [
    { path: '/usr/bin/kmod', differs: ['size', 'digest'] as const },
    { path: '/lib/modprobe.d/aliases.conf', differs: ['missing'] as const },
  ],
};

test('a package that lost a file is damaged, and the host may boot all the same', () => {
  const at = facts({ packages: { damaged: [kmod] } });
  expect(observe(packagesDamaged, at).defects).toMatchObject([
    {
      message: 'kmod 30+20221128-1 is damaged: /usr/bin/kmod differs (size, digest), and 1 more.',
      evidence: { package: 'kmod', files: kmod.files, files_count: 2 },
    },
  ]);
  expect(severities(packagesDamaged, at)).toEqual(['warning']);
});

test('the damaged package of a kernel is told of that kernel alone', () => {
  const files = [{ path: `/boot/vmlinuz-${K}`, differs: ['digest'] as const }];
  const image = (kernel: string) => ({ name: `linux-image-${kernel}`, version: '1', kernel, files });
  const at = facts({ packages: { damaged: [image(K), image('6.1.0-50-amd64')] } });
  expect(observe(packagesDamaged, at).defects.map(({ evidence }) => evidence.package)).toEqual([`linux-image-${K}`]);
});
