import { expect, it, jest } from '@jest/globals';
import { whyNot } from '../setup/cache.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { elImage, EVR, K } from '../setup/rpms.mjs';
import { expectKind } from '../support/answers.ts';
import { standIn } from '../support/bootable-host.ts';
import { entryOf } from '../support/el-sheep.ts';
import { withLiveSheep, type LiveSheep } from '../support/live-sheep.ts';
import { describeUnless } from '../support/where.ts';
import type { Answer, RebuildAnswer, ReinstallAnswer, RepairAnswer } from '../../src/protocol/messages.ts';

jest.setTimeout(600_000);

const IMAGE = `/boot/initramfs-${K.new}.img`;
const ENTRY = `/boot/loader/entries/${entryOf(K.new)}.conf`;
const hidden = (path: string): string => path.replace(/([^/]*)$/, '.bellwether-$1.kept');
/** Something that an image needs, of the package whose scripts remove the image. */
const SPOIL = `echo more >> /lib/modules/${K.new}/modules.order`;
const KERNEL_CORE = { packages: ['kernel-core'] };

/** All that this host boots from. */
function bootFiles(sheep: LiveSheep): Promise<string> {
  return sheep.sh(
    `cd /boot; sha256sum ${IMAGE} vmlinuz-${K.new} ${ENTRY}; stat -c '%a %u %n %Y' ${IMAGE}; find . -name '*bellwether*'`,
  );
}

async function reinstall(sheep: LiveSheep, more: object = {}): Promise<ReinstallAnswer> {
  return expectKind('reinstall', await sheep.ask({ op: 'reinstall', params: KERNEL_CORE, ...more }));
}

async function rebuild(sheep: LiveSheep, more: object = {}): Promise<RebuildAnswer> {
  return expectKind('rebuild', await sheep.ask({ op: 'rebuild', ...more }));
}

async function repair(sheep: LiveSheep, more: object = {}): Promise<RepairAnswer> {
  return expectKind('repair', await sheep.ask({ op: 'repair', ...more }));
}

/** What dnf, or the scripts of what it installs, do beside what they should, where it reinstalls. */
async function afterReinstall(sheep: LiveSheep, script: string): Promise<void> {
  await sheep.write(
    '/usr/local/sbin/dnf',
    `#!/bin/bash\n/usr/bin/dnf "$@" || exit\ncase "$*" in *" --downloadonly "*) ;; *" reinstall "*) ${script};; esac\n`,
  );
  await sheep.sh('chmod 755 /usr/local/sbin/dnf');
}

function told(answer: Answer) {
  return { error: answer.error, summary: answer.summary };
}

