import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { BUNDLE } from '../setup/build.mjs';
import { cachePath, whyNot } from '../setup/cache.mjs';
import { expectKind } from '../support/answers.ts';
import { sheepPath } from '../support/sheep.ts';
import { describeUnless } from '../support/where.ts';
import { createMinion, stateReplies, type Minion } from './minion.ts';
import { misbehaving } from './misbehaving.ts';
import { RELEASES, stepOf } from './releases.ts';

jest.setTimeout(120_000);

for (const release of RELEASES) {
  describeUnless(whyNot(stepOf(release)), `execution functions on Salt ${release}`, () => {
    let minion: Minion;
    const settings = { executable: BUNDLE, node: process.execPath };
    beforeAll(async () => {
      minion = await createMinion(release);
    });
    afterAll(() => minion.dispose());

    test('version tells the protocol and the operations', async () => {
      const { value } = await minion.call('bellwether.version', [], { settings });
      const { protocols, operations } = expectKind('version', value);
      expect(protocols).toContain(1);
      expect(operations).toEqual(expect.arrayContaining(['version', 'inspect', 'check']));
    });

    test('inspect returns the facts of a captured host', async () => {
      const { value } = await minion.call('bellwether.inspect', [`root=${sheepPath('sound')}`], { settings });
      expect(expectKind('inspect', value).facts.source).toBe('captured');
    });

    test('check of the odd sheep is answered, with the verdict unhealthy', async () => {
      const { status, value } = await minion.call('bellwether.check', [`root=${sheepPath('odd-sheep')}`], { settings });
      const { verdict, findings } = expectKind('check', value);
      expect(status).toBe(0);
      expect(verdict).toBe('unhealthy');
      expect(findings.map(({ code }) => code)).toContain('module_index_empty');
    });

    test('every parameter reaches the executable', async () => {
      const all = [
        'kernels=all',
        'platform=kvm',
        'ignore=[image_stale]',
        'baseline=rescue',
        'timeout=60',
        'detail=full',
      ];
      const { value } = await minion.call('bellwether.check', [`root=${sheepPath('odd-sheep')}`, ...all], { settings });
      expectKind('check', value);
    });

    test('problems of a healthy host are none, so that no beacon fires', async () => {
      const { value } = await minion.call('bellwether.problems', [`root=${sheepPath('sound')}`], { settings });
      expect(value).toBe(false);
    });

    test('problems of the odd sheep hold the verdict and the findings', async () => {
      const { value } = await minion.call('bellwether.problems', [`root=${sheepPath('odd-sheep')}`], { settings });
      expect(value).toMatchObject({
        verdict: 'unhealthy',
        findings: expect.arrayContaining([expect.objectContaining({ code: 'module_index_empty' })]),
      });
    });

    test('problems of a host that did not answer are that, and why', async () => {
      const executable = await misbehaving(minion.folder, 'is busy');
      const { status, value } = await minion.call('bellwether.problems', [], { settings: { executable } });
      expect({ status, value }).toEqual({
        status: 0,
        value: {
          verdict: 'unknown',
          summary: expect.stringMatching(/pid 4242 \(busy\)\. The same request may succeed later/),
          kernels: [],
          findings: [],
          unknowns: [],
        },
      });
    });

    /** The request that a function makes. */
    const askedBy = async (fun: string, args: readonly string[]): Promise<unknown> => {
      const executable = await misbehaving(minion.folder, 'keeps what it is asked');
      await minion.call(fun, args, { settings: { executable } });
      return JSON.parse(await readFile(`${executable}.asked`, 'utf8'));
    };

    test.each([
      ['bellwether.repair', 1800],
      ['bellwether.unlock', 600],
      ['bellwether.version', 60],
    ])('%s has its own time where the one given is null or blank', async (fun, timeout_s) => {
      for (const given of ['timeout=null', 'timeout=""'])
        expect(await askedBy(fun, [given])).toMatchObject({ timeout_s });
    });

    test('a state gives a function the time that it was given, and none where it was given none', async () => {
      const repaired = (timeout: string) =>
        askedBy('state.single', ['bellwether.repaired', 'name=this host will boot', timeout]);
      expect(await repaired('timeout=null')).toMatchObject({ timeout_s: 1800 });
      expect(await repaired('timeout=70')).toMatchObject({ timeout_s: 70 });
    });

    test.each([
      ['all', 'all'],
      ['6.1.0-56-amd64', ['6.1.0-56-amd64']],
      ['6.1.0-56-amd64, 6.1.0-57-amd64', ['6.1.0-56-amd64', '6.1.0-57-amd64']],
      ['[6.1.0-56-amd64]', ['6.1.0-56-amd64']],
      [`"['6.1.0-56-amd64', '6.1.0-57-amd64']"`, ['6.1.0-56-amd64', '6.1.0-57-amd64']],
    ])('kernels=%s are sent as a word or a list', async (given, kernels) => {
      expect(await askedBy('bellwether.check', [`kernels=${given}`])).toMatchObject({ params: { kernels } });
    });

    test('the fingerprint is one short string, and that of the check', async () => {
      const where = [`root=${sheepPath('sound')}`];
      const print = await minion.call('bellwether.fingerprint', where, { settings });
      const check = await minion.call('bellwether.check', where, { settings });
      expect(print.value).toBe(expectKind('check', check.value).fingerprint);
    });

    test('a proxy minion neither answers for the machine that it runs on nor mends it', async () => {
      const refused = /bellwether judges the host that it runs on, which is not what a proxy minion stands for/;
      const options = { settings: { ...settings, executable: join(minion.folder, 'of-a-proxy.cjs') }, proxy: true };
      expect((await minion.call('bellwether.version', [], options)).stderr).toMatch(refused);
      const { value } = await minion.call('state.apply', ['bellwether.repaired'], options);
      expect(stateReplies(value)[1]).toMatchObject({ result: false, comment: expect.stringMatching(refused) });
    });

    test('a mistyped parameter is refused by name', async () => {
      const { status, value, stderr } = await minion.call('bellwether.check', ['ignor=image_stale'], { settings });
      expect({ status: status === 0, value }).toEqual({ status: false, value: undefined });
      expect(stderr).toContain('ignor');
    });

    test('a value that the executable refuses is an error that names it', async () => {
      const bad = ['kernels=["../../etc"]'];
      const { status, stderr } = await minion.call('bellwether.check', bad, { settings });
      expect(status).not.toBe(0);
      expect(stderr).toMatch(/\.\.\/\.\.\/etc.*\(bad_request\)/);
    });

    test('a timeout that is no number is refused by the executable too', async () => {
      const { stderr } = await minion.call('bellwether.check', ['timeout=soon'], { settings });
      expect(stderr).toMatch(/timeout_s.*\(bad_request\)/);
    });

    test('a root that is not there is an error that names it', async () => {
      const { status, stderr } = await minion.call('bellwether.check', ['root=/no/such/root'], { settings });
      expect(status).not.toBe(0);
      expect(stderr).toMatch(/\/no\/such\/root.*\(root_absent\)/);
    });

    test('the executable is found in PATH', async () => {
      const bin = join(minion.folder, 'bin');
      await mkdir(bin);
      await symlink(BUNDLE, join(bin, 'bellwether'));
      await symlink(process.execPath, join(bin, 'node'));
      const { value } = await minion.call('bellwether.version', [], { path: `${bin}:/usr/bin:/bin` });
      expectKind('version', value);
    });

    describeUnless(whyNot('node-16'), 'with the Node.js of the configuration', () => {
      test('the oldest one answers', async () => {
        const node = cachePath('node', '16', 'bin', 'node');
        const { value } = await minion.call('bellwether.version', [], { settings: { executable: BUNDLE, node } });
        expectKind('version', value);
      });
    });
  });
}
