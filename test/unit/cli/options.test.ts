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

test('what is said of a path cannot drive the terminal, nor look like another line', async () => {
  const root = '/none/\u001b[31m\n|x';
  const asked = await command('check', '--format', 'nagios', '--root', root);
  expect(asked.status).toBe(3);
  expect(asked.stdout).toMatch(/^BOOT UNKNOWN - [^|\n\u001b]*\n$/);
  expect(asked.stderr).toMatch(/^bellwether: [^\n\u001b]*\n( {2}hint: [^\n\u001b]*\n)?$/);
});

test.each([
  ['--no-images', '--capture'],
  ['--capture /none/x.tar --format json', '--format json'],
])('inspect does not take what it would not heed: %s', async (args, named) => {
  const { status, stdout, stderr } = await command('inspect', ...args.split(' '));
  expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  expect(stderr).toContain(named);
});

test('an option that cannot be understood does not drive the terminal', async () => {
  expect((await command('check', '--\u001b[2J')).stderr).not.toContain('\u001b');
});

test.each(['check', 'inspect', 'rebuild', 'repair'])(
  '%s refuses what can be no kernel, in one sentence',
  async (name) => {
    const { status, stderr } = await command(name, '--kernel', '../../etc');
    expect(status).toBe(64);
    expect(stderr).toMatch(/^error: option '--kernel <version>' argument '..\/..\/etc' is invalid. It is no kernel/);
    expect(stderr).not.toContain('params');
  },
);