describeUnless(whyNot('rpms') ?? whyNoOverlay(), 'a host whose kernel is reinstalled', () => {
  it('has its image again that the scripts removed and nothing built anew: a dry run says what is at stake', async () => {
    await withLiveSheep(async (sheep) => {
      await sheep.sh(SPOIL);
      const before = await bootFiles(sheep);
      const planned = await reinstall(sheep, { dry_run: true });
      expect(planned.changes).toContainEqual({
        what: `the boot files of ${K.new}`,
        before: `${ENTRY}, /boot/vmlinuz-${K.new}, ${IMAGE}`,
        after: 'as the scripts of kernel-core write them; what is gone or worse then, as before',
      });
      expect(planned.steps.find(({ action }) => action === 'reinstall')?.because).toContain(
        'put back where they are gone',
      );
      expect(await bootFiles(sheep)).toBe(before);
      const done = await reinstall(sheep);
      expect(done).toMatchObject({ verdict: 'healthy', steps: planned.steps, changes: planned.changes });
      expect(done.summary).toContain(`${IMAGE} was put back: it was gone`);
      expect(await bootFiles(sheep)).toBe(before);
      expect(await reinstall(sheep)).toMatchObject({ changed: false, changes: [] });
    });
  });

  it('has its image again where the scripts built one that is cut short, and their own where that is sound', async () => {
    await withLiveSheep(async (sheep) => {
      await sheep.sh(`${SPOIL}; cp ${IMAGE} /srv/sound; (cat /srv/sound; head -c 4096 /dev/zero) > /srv/other`);
      const before = await bootFiles(sheep);
      await afterReinstall(sheep, `head -c 5000000 /srv/sound > ${IMAGE}`);
      const kept = await reinstall(sheep);
      expect(kept.summary).toMatch(/initramfs-\S+ was put back: it had become worse: /);
      expect(kept.verdict).toBe('healthy');
      expect(await bootFiles(sheep)).toBe(before);

      await sheep.sh(SPOIL);
      await afterReinstall(sheep, `cp /srv/other ${IMAGE}`);
      expect((await reinstall(sheep)).summary).not.toContain('put back');
      expect(await sheep.sh(`cmp /srv/other ${IMAGE}; find /boot -name '*bellwether*'`)).toBe('');
    });
  });

  it('has its image again where dnf fails after the scripts ran, or writes into what boots for another package', async () => {
    await withLiveSheep(async (sheep) => {
      await sheep.sh(SPOIL);
      const before = await bootFiles(sheep);
      await afterReinstall(sheep, 'echo "disk error" >&2; exit 1');
      const failed = await sheep.ask({ op: 'reinstall', params: KERNEL_CORE });
      expect(told(failed)).toMatchObject({
        error: { code: 'command_failed', message: expect.stringContaining(`${IMAGE} was put back: it was gone`) },
      });
      expect(await bootFiles(sheep)).toBe(before);
      await sheep.sh('echo more >> /usr/bin/kmod');
      await afterReinstall(sheep, `truncate -s 5M ${IMAGE}`);
      const kmod = await reinstall(sheep, { params: { packages: ['kmod'] } });
      expect(kmod.summary).toMatch(/was put back: it had become worse/);
      expect(await bootFiles(sheep)).toBe(before);
    });
  });

  it('is told which old kernels may go, where dnf finds /boot full, and where there is no room to keep what it boots from', async () => {
    await withLiveSheep(
      async (sheep) => {
        await sheep.sh(`${SPOIL}; cp ${elImage(K.old)} /boot/; cp -a /boot /srv/boot`);
        const before = await bootFiles(sheep);
        await sheep.write(
          '/usr/local/sbin/dnf',
          `#!/bin/bash\ncase "$*" in *" --downloadonly "*) ;; *" reinstall "*) echo "  - At least 12MB more space needed on the /boot filesystem." >&2; exit 1;; esac\nexec /usr/bin/dnf "$@"\n`,
        );
        await sheep.sh('chmod 755 /usr/local/sbin/dnf');
        const named = {
          code: 'boot_full',
          hint: expect.stringContaining(`(here ${K.old})`),
          at: expect.objectContaining({ folder: '/boot', old_kernels: [K.old] }),
        };
        const refused = await sheep.ask({ op: 'reinstall', params: KERNEL_CORE });
        expect(refused.error).toMatchObject({ ...named, message: expect.stringContaining('/boot lacks 12MB') });
        expect(await bootFiles(sheep)).toBe(before);
        // What is a mount point of its own has no links beside it, and for a copy there is no room.
        await sheep.sh(
          `mount -t tmpfs -o size=100M boot /boot; cp -a /srv/boot/. /boot/; mount --bind ${IMAGE} ${IMAGE}; head -c 1G /dev/zero > /boot/filler || true`,
        );
        const unkept = await sheep.ask({ op: 'reinstall', params: KERNEL_CORE });
        expect(unkept.error).toMatchObject({ ...named, message: expect.stringContaining('no room to keep it') });
      },
      { kernels: ['old', 'new'] },
    );
  });

  it('is left alone where what was kept before cannot be replaced: it is said what to do, and nothing is lost', async () => {
    await withLiveSheep(async (sheep) => {
      await sheep.sh(`${SPOIL}; cp -p ${IMAGE} ${hidden(IMAGE)}`);
      const before = await bootFiles(sheep);
      await sheep.sh(`mount --bind ${hidden(IMAGE)} ${hidden(IMAGE)}`);
      expect(told(await sheep.ask({ op: 'reinstall', params: KERNEL_CORE }))).toMatchObject({
        error: {
          code: 'command_failed',
          message: expect.stringContaining(`${hidden(IMAGE)}, which an earlier run left behind, cannot be replaced: `),
          hint: `it is a mount point: umount ${hidden(IMAGE)}, then move ${hidden(IMAGE)} elsewhere`,
        },
      });
      expect(await bootFiles(sheep)).toBe(before);
    });
  });

  it('keeps the command line of its entry, whatever the scripts make it', async () => {
    await withLiveSheep(async (sheep) => {
      await sheep.sh(`${SPOIL}; sed -i '/^options/s/$/ console=ttyS0/' ${ENTRY}`);
      const before = await bootFiles(sheep);
      const done = await reinstall(sheep);
      expect(done.summary).toContain(`${ENTRY} was put back: its command line had become "ro root=`);
      expect(await bootFiles(sheep)).toBe(before);
    });
  });

  it('is refused while what builds its image is damaged', async () => {
    await withLiveSheep(async (sheep) => {
      await sheep.sh(`${SPOIL}; echo more >> /usr/bin/kmod`);
      const before = await bootFiles(sheep);
      expect(told(await sheep.ask({ op: 'reinstall', params: KERNEL_CORE }))).toMatchObject({
        error: { code: 'not_supported', hint: expect.stringContaining('bellwether reinstall kmod') },
      });
      expect(await bootFiles(sheep)).toBe(before);
    });
  });
});

