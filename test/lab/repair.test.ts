import { expect, it, jest } from '@jest/globals';
import { whyNot } from '../setup/cache.mjs';
import { blindDepmod } from '../setup/images.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { elImage, K, KMOD } from '../setup/rpms.mjs';
import { expectKind } from '../support/answers.ts';
import { standIn } from '../support/bootable-host.ts';
import { withLiveSheep, type LiveSheep } from '../support/live-sheep.ts';
import { shellWords } from '../../src/protocol/shell-words.ts';
import { fatalCodes } from '../support/verdicts.ts';
import { describeUnless } from '../support/where.ts';
import type { RepairAnswer } from '../../src/protocol/messages.ts';

jest.setTimeout(600_000);

const IMAGE = `/boot/initramfs-${K.new}.img`;
const DRY = { dry_run: true } as const;

async function repair(sheep: LiveSheep, more: object = {}): Promise<RepairAnswer> {
  return expectKind('repair', await sheep.ask({ op: 'repair', ...more }));
}

/** kmod damaged, the index and the image made while it was. */
async function makeOdd(sheep: LiveSheep): Promise<void> {
  await blindDepmod(sheep);
  await sheep.sh(`depmod ${K.new} && dracut --force --quiet --kver ${K.new} ${IMAGE}`, { timeout: 600_000 });
}

/** Where it does not matter who builds: an image as dracut built it before, in no time. */
async function layGenerator(sheep: LiveSheep, image = elImage(K.new), before = ''): Promise<void> {
  await sheep.sh(`cp ${image} /srv/next; rm -f /usr/bin/dracut; cat > /usr/bin/dracut; chmod 755 /usr/bin/dracut`, {
    input: standIn(before),
  });
}

/** All that a repair might touch. */
function state(sheep: LiveSheep): Promise<string> {
  return sheep.sh(
    `sha256sum ${IMAGE} /usr/sbin/depmod /usr/lib/modules/${K.new}/modules.dep.bin; ls -a /boot; rpm -qa --last`,
  );
}

function actions({ steps }: RepairAnswer): readonly string[] {
  return steps.map(({ action }) => action);
}

