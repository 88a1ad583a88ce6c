import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { BUNDLE } from '../setup/build.mjs';
import { whyNot } from '../setup/cache.mjs';
import { nodePath, TOO_OLD } from '../setup/node-majors.mjs';
import { describeUnless } from '../support/where.ts';
import { createMinion, type Minion } from './minion.ts';
import { misbehaving, type Misbehaviour } from './misbehaving.ts';
import { RELEASES, stepOf } from './releases.ts';

jest.setTimeout(120_000);

/** What each failure says of the matter, and of what to do. */
const TOLD: readonly (readonly [Misbehaviour, readonly RegExp[]])[] = [
  [
    'knows no call',
    [/exit status 1; stdout: nothing; stderr: error: unknown command 'call'/, /Install the bellwether/],
  ],
  ['speaks another protocol', [/speaks protocol 2, these Salt files speak protocol 1/, /Install the bellwether/]],
  ['prints rubbish', [/stdout: Segmentation fault/, /correct bellwether:executable/]],
  ['prints bytes that are no text', [/did not answer with one JSON object/, /correct bellwether:executable/]],
  ['prints nothing', [/exit status 0; stdout: nothing; stderr: nothing/, /correct bellwether:executable/]],
  ['prints for ever', [/stdout: y y y/, /correct bellwether:executable/]],
  ['prints two objects', [/did not answer with one JSON object .*"healthy".* \{\}/, /correct bellwether:executable/]],
  ['answers another question', [/did not answer with one JSON object/, /correct bellwether:executable/]],
  ['answers, then fails', [/exit status 3/, /correct bellwether:executable/]],
  ['breaks inside', [/cannot read properties of undefined \(internal\)\. report it with the request/]],
  ['is busy', [/pid 4242 \(busy\)\. The same request may succeed later: try again/]],
  ['lacks its Node.js', [/a-node-that-is-not-here/, /correct bellwether:executable and bellwether:node/]],
];

for (const release of RELEASES) {
  describeUnless(
    whyNot(stepOf(release)),
    `healthy on Salt ${release} fails, and says what to do, where the executable`,
    () => {
      let minion: Minion;
      beforeAll(async () => {
        minion = await createMinion(release);
      });
      afterAll(() => minion.dispose());

      for (const [misbehaviour, told] of TOLD) {
        test(misbehaviour, async () => {
          const executable = await misbehaving(minion.folder, misbehaviour);
          const { result, comment, changes } = await minion.healthy(['timeout=1'], { settings: { executable } });
          expect({ result, changes }).toEqual({ result: false, changes: {} });
          expect(comment).toMatch(/^unknown: /);
          expect(comment.length).toBeLessThan(2000);
          for (const words of told) expect(comment).toMatch(words);
        });
      }

      test.each([[[]], [['test=True']]])('is not where the configuration says %j', async (mode: string[]) => {
        const { result, comment } = await minion.healthy(mode, { settings: { executable: '/no/such/bellwether' } });
        expect(result).toBe(false);
        expect(comment).toMatch(/^unknown: bellwether is not on this host: no \/no\/such\/bellwether\. Install/);
      });

      test('is to be run by a Node.js that is not there', async () => {
        const settings = { executable: await misbehaving(minion.folder, 'prints nothing'), node: '/no/such/node' };
        const { result, comment } = await minion.healthy([], { settings });
        expect(result).toBe(false);
        expect(comment).toMatch(/^unknown: \/no\/such\/node cannot be run: No such file or directory\. Install/);
      });

      for (const major of TOO_OLD) {
        describeUnless(whyNot(`node-${String(major)}`), `is run by a Node.js ${String(major)}`, () => {
          test.each(['healthy', 'repaired'])('state %s', async (state) => {
            const settings = { executable: BUNDLE, node: nodePath(major) };
            const { result, comment } = await minion.state(`bellwether.${state}`, [], { settings });
            expect(result).toBe(false);
            expect(comment).toMatch(
              new RegExp(
                `^(unknown: )?bellwether needs Node\\.js 16\\.20 or later: ${nodePath(major)} is v${String(major)}\\.\\S+\\. ` +
                  'Install a later one, or name one with bellwether:node in the minion configuration or pillar\\.$',
              ),
            );
          });
        });
      }

      test('may not be run', async () => {
        const executable = await misbehaving(minion.folder, 'prints nothing', 0o644);
        const { result, comment } = await minion.healthy([], { settings: { executable } });
        expect(result).toBe(false);
        expect(comment).toContain(`${executable} cannot be run: Permission denied`);
      });

      test('hangs, and is told to end, and leaves nothing of it behind', async () => {
        const executable = await misbehaving(minion.folder, 'hangs, with a child that holds its output');
        const { result, comment } = await minion.healthy(['timeout=1'], { settings: { executable } });
        expect(result).toBe(false);
        expect(comment).toMatch(/did not end within 11 s and was stopped\. Try again; .* raise 'timeout'/);
        expect(await readFile(`${executable}.told`, 'utf8')).toBe('told\n');
        const group = Number(await readFile(`${executable}.pid`, 'utf8'));
        expect(await endsWithin(group, 5_000)).toBe(true);
      });
    },
  );
}

/** Whether a process group is gone before the time is up: who reaps its orphans may take a moment. */
async function endsWithin(group: number, milliseconds: number): Promise<boolean> {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    try {
      process.kill(-group, 0);
    } catch {
      return true;
    }
    await sleep(50);
  }
  return false;
}
