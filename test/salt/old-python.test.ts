import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { BUNDLE } from '../setup/build.mjs';
import { sheepPath } from '../support/sheep.ts';
import { describeUnless } from '../support/where.ts';
import { stateReply, type StateReply } from './minion.ts';
import { misbehaving } from './misbehaving.ts';
import { SALT_FILES } from './places.ts';

const DRIVER = fileURLToPath(new URL('old_python.py', import.meta.url));

/** A real interpreter of this version as pyenv installs it, or null. */
function findPython(version: string): string | null {
  const root = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const installed = existsSync(root) ? readdirSync(root) : [];
  const found = installed.find((name) => name.startsWith(`${version}.`));
  return found === undefined ? null : join(root, found, 'bin', `python${version}`);
}

for (const version of ['2.7', '3.6']) {
  const python = findPython(version);
  describeUnless(python === null ? `no Python ${version}` : null, `on a minion's Python ${version}`, () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'bellwether-python-'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    const apply = async (executable: string, node: string, root: string, state = 'healthy'): Promise<StateReply> => {
      const env = { PYTHONDONTWRITEBYTECODE: '1', LC_ALL: 'C' };
      const args = ['-W', 'error', DRIVER, SALT_FILES, executable, node, root, state];
      const { stdout } = await execa(String(python), args, { env, timeout: 60_000 });
      return stateReply(JSON.parse(stdout));
    };

    test('a sound host is healthy', async () => {
      expect(await apply(BUNDLE, process.execPath, sheepPath('sound'))).toMatchObject({ result: true, changes: {} });
    });

    test('the odd sheep fails with what is wrong', async () => {
      const { result, comment } = await apply(BUNDLE, process.execPath, sheepPath('odd-sheep'));
      expect(result).toBe(false);
      expect(comment).toMatch(/^fatal module_index_empty: /m);
    });

    test('a mend that failed half-way fails with what it had changed by then', async () => {
      const executable = await misbehaving(folder, 'fails half-way');
      expect(await apply(executable, '', '/', 'repaired')).toEqual({
        result: false,
        comment: '/boot has 4096 bytes left (boot_full). make room',
        changes: { 'kmod 30-1': { old: 'damaged', new: 'reinstalled' }, '/boot/a': { old: 1, new: 3 } },
      });
    });

    test('an absent executable, and one that prints rubbish, fail with what to do', async () => {
      const absent = await apply('/no/such/bellwether', '', '/');
      expect(absent.comment).toContain('no /no/such/bellwether. Install');
      const rubbish = await apply(await misbehaving(folder, 'prints bytes that are no text'), '', '/');
      expect(rubbish.comment).toContain('did not answer with one JSON object (exit status 0;');
      expect([absent.result, rubbish.result]).toEqual([false, false]);
    });
  });
}