describeUnless(whyNot('rpms') ?? whyNoOverlay(), 'a host that is repaired', () => {
  it('had a kmod that indexed nothing: reinstalled, depmod, a new image, healthy; and no more the second time', async () => {
    await withLiveSheep(async (sheep) => {
      await makeOdd(sheep);
      const before = await state(sheep);
      const planned = await repair(sheep, DRY);
      expect(await state(sheep)).toBe(before);
      expect(planned).toMatchObject({ verdict: 'unhealthy', changed: true });

      const done = await repair(sheep);
      expect(done).toMatchObject({ verdict: 'healthy', changed: true, findings: [], unknowns: [] });
      expect(actions(done)).toEqual(['download', 'reinstall', 'clean_cache', 'depmod', 'build', 'replace']);
      expect({ steps: done.steps, changes: done.changes }).toEqual({ steps: planned.steps, changes: planned.changes });
      expect(done.rounds).toMatchObject([{ failed: null, verdict: 'healthy', findings: [] }]);
      expect(done.images).toMatchObject([{ path: IMAGE, before: { indexed: 0 }, after: { verdict: 'healthy' } }]);
      expect(await sheep.sh('rpm -V kmod')).toBe('');
      expect(await sheep.installed('kmod')).toEqual([expect.stringContaining(KMOD.new)]);

      const again = await repair(sheep);
      expect(again).toMatchObject({ verdict: 'healthy', changed: false, changes: [], steps: [], rounds: [] });
    });
  });

  it('had an image that was cut short: rebuilt, and nothing else is touched', async () => {
    await withLiveSheep(async (sheep) => {
      await layGenerator(sheep);
      await sheep.sh(`truncate -s 5M ${IMAGE}`);
      const done = await repair(sheep);
      expect(actions(done)).toEqual(['build', 'replace']);
      expect(done).toMatchObject({ verdict: 'healthy', rounds: [{ failed: null }] });
      expect(done.images[0]?.findings_gone).toContain('image_truncated');
    });
  });

  it('boots, but its next image would not: depmod alone', async () => {
    await withLiveSheep(async (sheep) => {
      const index = `/usr/lib/modules/${K.new}/modules.dep.bin`;
      await sheep.sh(`head -c 12 ${index} > /tmp/index && cat /tmp/index > ${index}`);
      const image = await sheep.sh(`sha256sum ${IMAGE}`);
      const done = await repair(sheep);
      expect(actions(done)).toEqual(['depmod']);
      expect(done).toMatchObject({ verdict: 'healthy', changed: true, findings: [] });
      expect(await sheep.sh(`sha256sum ${IMAGE}`)).toBe(image);
    });
  });

  it('lacked a driver that its generator leaves out: rebuilt with it added', async () => {
    await withLiveSheep(async (sheep) => {
      const conf = '/etc/dracut.conf.d/small.conf';
      await sheep.sh(`sed -i 's/ virtio_blk / /' ${conf}; touch -d 2020-01-01 ${conf}`);
      const without = `dracut --force --quiet --kver ${K.new} ${IMAGE}`;
      await sheep.sh(without, { timeout: 600_000 });
      expect(fatalCodes(expectKind('check', await sheep.ask({ op: 'check' })))).toEqual(['driver_missing']);
      const done = await repair(sheep);
      expect(done.steps[0]?.command).toEqual(expect.arrayContaining(['--add-drivers', 'virtio_blk']));
      expect(done).toMatchObject({ verdict: 'healthy' });
    });
  });

  it('goes to a platform whose drivers its image lacks: they are to be added, and are not where that is accepted', async () => {
    await withLiveSheep(async (sheep) => {
      const accepted = await repair(sheep, { params: { platform: 'hyperv', ignore: ['platform_driver_missing'] } });
      expect(accepted).toMatchObject({ changed: false, steps: [] });
      const planned = await repair(sheep, { ...DRY, params: { platform: 'hyperv' } });
      expect(planned.steps[0]?.command?.join(' ')).toMatch(/--add-drivers \S*.*hv_storvsc/);
      expect(planned).toMatchObject({ verdict: 'unhealthy' });
      const mistyped = await sheep.ask({ op: 'repair', params: { ignore: ['image_stael'] } });
      expect(mistyped.error).toMatchObject({ code: 'bad_request', message: expect.stringContaining('image_stale') });
    });
  });

  it('is told what only a person can mend, and is left as it is', async () => {
    await withLiveSheep(async (sheep) => {
      await sheep.sh(
        `sed -i 's/rd.lvm.lv=vg0.root/rd.lvm.lv=vg0\\/gone/; s/vg0-root/vg0-gone/' /boot/loader/entries/*.conf`,
      );
      const before = await state(sheep);
      const answer = await repair(sheep);
      expect(answer).toMatchObject({ verdict: 'unhealthy', changed: false, steps: [], rounds: [] });
      expect(answer.summary).toMatch(/^nothing that can be repaired from here; left to you: .*lv_unknown/);
      expect(await state(sheep)).toBe(before);
    });
  });
});

describeUnless(whyNot('rpms') ?? whyNoOverlay(), 'a host that cannot be repaired', () => {
  it('is told what was tried and what was found after each, and keeps the image that it had', async () => {
    await withLiveSheep(async (sheep) => {
      await sheep.sh(`truncate -s 5M ${IMAGE}; cp ${IMAGE} /srv/broken`);
      await layGenerator(sheep, '/srv/broken');
      const image = await sheep.sh(`sha256sum ${IMAGE}`);
      const answer = await repair(sheep);
      expect(answer).toMatchObject({ verdict: 'unhealthy', changes: [{ what: expect.stringMatching(/^kmod /) }] });
      const refused = {
        failed: expect.stringMatching(/^image_refused: /),
        findings: expect.arrayContaining(['image_truncated']),
      };
      // Then what a package might be behind, although it verifies; and the same again would come to the same.
      expect(answer.rounds).toMatchObject([refused, refused]);
      expect(answer.rounds.map(({ steps }) => steps.map(({ action }) => action))).toEqual([
        ['build', 'replace'],
        ['download', 'reinstall', 'clean_cache', 'build', 'replace'],
      ]);
      expect(answer.summary).toMatch(/^not mended in /);
      expect(await sheep.sh(`sha256sum ${IMAGE}; ls -a /boot | grep -c bellwether || true`)).toBe(`${image}0\n`);
    });
  });

  it('keeps its packages where they are to be left alone: what that comes to is told', async () => {
    await withLiveSheep(async (sheep) => {
      await makeOdd(sheep);
      const before = await state(sheep);
      const answer = await repair(sheep, { params: { reinstall: false } });
      expect(actions(answer)).not.toContain('reinstall');
      expect(answer).toMatchObject({ verdict: 'unhealthy', changed: false });
      expect(answer.rounds[0]?.failed).toMatch(/^not_effective: .*depmod/);
      expect(await state(sheep)).toBe(before);
    });
  });
});

