import { expect, jest, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { whyNot } from '../setup/cache.mjs';
import { BUNDLE } from '../setup/build.mjs';
import { describeUnless } from '../support/where.ts';
import { installCollection } from './collection.ts';
import { RELEASES } from './releases.ts';

jest.setTimeout(120_000);

const run = promisify(execFile);
const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
const sha256 = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

test('the collection is of the same release as the executable', async () => {
  const { version } = JSON.parse(await read('package.json')) as { version: string };
  expect(parse(await read('ansible/galaxy.yml'))).toMatchObject({ version });
});

test('the collection asks for the same Node.js as the executable', async () => {
  const { engines } = JSON.parse(await read('package.json')) as { engines: { node: string } };
  const [, major, minor] = /OLDEST_NODE = \((\d+), (\d+)\)/.exec(
    await read('ansible/plugins/module_utils/_engine.py'),
  )!;
  expect(engines.node).toBe(`>=${major!}.${minor!}`);
});

for (const release of RELEASES) {
  describeUnless(
    whyNot(`venv-ansible-${release}`),
    `the archive built and installed by ansible-core ${release}`,
    () => {
      test('brings the executable, and nothing of its own building', async () => {
        const collection = await installCollection(release);
        try {
          const { stdout } = await run('find', [collection.installed, '-type', 'f', '-printf', '%P\n']);
          const files = stdout.trim().split('\n');
          expect(files).toEqual(expect.arrayContaining(['plugins/modules/initramfs.py', 'LICENSE', 'CHANGELOG.md']));
          expect(files).not.toContain('build.mjs');
          expect(await sha256(join(collection.installed, 'plugins/files/bellwether.cjs'))).toBe(await sha256(BUNDLE));
        } finally {
          await collection.remove();
        }
      });
    },
  );
}
