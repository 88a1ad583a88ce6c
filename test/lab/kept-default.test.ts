import { expect, it, jest } from '@jest/globals';
import { whyNot } from '../setup/cache.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { elImage, EVR, K } from '../setup/rpms.mjs';
import { entryOf } from '../support/el-sheep.ts';
import { withLiveSheep, type LiveSheep } from '../support/live-sheep.ts';
import { describeUnless } from '../support/where.ts';

jest.setTimeout(600_000);

const SAVED = `\nsaved_entry=${entryOf(K.new)}\n`;
const INSTALL = { version: EVR.old, install: true };

/** What the scripts of the kernel that dnf installs do, beside what they do on this host. */
async function afterInstall(sheep: LiveSheep, script: string): Promise<void> {
  await sheep.write(
    '/usr/local/sbin/dnf',
    `#!/bin/bash\n/usr/bin/dnf "$@" || exit\ncase "$*" in *" --downloadonly "*) ;; *" install "*) ${script};; esac\n`,
  );
  await sheep.sh('chmod 755 /usr/local/sbin/dnf');
}

/** As kernel-install's plug-in does where UPDATEDEFAULT says so. */
const MAKES_IT_DEFAULT = `sed -i 's/^saved_entry=.*/saved_entry=${entryOf(K.old)}/' /boot/grub2/grubenv`;

describeUnless(whyNot('rpms') ?? whyNoOverlay(), 'a kernel whose scripts make it the default', () => {
  it('is not what boots next where it would not boot: the host boots what it booted', async () => {
    await withLiveSheep(async (sheep) => {
      const broken = `head -c 5000000 /boot/initramfs-${K.new}.img > /boot/initramfs-${K.old}.img`;
      await afterInstall(sheep, `${broken}; ${MAKES_IT_DEFAULT}`);
      const { error, changes } = await sheep.ask({ op: 'lock', params: { ...INSTALL, make_default: true } });
      expect(error).toMatchObject({
        code: 'image_refused',
        message: expect.stringContaining(`${K.old} is not made what boots next, it would not boot: `),
        at: { boots_next: K.new },
      });
      expect(changes.map(({ what }) => what)).not.toContain('what boots next');
      expect(await sheep.read('/boot/grub2/grubenv')).toContain(SAVED);
      expect(await sheep.ask({ op: 'check' })).toMatchObject({ verdict: 'healthy', kernels: [{ kernel: K.new }] });
    });
  });

  it('is not what boots next where nobody asked for that', async () => {
    await withLiveSheep(async (sheep) => {
      await afterInstall(sheep, `cp ${elImage(K.old)} /boot/; ${MAKES_IT_DEFAULT}`);
      const answer = await sheep.ask({ op: 'lock', params: INSTALL });
      expect(answer).toMatchObject({
        error: null,
        summary: expect.stringContaining(`what boots next had become ${K.old}, and is ${K.new} again`),
      });
      expect(await sheep.read('/boot/grub2/grubenv')).toContain(SAVED);
    });
  });
});

describeUnless(whyNot('rpms') ?? whyNoOverlay(), 'a kernel that is installed from a rescue system', () => {
  const ROOT = '/mnt/sysimage';
  const RESCUE = 'BOOT_IMAGE=/images/vmlinuz inst.rescue root=live:CDLABEL=RESCUE quiet';
  const OWN = 'ro root=/dev/mapper/vg0-root rd.lvm.lv=vg0/root';
  const ENTRY = `/boot/loader/entries/${entryOf(K.old)}.conf`;

  /** As kernel-install does where nothing is configured: the command line of what runs. */
  async function startRescue(sheep: LiveSheep): Promise<void> {
    await afterInstall(
      sheep,
      `cp ${elImage(K.old)} /boot/; sed -i "s|^options .*|options $(cat /proc/cmdline)|" ${ENTRY}`,
    );
    await sheep.sh(
      `mkdir -p ${ROOT}; mount --bind / ${ROOT}; for dir in proc sys; do mount -t tmpfs none ${ROOT}/$dir; done
       printf 'SELINUX=enforcing\\n' > /etc/selinux.lab; mkdir -p /etc/selinux; mv /etc/selinux.lab /etc/selinux/config
       rm /etc/kernel/cmdline; echo '${RESCUE}' > /srv/cmdline; mount --bind /srv/cmdline /proc/cmdline
       sed -i 's|^options .*|options ${OWN}|' /boot/loader/entries/*.conf`,
    );
  }

  it('gets the command line of the host, and what was written without labels is told', async () => {
    await withLiveSheep(async (sheep) => {
      await startRescue(sheep);
      const answer = await sheep.ask({ op: 'lock', root: ROOT, params: INSTALL });
      expect(answer.error).toBeNull();
      expect(await sheep.read(ENTRY)).toContain(`\noptions ${OWN}\n`);
      expect(answer.summary).toContain(`touch ${ROOT}/.autorelabel before it boots`);
      expect(await sheep.sh(`ls -A ${ROOT}/proc ${ROOT}/sys`)).not.toContain('cmdline');
    });
  });

  it('is refused where no entry tells that command line, until it is written down', async () => {
    await withLiveSheep(async (sheep) => {
      await startRescue(sheep);
      await sheep.sh('sed -i "/^options /d" /boot/loader/entries/*.conf');
      expect(await sheep.ask({ op: 'lock', root: ROOT, params: INSTALL })).toMatchObject({
        changed: false,
        error: { code: 'not_supported', hint: expect.stringContaining(`${ROOT}/etc/kernel/cmdline first`) },
      });
      await sheep.sh(`echo '${OWN}' > /etc/kernel/cmdline`);
      expect((await sheep.ask({ op: 'lock', root: ROOT, dry_run: true, params: INSTALL })).error).toBeNull();
    });
  });
});
