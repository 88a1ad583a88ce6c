import { expect, test } from '@jest/globals';
import { rootfstypeWrong } from '../../../../src/boot/checks/rootfstype-wrong.ts';
import { CMDLINE, facts } from '../facts.ts';
import { observe, severities } from '../observe.ts';

const told = (words: string) =>
  observe(rootfstypeWrong, facts({ cmdline: `${CMDLINE} ${words}` })).defects.map(({ message }) => message);

test('rootfstype= names the only type that is tried', () => {
  expect(told('rootfstype=xfs')).toEqual(['The command line says rootfstype=xfs, and the file system of / is ext4.']);
});

test.each(['', 'rootfstype=ext4', 'rootfstype=xfs,ext4', 'rootfstype=auto', 'rootfstype=ext3', 'rootfstype='])(
  '%j is no matter',
  (words) => {
    expect(told(words)).toEqual([]);
  },
);

test('is overruled by dracut’s scripts, which ask udev for the type', () => {
  const files = {
    'usr/lib/systemd/systemd': null,
    init: { type: 'file', mode: 0o100755, size: 9_000, interpreter: '/bin/sh' },
  } as const;
  const cmdline = 'root=/dev/mapper/vg0-root rootfstype=xfs';
  expect(severities(rootfstypeWrong, facts({ cmdline, image: { files } }))).toEqual(['warning']);
  expect(severities(rootfstypeWrong, facts({ cmdline }))).toEqual(['fatal']);
});