describeUnless(whyNot('rpms') ?? whyNoOverlay(), 'the repair of a host', () => {
  it('that boots leaves a kernel alone of which no more than a mode differs', async () => {
    await withLiveSheep(async (sheep) => {
      await sheep.sh(`echo more >> /usr/bin/kmod; chmod 600 /lib/modules/${K.new}/config`);
      const before = await bootFiles(sheep);
      const done = await repair(sheep);
      expect(done.changes.map(({ what }) => what)).toEqual([expect.stringMatching(/^kmod /)]);
      expect(done.verdict).toBe('healthy');
      expect(await bootFiles(sheep)).toBe(before);
    });
  });

  it('reinstalls the one kernel that is spoilt, not its neighbours, and the image is no worse for it', async () => {
    await withLiveSheep(
      async (sheep) => {
        await sheep.sh(`echo more >> /usr/bin/kmod; ${SPOIL}; chmod 600 /lib/modules/${K.old}/config`);
        await sheep.sh(
          'rm -f /usr/bin/dracut; printf "#!/bin/sh\\nexit 1\\n" > /usr/bin/dracut; chmod 755 /usr/bin/dracut',
        );
        const before = await bootFiles(sheep);
        const planned = await repair(sheep, { dry_run: true });
        const command = planned.steps.find(({ action }) => action === 'reinstall')?.command?.join(' ');
        expect(command).toContain(`kernel-core-${EVR.new}`);
        expect(command).not.toContain(EVR.old);
        const done = await repair(sheep);
        expect(done).toMatchObject({ verdict: 'healthy', steps: planned.steps, changes: planned.changes });
        expect(done.summary).toContain(`${IMAGE} was put back`);
        expect(await bootFiles(sheep)).toBe(before);
      },
      { kernels: ['old', 'new'] },
    );
  });

  it('puts back first what a run that was killed had kept, and clears what it need not', async () => {
    await withLiveSheep(async (sheep) => {
      const before = await bootFiles(sheep);
      await sheep.sh(`mv ${IMAGE} ${hidden(IMAGE)}; mv ${ENTRY} ${hidden(ENTRY)}`);
      await sheep.sh(`cp -p /boot/vmlinuz-${K.new} ${hidden(`/boot/vmlinuz-${K.new}`)}`);
      const planned = await repair(sheep, { dry_run: true });
      const done = await repair(sheep);
      expect(done.steps.map(({ action, what }) => [action, what])).toEqual([
        ['replace', IMAGE],
        ['clear', hidden(`/boot/vmlinuz-${K.new}`)],
        ['replace', ENTRY],
      ]);
      expect(done).toMatchObject({ verdict: 'healthy', steps: planned.steps, changes: planned.changes });
      expect(await bootFiles(sheep)).toBe(before);
      expect(await repair(sheep)).toMatchObject({ changed: false, steps: [] });

      await sheep.sh(`cp -p ${IMAGE} ${hidden(IMAGE)}; truncate -s 5M ${IMAGE}`);
      await sheep.sh('rm -f /usr/bin/dracut; cat > /usr/bin/dracut; chmod 755 /usr/bin/dracut', { input: standIn() });
      expect((await repair(sheep)).steps.map(({ action }) => action)).toEqual(['replace']);
      expect(await bootFiles(sheep)).toBe(before);
    });
  });
});