describeUnless(whyNot('rpms') ?? whyNoOverlay(), 'the command line', () => {
  it('shows the plan, then what was done, and exits as the host is', async () => {
    await withLiveSheep(async (sheep) => {
      await layGenerator(sheep);
      await sheep.sh(`truncate -s 5M ${IMAGE}`);
      const refused = await sheep.bellwether('repair');
      expect(refused).toMatchObject({ status: 64, stdout: '' });
      expect(refused.stderr).toContain('add --yes to do it, or --dry-run');

      const planned = await sheep.bellwether('repair', '--dry-run');
      expect(planned).toMatchObject({ status: 0, stderr: '' });
      expect(planned.stdout).toMatch(/^repair: 2 steps\n\n {2}1 {3}build the image of /);
      expect(planned.stdout).toContain('Nothing was done: this was a dry run.');

      const done = await sheep.bellwether('repair', '--yes');
      expect(done).toMatchObject({ status: 0, stderr: '' });
      expect(done.stdout).toMatch(/verdict +unhealthy +healthy\n/);
      expect(done.stdout).toMatch(/will boot\n$/);
    });
  });

  it('asks once on a terminal, and tells there what is going on', async () => {
    await withLiveSheep(async (sheep) => {
      await layGenerator(sheep);
      await sheep.sh(`truncate -s 5M ${IMAGE}`);
      const image = await sheep.sh(`sha256sum ${IMAGE}`);
      const inTerminal = (reply: string) =>
        sheep.tryRun('/usr/bin/script', ['-qec', `${shellWords(sheep.command)} repair`, '/dev/null'], {
          input: reply,
          timeout: 300_000,
        });

      const declined = await inTerminal('n\n');
      expect(declined.stdout).toMatch(/repair: 2 steps[^]*Do this\? \[y\/N\][^]*Nothing was done\./);
      expect(declined.status).toBe(3);
      expect(await sheep.sh(`sha256sum ${IMAGE}`)).toBe(image);

      const done = await inTerminal('y\n');
      expect(done.status).toBe(0);
      expect(done.stdout).toMatch(/0:0\d {2}building \/boot\/initramfs-\S+ with dracut/);
      expect(done.stdout).toMatch(/verdict +unhealthy +healthy/);
    });
  });

  it('that is asked to end, ends what it runs and leaves nothing behind', async () => {
    await withLiveSheep(async (sheep) => {
      await layGenerator(sheep, elImage(K.new), ': > /srv/building; sleep 60');
      await sheep.sh(`truncate -s 5M ${IMAGE}`);
      const before = await state(sheep);
      const ended = await sheep.sh(
        `${shellWords(sheep.command)} repair --yes > /tmp/out 2>&1 & pid=$!
         for try in $(seq 300); do [ ! -e /srv/building ] || break; sleep 0.1; done
         kill -TERM $pid; wait $pid || echo "status $?"; cat /tmp/out; ps -eo stat=,comm= | grep '^[^Z].* sleep$' || echo none left`,
        { timeout: 120_000 },
      );
      expect(ended).toMatch(/^status 3\nbellwether: repair was ended by SIGTERM[^]*none left\n$/);
      expect(await state(sheep)).toBe(before);
    });
  });
});
