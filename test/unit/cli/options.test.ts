import { expect, test } from '@jest/globals';
import { command } from './command.ts';

test.each([
  ['check', '--root'],
  ['check', '--image'],
  ['check', '--baseline'],
  ['inspect', '--root'],
  ['inspect', '--capture'],
  ['repair', '--yes', '--root'],
  ['rebuild', '--yes', '--root'],
  ['reinstall', '--yes', '--root'],
  ['lock', '--yes', '--root'],
  ['unlock', '--yes', '--root'],
])('a path that is empty, as a variable is that was never set, is no path: %s %s', async (...args) => {
  const { status, stdout, stderr } = await command(...args, '');
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  expect(stderr).toContain(`${args.at(-1)}`);
  expect(stderr).toContain('It is empty.');
});
