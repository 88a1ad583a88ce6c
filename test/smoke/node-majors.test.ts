import { expect, test } from '@jest/globals';
import { whyNot } from '../setup/cache.mjs';
import { MAJORS, nodePath, TOO_OLD } from '../setup/node-majors.mjs';
import { expectKind } from '../support/answers.ts';
import { callBellwether, runBellwether } from '../support/bellwether.ts';
import { SHEEP, sheepPath, sheepWithModule } from '../support/sheep.ts';
import { describeUnless } from '../support/where.ts';

for (const major of MAJORS) {
  describeUnless(whyNot(`node-${String(major)}`), `the bundle on Node ${String(major)}`, () => {
    const node = nodePath(major);

    test('answers for its version', async () => {
      const { status, answer } = await callBellwether({ protocol: 1, op: 'version' }, { node });
      expect(expectKind('version', answer)).toMatchObject({ protocols: [1], error: null });
      expect(status).toBe(0);
    });

    test.each(Object.entries(SHEEP))('judges the sheep %s', async (name, { verdict, codes }) => {
      const { status, answer } = await callBellwether({ protocol: 1, op: 'check', root: sheepPath(name) }, { node });
      const { findings, ...rest } = expectKind('check', answer);
      expect(rest.verdict).toBe(verdict);
      expect([...new Set(findings.map(({ code }) => code))].sort()).toEqual(codes);
      expect(status).toBe(0);
    });

    test.each(['rsa', 'ecdsa'] as const)('holds a module against its signature, %s', async (kind) => {
      const codes = async (change: (module: Buffer) => void): Promise<readonly string[]> => {
        const root = sheepWithModule(kind, change);
        const { answer } = await callBellwether({ protocol: 1, op: 'check', root }, { node });
        return expectKind('check', answer).findings.map(({ code }) => code);
      };
      expect(await codes(() => undefined)).not.toContain('module_damaged');
      expect(await codes((module) => module.writeUInt8(module.readUInt8(4000) ^ 1, 4000))).toContain('module_damaged');
    });

    test('refuses a request that is none, by name', async () => {
      const { status, answer } = await callBellwether({ protocol: 1, op: 'check', dryrun: true }, { node });
      expect(expectKind('error', answer).error).toMatchObject({ code: 'bad_request', retry: false });
      expect(answer.error?.message).toContain('dryrun');
      expect(status).toBe(64);
    });

    test('says to a person what is wrong, and to a monitor by its exit status', async () => {
      const args = ['check', '--root', sheepPath('odd-sheep')];
      const { status, stdout, stderr } = await runBellwether('', { node, args });
      expect(stdout).toContain('module_index_empty');
      expect(stderr).toBe(''); // nor does this Node refuse a flag that it is given
      expect(status).toBe(2);
    });
  });
}

for (const major of TOO_OLD) {
  describeUnless(whyNot(`node-${String(major)}`), `the bundle on Node ${String(major)}`, () => {
    test.each([['call'], ['check']])('says in one line that it is too old, asked %s', async (command) => {
      const { status, stdout, stderr } = await runBellwether('', { args: [command], node: nodePath(major) });
      expect({ status, stdout }).toEqual({ status: 69, stdout: '' });
      expect(stderr).toMatch(/^bellwether needs Node\.js 16\.20 or later: \/\S+\/node is v\d+\.\S+\n$/);
    });
  });
}
