import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { execa } from 'execa';
import { BUNDLE } from '../setup/build.mjs';
import { whyNot } from '../setup/cache.mjs';
import { expectKind } from '../support/answers.ts';
import { sheepPath } from '../support/sheep.ts';
import { describeUnless } from '../support/where.ts';
import { createMinion } from './minion.ts';
import { SALT_FILES } from './places.ts';
import { programOf, RELEASES, stepOf } from './releases.ts';

jest.setTimeout(180_000);

const folder = await mkdtemp(join(tmpdir(), 'bellwether-saltext-'));
const installed = join(folder, 'installed');
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Installs the extension into a folder of its own, and returns why that cannot be done here, or null. */
async function install(): Promise<string | null> {
  // A copy, because a build leaves its folders beside the sources.
  await cp(SALT_FILES, join(folder, 'salt'), { recursive: true });
  const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--target', installed];
  const { exitCode, stderr } = await execa(programOf('3008', 'pip'), ['install', ...options, join(folder, 'salt')], {
    reject: false,
    timeout: 170_000,
  });
  if (exitCode === 0) return null;
  if (stderr.includes('No matching distribution found for setuptools'))
    return 'no registry for the build tool of the extension';
  throw new Error(stderr);
}

const missing = whyNot(...RELEASES.map(stepOf)) ?? (await install());

for (const release of RELEASES) {
  describeUnless(missing, `the extension saltext.bellwether on Salt ${release}`, () => {
    test('brings the functions and the state without any file_roots', async () => {
      const minion = await createMinion(release, installed);
      const options = { settings: { executable: BUNDLE, node: process.execPath } };
      const { value } = await minion.call('bellwether.version', [], options);
      expectKind('version', value);
      const { result } = await minion.healthy([`root=${sheepPath('sound')}`], options);
      expect(result).toBe(true);
      await minion.dispose();
    });
  });
}
