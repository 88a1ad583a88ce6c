import { expect, jest, test } from '@jest/globals';
import type { Answer, Finding } from '../../src/protocol/messages.ts';
import { whyNot } from '../setup/cache.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { EVR, K } from '../setup/rpms.mjs';
import { expectKind } from '../support/answers.ts';
import { FAMILY } from '../support/el-sheep.ts';
import { withLiveSheep, type LiveSheep } from '../support/live-sheep.ts';
import { describeUnless } from '../support/where.ts';

jest.setTimeout(300_000);

const CODES = [
  'packages_damaged',
  'kernel_drift',
  'lock_incomplete',
  'lock_drifted',
  'lock_missing',
  'installonly_limit_risk',
];

async function check(sheep: LiveSheep) {
  const answer: Answer = await sheep.ask({ op: 'check' });
  return expectKind('check', answer);
}
const told = (findings: readonly Finding[]): string[] =>
  findings.map(({ code }) => code).filter((code) => CODES.includes(code));

/** Locks as an administrator writes them. */
const lock = (sheep: LiveSheep, which: 'old' | 'new', names: readonly string[]): Promise<void> =>
  sheep.write('/etc/dnf/plugins/versionlock.list', names.map((name) => `${name}-0:${EVR[which]}.*\n`).join(''));

const BOOTING = FAMILY.filter((name) => !/-(?:devel|headers)$/.test(name));

describeUnless(whyNot('rpms') ?? whyNot('images') ?? whyNoOverlay(), 'a check asks the package database', () => {
  test('and has nothing to say of a host that is as its packages left it, with its locks whole or without any', async () => {
    await withLiveSheep(async (sheep) => {
      const bare = await check(sheep);
      expect({ verdict: bare.verdict, told: told(bare.findings), unknowns: bare.unknowns }).toEqual({
        verdict: 'healthy',
        told: [],
        unknowns: [],
      });
      await lock(sheep, 'new', BOOTING);
      expect(told((await check(sheep)).findings)).toEqual([]);
    });
  });

  test('and names the file of kmod that is no longer what it was: the host boots all the same', async () => {
    await withLiveSheep(async (sheep) => {
      const file = '/usr/bin/kmod';
      const append = (path: string) =>
        sheep.sh(`cp ${path} /tmp/copy; echo '# x' >> /tmp/copy; cat /tmp/copy > ${path}`);
      await append((await sheep.sh('rpm -qc kmod | head -1')).trim());
      expect(told((await check(sheep)).findings)).toEqual([]); // configuration
      await append(file);
      const { verdict, findings } = await check(sheep);
      expect(told(findings)).toEqual(['packages_damaged']);
      expect(findings.find(({ code }) => code === 'packages_damaged')).toMatchObject({
        severity: 'warning',
        repair: ['reinstall'],
        evidence: { package: 'kmod', files: [{ path: file }], files_count: 1 },
      });
      expect(verdict).toBe('healthy');
    });
  });

  test('and finds a lock on the metapackage alone, and one for a version that is not installed', async () => {
    await withLiveSheep(async (sheep) => {
      await lock(sheep, 'new', ['kernel']);
      const incomplete = (await check(sheep)).findings.find(({ code }) => code === 'lock_incomplete');
      expect(incomplete?.evidence).toEqual({
        locked: ['kernel'],
        not_locked: ['kernel-core', 'kernel-modules', 'kernel-modules-extra'],
        version: EVR.new,
      });
      await lock(sheep, 'old', BOOTING);
      expect(told((await check(sheep)).findings).sort()).toEqual(['kernel_drift', 'lock_drifted']);
    });
  });

  test('and finds that the locked kernel neither boots next nor is safe from being removed; a capture tells the same', async () => {
    await withLiveSheep(
      async (sheep) => {
        await lock(sheep, 'old', ['kernel-core']);
        await sheep.sh('sed -i s/installonly_limit=.*/installonly_limit=2/ /etc/dnf/dnf.conf');
        const live = await check(sheep);
        expect(told(live.findings).sort()).toEqual(['installonly_limit_risk', 'kernel_drift', 'lock_incomplete']);
        expect(live.findings.find(({ code }) => code === 'installonly_limit_risk')).toMatchObject({
          evidence: { locked: K.old, running: K.new, limit: 2 },
        });
        await sheep.bellwether('inspect', '--capture', '/srv/capture.tar');
        await sheep.sh('mkdir /srv/capture && tar -xf /srv/capture.tar -C /srv/capture');
        const captured = expectKind('check', await sheep.ask({ op: 'check', root: '/srv/capture' }));
        expect(captured.findings).toEqual(live.findings);
        expect(captured.fingerprint).toBe(live.fingerprint);
      },
      { kernels: ['old', 'new'] },
    );
  });
});
