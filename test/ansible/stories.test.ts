import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { BUNDLE } from '../setup/build.mjs';
import { whyNot } from '../setup/cache.mjs';
import { blindDepmod } from '../setup/images.mjs';
import { EVR, K, elImage } from '../setup/rpms.mjs';
import { standIn } from '../support/bootable-host.ts';
import { FAMILY } from '../support/el-sheep.ts';
import { SHOWN_MOUNTS } from '../support/live-sheep.ts';
import { describeUnless } from '../support/where.ts';
import { CHECKED, EWE, type ElPasture, openElPasture } from './el-pasture.ts';
import { RELEASES, whyNoPython, whyNoRelease } from './releases.ts';

jest.setTimeout(600_000);

/** The Python of an EL 8 host, where the release still manages it. */
const PYTHON = { '2.16': '3.6', '2.19': '3.11' } as const;
/** Who builds images there: dracut, or what copies an image that dracut made, in no time. */
const DRACUT = { '2.16': false, '2.19': true } as const;

const example = (name: string) => fileURLToPath(new URL(`../../examples/ansible/${name}`, import.meta.url));
const IMAGE = `/boot/initramfs-${K.new}.img`;

describe.each(RELEASES)('with ansible-core %s, an EL-like sheep that drifted to a newer kernel', (release) => {
  const reason = whyNoRelease(release) ?? whyNoPython(PYTHON[release]) ?? whyNot('rpms');
  let opened: ElPasture | undefined;
  let pasture: ElPasture;
  beforeAll(async () => {
    if (reason !== null) return;
    opened = await openElPasture(release, PYTHON[release]);
    pasture = opened;
    if (!DRACUT[release]) await layGenerator(K.new);
  });
  afterAll(() => opened?.close());

  const layGenerator = (kernel: string) =>
    pasture.sheep.sh(
      `cp ${elImage(kernel)} /srv/next; rm -f /usr/bin/dracut; cat > /usr/bin/dracut; chmod 755 /usr/bin/dracut`,
      { input: standIn('while test -e /run/hold; do sleep 0.2; done') },
    );
  /** All that a task might touch. */
  const state = () =>
    pasture.sheep.sh(
      `sha256sum /boot/*.img /usr/sbin/depmod; ls -a /boot /boot/loader/entries; rpm -qa | sort
       cat /boot/grub2/grubenv /etc/dnf/plugins/versionlock.list`,
    );
  /** In check mode, in earnest, and again: first nothing is touched, then the same is changed, then nothing is left to do. */
  const threeTimes = async (module: string, args: object) => {
    const before = await state();
    const [checked] = await pasture.task(module, args, CHECKED);
    expect(checked).toMatchObject({ status: 'ok', msg: '', changed: true });
    expect(await state()).toBe(before);
    const [done, again] = await pasture.task(module, args, {}, 2);
    expect(done).toMatchObject({ status: 'ok', msg: '', changed: true, changes: checked!.changes });
    expect(again).toMatchObject({ status: 'ok', msg: '', changed: false, changes: [] });
    return checked!;
  };

  describeUnless(reason, 'has', () => {
    test('its damaged kmod reinstalled, and no other package', async () => {
      await blindDepmod(pasture.sheep);
      const { diff } = await threeTimes('package_intact', { packages: ['kmod', 'kernel-core'] });
      expect(diff).toMatchObject([{ before_header: expect.stringContaining('kmod') }]);
      expect(await pasture.sheep.sh('rpm -V kmod')).toBe('');
    });

    test('the image mended that was made while kmod was damaged', async () => {
      const { sheep, book } = pasture;
      await blindDepmod(sheep);
      const build = `depmod ${K.new} && dracut --force --quiet --kver ${K.new} ${IMAGE}`;
      await sheep.sh(DRACUT[release] ? build : `truncate -s 5M ${IMAGE}`, { timeout: 600_000 });

      const before = await state();
      const checked = await book(example('odd-sheep.yml'), CHECKED);
      expect(checked.result(EWE, 'Mend it')).toMatchObject({ status: 'ok', msg: '', changed: true });
      expect(await state()).toBe(before);

      const mended = await book(example('odd-sheep.yml'));
      expect(mended.result(EWE, 'Ask whether it will boot')).toMatchObject({ check: { verdict: 'unhealthy' } });
      expect(mended.result(EWE, 'Mend it')).toMatchObject({
        ...{ status: 'ok', msg: '', changed: true },
        changes: checked.result(EWE, 'Mend it').changes,
        repair: { verdict: 'healthy' },
      });
      expect(mended.result(EWE, 'It will boot')).toMatchObject({ status: 'ok', check: { verdict: 'healthy' } });
      if (DRACUT[release]) expect(await sheep.sh('rpm -V kmod')).toBe('');

      const again = await book('bellwether.boot.mend');
      expect(again.output).toMatch(/^ewe\s+: ok=2\s+changed=0 .*failed=0/m);
    });

    test('its last good kernel back, and keeps it', async () => {
      const { book, sheep } = pasture;
      if (!DRACUT[release]) await layGenerator(K.old);
      // The sheep's kernel packages make no image when they are installed, as EL's do.
      await sheep.run('/bin/cp', [elImage(K.old), '/boot/']);
      const good = ['-e', `good=${EVR.old}`];
      const task = 'The good kernel is installed, locked, and boots next';
      const before = await state();
      const checked = await book(example('drifted-kernel.yml'), { args: [...good, ...CHECKED.args] });
      expect(checked.result(EWE, task)).toMatchObject({ status: 'ok', msg: '', changed: true });
      expect(await state()).toBe(before);

      const locked = await book(example('drifted-kernel.yml'), { args: good });
      expect(locked.result(EWE, task)).toMatchObject({
        ...{ status: 'ok', msg: '', changed: true },
        changes: checked.result(EWE, task).changes,
      });
      expect(locked.result(EWE, 'It will boot')).toMatchObject({
        msg: '',
        check: { verdict: 'healthy', kernels: [{ kernel: K.old }] },
      });

      const family = await sheep.installed(...FAMILY);
      await sheep.dnf('upgrade');
      expect(await sheep.installed(...FAMILY)).toEqual(family);
      const again = await book('bellwether.boot.lock_kernels', { args: ['-e', `bellwether_version=${EVR.old}`] });
      expect(again.output).toMatch(/^ewe\s+: ok=1\s+changed=0 .*failed=0/m);

      await threeTimes('kernel_lock', { state: 'unlocked' });
      expect(await sheep.lockFile()).not.toContain('kernel');
    });
  });

  if (!DRACUT[release])
    describeUnless(reason, 'while another run is at work on it', () => {
      test('has a task fail that says who it is, and that it may be tried again', async () => {
        const { sheep, task } = pasture;
        await sheep.sh(': > /run/hold');
        const [program, ...args] = [...SHOWN_MOUNTS, process.execPath, BUNDLE, 'call'];
        const input = JSON.stringify({ protocol: 1, op: 'rebuild', params: { when: 'always' } });
        const other = sheep.tryRun(program, args, { input });
        try {
          await sheep.sh('until pgrep -f [/]usr/bin/dracut; do sleep 0.1; done', { timeout: 30_000 });
          const [result] = await task('initramfs', { state: 'rebuilt' });
          expect(result).toMatchObject({ status: 'failed', changed: false, error: { code: 'busy', retry: true } });
          expect(result!.msg).toMatch(/rebuild.*pid \d+/);
        } finally {
          await sheep.sh('rm -f /run/hold');
          expect(await other).toMatchObject({ status: 0 });
        }
      });
    });
});