describeUnless(whyNot('rpms') ?? whyNoOverlay(), 'what a run that was killed had kept', () => {
  const plan = ({ steps, changes }: RebuildAnswer) => ({ steps, changes });

  it('is put back by a rebuild, which builds what is wanted then: the dry run tells no more than it can know', async () => {
    await withLiveSheep(async (sheep) => {
      const before = await bootFiles(sheep);
      await sheep.sh(`mv ${IMAGE} ${hidden(IMAGE)}; mv ${ENTRY} ${hidden(ENTRY)}`);
      const planned = await rebuild(sheep, { dry_run: true });
      expect(planned.steps.map(({ action, what }) => [action, what])).toEqual([
        ['replace', IMAGE],
        ['replace', ENTRY],
      ]);
      expect(planned.summary).toContain('is planned anew when that is done');
      const done = await rebuild(sheep);
      expect(done).toMatchObject({ verdict: 'healthy', ...plan(planned) });
      expect(done.summary).toContain(`${IMAGE} was put back: it was gone; `);
      expect(await bootFiles(sheep)).toBe(before);
      expect(await rebuild(sheep)).toMatchObject({ changed: false, steps: [] });
    });
  });

  it('and is not needed goes before a rebuild builds, as its dry run tells', async () => {
    await withLiveSheep(async (sheep) => {
      const before = await bootFiles(sheep);
      await sheep.sh('rm -f /usr/bin/dracut; cat > /usr/bin/dracut; chmod 755 /usr/bin/dracut', { input: standIn() });
      await sheep.sh(`cp -p ${IMAGE} ${hidden(IMAGE)}; cp -p ${IMAGE} /srv/next`);
      const always = { params: { when: 'always', backup: false } };
      const planned = await rebuild(sheep, { ...always, dry_run: true });
      expect(planned.steps.map(({ action }) => action)).toEqual(['clear', 'build', 'replace']);
      const done = await rebuild(sheep, always);
      expect(done).toMatchObject({ verdict: 'healthy', ...plan(planned) });
      expect(await sheep.sh("find /boot -name '*bellwether*'")).toBe('');
      expect((await bootFiles(sheep)).slice(0, 64)).toBe(before.slice(0, 64));
    });
  });

  it('and cannot be removed is told, and keeps nothing from being done', async () => {
    await withLiveSheep(async (sheep) => {
      // A file that is a mount point stays where it is.
      await sheep.sh(`cp -p ${IMAGE} ${hidden(IMAGE)}; mount --bind ${hidden(IMAGE)} ${hidden(IMAGE)}`);
      const done = await rebuild(sheep);
      expect(done).toMatchObject({ verdict: 'healthy', changed: false });
      expect(done.summary).toContain(`${IMAGE} could not be let go`);
    });
  });

  it('is put back by a lock and by a reinstall that have nothing else to do', async () => {
    await withLiveSheep(async (sheep) => {
      const before = await bootFiles(sheep);
      for (const request of [
        { op: 'reinstall', params: { packages: ['kmod'] } },
        { op: 'lock', params: { state: 'unlocked' } },
      ]) {
        await sheep.sh(`mv ${IMAGE} ${hidden(IMAGE)}`);
        const planned = await sheep.ask({ ...request, dry_run: true });
        const done = await sheep.ask(request);
        expect(done).toMatchObject({ error: null, verdict: 'healthy', changed: true, changes: planned.changes });
        expect(done.changes).toEqual([{ what: IMAGE, before: null, after: 'as it was kept' }]);
        expect(await bootFiles(sheep)).toBe(before);
      }
    });
  });
});

describeUnless(whyNot('rpms') ?? whyNoOverlay(), 'a host on which another kernel is installed', () => {
  it('boots next what it booted next, from what that was', async () => {
    await withLiveSheep(async (sheep) => {
      const before = await bootFiles(sheep);
      await sheep.write(
        '/usr/local/sbin/dnf',
        `#!/bin/bash\n/usr/bin/dnf "$@" || exit\ncase "$*" in *" --downloadonly "*) ;; *" install "*) truncate -s 5M ${IMAGE}; rm ${ENTRY};; esac\n`,
      );
      await sheep.sh(`chmod 755 /usr/local/sbin/dnf; cp ${elImage(K.old)} /boot/`);
      const answer = await sheep.ask({ op: 'lock', params: { version: EVR.old, install: true } });
      expect(told(answer)).toMatchObject({ error: null, summary: expect.stringContaining(`${IMAGE} was put back`) });
      expect(await bootFiles(sheep)).toBe(before);
    });
  });
});
