import { expect, test } from '@jest/globals';
import { rootfstypeWrong } from '../../../../src/boot/checks/rootfstype-wrong.ts';
import { CMDLINE, facts } from '../facts.ts';
import { observe } from '../observe.ts';

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
