import { describe, expect, test } from '@jest/globals';
import { parseRequest } from '../../../src/protocol/parse-request.ts';

/** What would be an option, a path, a glob, a second command or a second line to somebody. */
const HOSTILE = [
  '',
  '-f',
  '--root=/',
  '../../etc/shadow',
  '/etc/shadow',
  'a b',
  'a\nb',
  'a\u0000b',
  'a;reboot',
  '$(reboot)',
  '`reboot`',
  'a|b',
  'a&b',
  'a>b',
  'a*',
  'a?b',
  '[a]',
  '{a,b}',
  "a'b",
  'a"b',
  'a\\b',
  '!a',
  '#a',
  'ä',
  'x'.repeat(200),
];

const PACKAGES = ['reinstall', 'lock'].map((op) => [op, 'packages'] as const);
const KERNELS = ['rebuild', 'repair'].map((op) => [op, 'kernels'] as const);
const MODULES = ['add_drivers', 'omit_drivers', 'add_modules', 'omit_modules'].map((key) => ['rebuild', key] as const);

/** The message of the refusal, or null where there was none. */
function refusal(op: string, params: object): string | null {
  try {
    parseRequest(Buffer.from(JSON.stringify({ protocol: 1, op, params })));
    return null;
  } catch (error) {
    expect(error).toMatchObject({ code: 'bad_request' });
    return error instanceof Error ? error.message : String(error);
  }
}

describe('a hostile name is a bad request that names the key', () => {
  test.each([...PACKAGES, ...KERNELS, ...MODULES])('%s: %s', (op, key) => {
    for (const name of HOSTILE)
      expect({ name, told: refusal(op, { [key]: [name] }) }).toEqual({ name, told: expect.stringContaining(key) });
    for (const value of ['-a', 7, null, {}, [['a']], [{}], [null], []])
      expect({ value, told: refusal(op, { [key]: value }) }).toEqual({
        value,
        told:
          Array.isArray(value) && value.length === 0 && MODULES.some(([, name]) => name === key)
            ? null
            : expect.stringContaining(key),
      });
  });

  test('lock: version', () => {
    for (const version of [...HOSTILE, 'installed ', 'running;', '1:2:3', ':1', '-1', 'a:1-1', 7, null, ['1']])
      expect({ version, told: refusal('lock', { version }) }).toEqual({
        version,
        told: expect.stringContaining('version'),
      });
  });

  test.each([
    ['reinstall', 'when'],
    ['reinstall', 'clean_cache'],
    ['rebuild', 'when'],
    ['rebuild', 'hostonly'],
    ['rebuild', 'compress'],
    ['rebuild', 'backup'],
    ['lock', 'state'],
    ['lock', 'install'],
    ['lock', 'make_default'],
    ['lock', 'exclusive'],
    ['repair', 'reinstall'],
    ['repair', 'max_rounds'],
  ])('%s: %s', (op, key) => {
    for (const value of [...HOSTILE, 'true', -1, null, [], {}])
      expect({ value, told: refusal(op, { [key]: value }) }).toEqual({ value, told: expect.stringContaining(key) });
  });

  test('and what is no field at all is told by its name', () => {
    for (const op of ['reinstall', 'rebuild', 'lock', 'repair'])
      expect(refusal(op, { '--force': true })).toContain('--force');
  });
});
