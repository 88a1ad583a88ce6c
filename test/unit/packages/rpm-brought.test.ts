import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { openTree } from '../../../src/host/tree.ts';
import { isAsPackaged } from '../../../src/packages/as-packaged.ts';
import { makeRoot, type Layout } from '../host/roots.ts';
import { scriptedRunner } from './scripted-runner.ts';

const digest = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');

/** Whether /usr/lib64/libc.so.6 is what its package brought, where rpm answers so (form: rpm 4.18, of a kmod of EL 8). */
async function told(stdout: string, content: string | null = 'libc', more: Layout = {}) {
  const root = makeRoot({
    '/lib64': { link: 'usr/lib64' },
    '/usr/lib64/libc.so.6': content ?? { link: 'gone' },
    ...more,
  });
  const { runner } = scriptedRunner(() => ({ stdout }));
  return isAsPackaged(openTree(root, []), '/usr/lib64/libc.so.6', { manager: 'dnf', rpm: runner });
}

test.each([
  ['8', 'sha256'],
  ['1', 'md5'],
])('by the digest that rpm has of it, of algorithm %s', async (number, algorithm) => {
  const answer = `${number}\n/usr/lib/.build-id\t\n/lib64/libc.so.6\t${digest(algorithm, 'libc')}\n/usr/lib64/other\t00\n`;
  expect(await told(answer, 'libc', { '/usr/lib64/other': 'x' })).toBe(true);
  expect(await told(answer, 'libd', { '/usr/lib64/other': 'x' })).toBe(false);
});

test('as any of several packages brought it is well', async () => {
  const of = (content: string) => `8\n/usr/lib64/libc.so.6\t${digest('sha256', content)}\n`;
  expect(await told(of('else') + of('libc'))).toBe(true);
  expect(await told(of('libc') + of('else'))).toBe(true);
});

test('not known where rpm has no digest of it, or none that is followed, and where it is not there', async () => {
  expect(await told('file /usr/lib64/libc.so.6 is not owned by any package\n')).toBeNull();
  expect(await told('8\n/usr/lib64/libc.so.6\t\n')).toBeNull();
  expect(await told(`77\n/usr/lib64/libc.so.6\t${digest('sha256', 'libc')}\n`)).toBeNull();
  expect(await told(`8\n/usr/lib64/libc.so.6\t${digest('sha256', 'libc')}\n`, null)).toBeNull();
});

test('not known where nobody may be asked', async () => {
  const root = makeRoot({ '/usr/bin/mount': 'mount' });
  expect(await isAsPackaged(openTree(root, []), '/usr/bin/mount', { manager: 'dnf', rpm: null })).toBeNull();
});
