import { expect, jest, test } from '@jest/globals';
import { BUNDLE } from '../setup/build.mjs';
import { whyNot } from '../setup/cache.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { EVR } from '../setup/rpms.mjs';
import { FAMILY, withElSheep, type ElSheep } from '../support/el-sheep.ts';
import { kills } from '../support/kills.ts';
import { ask } from '../support/mending.ts';
import { describeUnless } from '../support/where.ts';

jest.setTimeout(3_600_000);

const KILLS = Math.round(kills() / 3);
const OTHERS = '# ours\nbash-0:5.1-2.el8.*\n';
/** Adopts and waits for what a killed process leaves running, as the first process of a real host does. */
const INIT = `import ctypes, os, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
child = subprocess.Popen(sys.argv[1:], stdin=open('/run/request'), stdout=open('/run/answer', 'w'))
open('/run/pid.new', 'w').write(str(child.pid))
os.rename('/run/pid.new', '/run/pid')
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
`;
const SCRIPT = `rm -f /run/pid
python3 /run/init.py "$NODE" "$BUNDLE" call > /dev/null 2>&1 &
until [ -e /run/pid ]; do sleep 0.01; done
sleep "$AFTER"
if kill -9 $(cat /run/pid) 2>/dev/null; then echo killed; else echo ended; fi`;

/** Runs a request and kills it, and it alone, after so many seconds; says whether it had ended before. */
async function killed(sheep: ElSheep, params: object, after: number): Promise<boolean> {
  await sheep.write('/run/request', JSON.stringify({ protocol: 1, op: 'lock', params }));
  const env = { NODE: process.execPath, BUNDLE, AFTER: after.toFixed(3) };
  return (await sheep.sh(SCRIPT, { env })).includes('killed');
}

describeUnless(whyNot('rpms') ?? whyNoOverlay(), 'a lock that is killed', () => {
  test(`at any of ${KILLS} moments leaves the lock file whole, and the next run succeeds`, async () => {
    await withElSheep(
      async (sheep) => {
        const lines = (evr: string) => FAMILY.map((name) => `${name}-0:${evr}.*`);
        const known = new Set([...OTHERS.split('\n'), ...lines(EVR.old), ...lines(EVR.new)]);
        const count = { killed: 0, ended: 0, before: 0, between: 0, after: 0 };
        await sheep.write('/etc/dnf/plugins/versionlock.list', OTHERS);
        await sheep.write('/run/init.py', INIT);
        const started = Date.now();
        await ask(sheep, 'lock', { params: { state: 'unlocked' } });
        let span = (3 * (Date.now() - started)) / 1000; // what a run that changes takes at most, as far as is seen
        for (let at = 0; count.killed < KILLS && at < 4 * KILLS; at++) {
          const params = at % 2 === 0 ? {} : { state: 'unlocked' };
          const before = await sheep.lockFile();
          const after = Math.random() * span;
          const inTime = await killed(sheep, params, after);
          count[inTime ? 'killed' : 'ended'] += 1;
          if (!inTime) span = (span + after) / 2;
          else if (after > 0.8 * span) span *= 1.2;
          const left = await sheep.lockFile();
          expect(left.endsWith('\n')).toBe(true);
          const strange = left.split('\n').filter((line) => !known.has(line) && !line.startsWith('# Added lock'));
          expect(strange).toEqual([]);
          expect(left.startsWith(OTHERS)).toBe(true);
          await ask(sheep, 'lock', { params });
          const done = await sheep.lockFile();
          expect(done.split('\n').filter((line) => line.startsWith('kernel'))).toEqual(
            at % 2 === 0 ? lines(EVR.new) : [],
          );
          count[left === before ? 'before' : left === done ? 'after' : 'between'] += 1;
          expect(await sheep.sh('ls -A /run')).not.toContain('bellwether');
        }
        process.stderr.write(`lock killed: ${JSON.stringify(count)}\n`);
        expect(count.killed).toBe(KILLS);
      },
      { images: false },
    );
  });
});
