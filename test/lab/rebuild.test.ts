import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import type { Answer, ErrorAnswer } from '../../src/protocol/messages.ts';
import { whyNot } from '../setup/cache.mjs';
import { blindDepmod, imagePath } from '../setup/images.mjs';
import { expectKind } from '../support/answers.ts';
import { standIn, whyNoBootableHost, withBootableHost, type BootableHost } from '../support/bootable-host.ts';
import { describeUnless } from '../support/where.ts';

// dracut takes 10 s on an idle machine.
jest.setTimeout(900_000);

const reason = whyNot('images') ?? whyNoBootableHost();

/** A host whose image is a sound one, and whose dracut is a stand-in that makes another sound one. */
function withSoundHost(test: (host: BootableHost) => Promise<void>, generator = standIn()): Promise<void> {
  return withBootableHost(async (host) => {
    await host.sh(
      `mkdir -p /srv && cp ${imagePath('small')} ${host.image}; chmod 600 ${host.image}; cp ${imagePath('small')} /srv/old
       gzip -dc /srv/old | gzip -1 > /srv/next; touch -d '2 days ago' ${host.image}`,
    );
    await host.layGenerator(generator);
    await test(host);
  }, 'generic');
}

function refusal(answer: Answer): ErrorAnswer {
  return expectKind('error', answer);
}

/** What lies at the image: whole, byte for byte. */
async function content(host: BootableHost, path = host.image): Promise<string> {
  const script = `[ -e "$0" ] || { echo absent; exit; }; for of in old next; do cmp -s "$0" /srv/$of && echo $of; done; :`;
  const found = await host.run('/bin/bash', ['-c', script, path]);
  return found.trim() === '' ? 'neither' : found.trim();
}

/** Nothing is left of a run, but the image and what lay there before. */
async function left(host: BootableHost): Promise<string> {
  return (
    await host.sh('ls -d /boot/.bellwether-* /var/lib/bellwether /run/bellwether*.lock 2>/dev/null || true')
  ).trim();
}

async function expectOldIntact(host: BootableHost): Promise<void> {
  expect([await content(host), await left(host)]).toEqual(['old', '']);
}

/** Puts /boot on a file system of its own. */
async function bootOn(host: BootableHost, mount: string): Promise<void> {
  await host.sh(`cp -a /boot /srv/boot; ${mount}; cp -a --no-preserve=ownership /srv/boot/. /boot/; rm -r /srv/boot`);
}

/** What the host's one entry tells the kernel. */
async function ownCommandLine(host: BootableHost): Promise<string> {
  return (await host.sh("sed -n 's/^ *linux [^ ]* //p' /boot/grub/grub.cfg")).trim();
}

/** The machine is booted again with the host's kernel, after all that has been done to it. */
async function bootAgain(host: BootableHost, cmdline: string): Promise<void> {
  await host.sh(
    `echo ${host.kernel} > /srv/osrelease; mount --bind /srv/osrelease /proc/sys/kernel/osrelease
     sed "s/^btime .*/btime $(date -d '1 minute' +%s)/" /proc/stat > /srv/stat; mount --bind /srv/stat /proc/stat
     echo '${cmdline}' > /srv/cmdline; mount --bind /srv/cmdline /proc/cmdline`,
  );
}

describeUnless(reason, 'a rebuild with the real dracut', () => {
  test('makes the image that the entry names, once, as its plan said; a bad one is refused', async () => {
    await withBootableHost(async (host) => {
      const plan = await host.rebuilt({}, { dry_run: true });
      expect(plan.verdict).toBe('unhealthy');
      const done = await host.rebuilt();
      expect({ steps: done.steps, changes: done.changes }).toEqual({ steps: plan.steps, changes: plan.changes });
      expect(done.verdict).toBe('healthy');
      expect(done.images).toEqual([
        expect.objectContaining({ path: host.image, rebuilt: true, before: null, backup: null }),
      ]);
      expect(done.images[0]?.after).toMatchObject({ verdict: 'healthy', findings: [] });
      expect(done.images[0]?.after?.indexed).toBe(done.images[0]?.after?.modules);

      const again = await host.rebuilt();
      expect({ changed: again.changed, steps: again.steps }).toEqual({ changed: false, steps: [] });

      await host.sh(`mkdir -p /srv; cp ${host.image} /srv/old; cp ${host.image} /srv/next`);
      await blindDepmod(host);
      const { error } = refusal(await host.rebuild({ when: 'always' }));
      expect(error).toMatchObject({ code: 'image_refused', hint: expect.stringContaining('kmod') });
      expect(error.at).toMatchObject({
        findings: expect.arrayContaining([expect.objectContaining({ code: 'module_index_empty' })]),
        before: { verdict: 'healthy' },
        after: { verdict: 'unhealthy' },
      });
      expect(error.at?.log).toHaveLength(20);
      expect([await content(host), await left(host)]).toEqual(['old\nnext', '']);
    });
  });
});

describeUnless(reason, 'a backup', () => {
  test('of a kernel that is gone goes, as the dry run told, also to make room; every other stays', async () => {
    await withSoundHost(async (host) => {
      await bootOn(host, 'mount -t tmpfs -o size=60M boot /boot');
      const gone = `/boot/initrd.img-5.10.0-1-amd64.bellwether-backup`;
      const stay = [
        host.image, // what boots
        '/boot/initrd.img-5.10.0-2-amd64', // its modules are there
        '/boot/initrd.img-5.10.0-3-amd64', // its kernel file is there
        '/boot/initrd.img-5.10.0-4-amd64', // the image is there
        '/boot/initrd.img-5.10.0-5-amd64', // an entry names it
        '/boot/initrd.img-5.10.0-6-amd64', // it has another name, too
        '/boot/initrd.img-5.10.0-7-amd64', // no file
        '/boot/initramfs-0-rescue-0123456789abcdef0123456789abcdef.img',
        '/boot/somebody', // no name of an image
      ].map((path) => `${path}.bellwether-backup`);
      await host.sh(`for f in ${[gone, ...stay].join(' ')}; do echo old > $f; done
        mkdir /usr/lib/modules/5.10.0-2-amd64; touch /boot/vmlinuz-5.10.0-3-amd64 /boot/initrd.img-5.10.0-4-amd64
        cat >> /boot/grub/grub.cfg <<'END'
menuentry 'Other' {
  linux /boot/vmlinuz-other root=/dev/vda1
  initrd /boot/initrd.img-5.10.0-5-amd64.bellwether-backup
}
END
        ln /boot/initrd.img-5.10.0-6-amd64.bellwether-backup /boot/second
        rm ${stay[6] ?? ''}; mkdir ${stay[6] ?? ''}`);
      const backups = () => host.sh('ls -d /boot/*.bellwether-backup');
      const before = await backups();
      const plan = await host.rebuilt({}, { dry_run: true });
      expect(plan.steps).toMatchObject([
        { action: 'clear', what: gone, because: expect.stringContaining('nothing is left of 5.10.0-1-amd64') },
      ]);
      expect(await backups()).toBe(before);
      const done = await host.rebuilt();
      expect({ steps: done.steps, changes: done.changes }).toEqual({ steps: plan.steps, changes: plan.changes });
      expect(done.changes).toEqual([{ what: gone, before: '4 bytes', after: null }]);
      expect((await backups()).trim().split('\n')).toEqual([...stay].sort());
      expect((await host.rebuilt()).changed).toBe(false);

      // All that is free is what the backup takes.
      await host.sh(`rm ${host.image}.bellwether-backup; head -c 30M /dev/zero > ${gone}`);
      const free = Number(await host.sh("stat -f -c '%a * %S' /boot | { read a; echo $(($a)); }"));
      await host.sh(`head -c ${free - 1_000_000} /dev/zero > /boot/filler`);
      const roomy = await host.rebuilt({ when: 'always' });
      expect(roomy.steps.map(({ action }) => action)).toEqual(['clear', 'build', 'replace']);
      expect(await content(host)).toBe('next');
    });
  });

  test('that cannot be removed is told, and keeps no image from being built', async () => {
    await withSoundHost(async (host) => {
      const gone = '/boot/initrd.img-5.10.0-1-amd64.bellwether-backup';
      // A file that is a mount point stays where it is.
      await host.sh(`echo old > ${gone}; mount --bind ${gone} ${gone}`);
      const done = await host.rebuilt({ when: 'always' });
      expect(done.summary).toContain(`${gone} could not be removed: `);
      expect(done.changes.map(({ what }) => what)).not.toContain(gone);
      expect(await content(host)).toBe('next');
    });
  });
});

describeUnless(reason, 'a rebuild with the real dracut of an image that somebody added to', () => {
  test('has it all again; what is not there any more is told, and a healthy image is not given up for it', async () => {
    await withBootableHost(async (host) => {
      const added = `--add-drivers 'e1000e dm_crypt' --include /etc/unlock.key /etc/unlock.key --install /usr/bin/gpg`;
      await host.sh(
        `echo remote > /etc/unlock.key; dracut --force --quiet ${added} --kver ${host.kernel} ${host.image}`,
        { timeout: 300_000 },
      );
      const held = () =>
        host.sh(
          `lsinitrd ${host.image} | grep -oE '[a-z0-9_]+\\.ko|[a-z]+\\.key|bin/gpg$' | grep -E 'e1000e|dm.crypt|key|gpg' | sort -u`,
        );
      const before = await held();
      expect(before).toBe('bin/gpg\ne1000e.ko\nunlock.key\n');
      const done = await host.rebuilt({ when: 'always', add_drivers: ['dummy'] });
      expect(done.verdict).toBe('healthy');
      expect(done.summary).not.toContain('had modules');
      expect(await held()).toBe(before);

      await host.sh('rm /etc/unlock.key');
      const { error } = refusal(await host.rebuild({ when: 'always' }));
      expect(error).toMatchObject({
        code: 'not_supported',
        message: expect.stringContaining('--include /etc/unlock.key (not there any more)'),
      });

      // One that would not boot is rebuilt without, which its step says.
      const lib = `/usr/lib/modules/${host.kernel}`;
      await host.sh(
        `cd /srv 2>/dev/null || { mkdir /srv; cd /srv; }; lsinitrd --unpack ${host.image} >/dev/null; rm -f .${lib}/modules.dep.bin lib/modules/*/modules.dep.bin
         find . | cpio -o -H newc --quiet | gzip -1 > ${host.image}`,
      );
      const plan = await host.rebuilt({}, { dry_run: true });
      expect(plan.steps.find(({ action }) => action === 'build')).toMatchObject({
        command: expect.arrayContaining(['--add-drivers', 'dummy e1000e dm_crypt', '--install', '/usr/bin/gpg']),
        because: expect.stringContaining('--include /etc/unlock.key (not there any more)'),
      });
    }, 'generic');
  });
});

describeUnless(reason, 'a rebuild', () => {
  test('keeps the old image as a backup, mode, owner and extended attributes, and is done once', async () => {
    await withSoundHost(async (host) => {
      await bootOn(host, 'truncate -s 200M /srv/fs; mkfs.ext4 -q /srv/fs; mount -o loop /srv/fs /boot');
      await host.sh(
        `chmod 640 ${host.image}; chown 1:4 ${host.image}; python3 -c 'import os; os.setxattr("${host.image}", "user.lab", b"kept")'`,
      );
      const plan = await host.rebuilt({ when: 'always', hostonly: false }, { dry_run: true });
      const done = await host.rebuilt({ when: 'always', hostonly: false });
      expect({ steps: done.steps, changes: done.changes }).toEqual({ steps: plan.steps, changes: plan.changes });
      expect(done.images[0]).toMatchObject({
        backup: `${host.image}.bellwether-backup`,
        before: { verdict: 'healthy' },
        after: { verdict: 'healthy' },
      });
      const told = await host.sh(
        `stat -c '%a %u %g' ${host.image}; python3 -c 'import os; print(os.getxattr("${host.image}", "user.lab").decode())'`,
      );
      expect(told).toBe('640 1 4\nkept\n');
      expect([await content(host), await content(host, `${host.image}.bellwether-backup`)]).toEqual(['next', 'old']);
      expect((await host.rebuilt({ when: 'stale' })).changed).toBe(false);

      // The machine is booted again, with this kernel.
      await bootAgain(host, `BOOT_IMAGE=/boot/vmlinuz-${host.kernel} ${await ownCommandLine(host)}`);
      const kept = await host.rebuilt();
      expect({ changed: kept.changed, steps: kept.steps }).toEqual({ changed: false, steps: [] });
      expect(kept.summary).toContain(`${host.image}.bellwether-backup stays: the default entry was booted since`);
      const served = await host.rebuilt({ backup: false });
      expect(served.steps.map(({ action, what }) => [action, what])).toEqual([
        ['clear', `${host.image}.bellwether-backup`],
      ]);
      expect([await content(host), await content(host, `${host.image}.bellwether-backup`)]).toEqual(['next', 'absent']);
      expect((await host.rebuilt()).changed).toBe(false);
    });
  });

  test.each([
    ['the rescue entry of the same kernel', 'BOOT_IMAGE=(hd0,gpt2)/vmlinuz-0-rescue-0e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e'],
    ['the default entry, perhaps changed by hand to load the backup', null],
  ])('keeps the backup that may have booted the machine: by %s', async (_name, bootImage) => {
    await withSoundHost(async (host) => {
      await host.rebuilt({ when: 'always' });
      await bootAgain(host, `${bootImage ?? `BOOT_IMAGE=/boot/vmlinuz-${host.kernel}`} ${await ownCommandLine(host)}`);
      expect(await host.rebuilt()).toMatchObject({ changed: false, steps: [] });
      // Another rebuild does not give it up either.
      const again = await host.rebuilt({ when: 'always' });
      expect(again.changes.map(({ what }) => what)).toEqual([host.image]);
      expect(again.summary).toContain(`${host.image}.bellwether-backup stays: nothing proves`);
      expect(await content(host, `${host.image}.bellwether-backup`)).toBe('old');
    });
  });

  test('gives up a backup that would not boot for an image that would', async () => {
    await withSoundHost(async (host) => {
      await host.sh(`truncate -s 5M ${host.image}`);
      await host.rebuilt();
      expect(await content(host, `${host.image}.bellwether-backup`)).toBe('neither');
      await host.rebuilt({ when: 'always' });
      expect(await content(host, `${host.image}.bellwether-backup`)).toBe('next');
    });
  });

  test('is what a loader finds, which replays no journal, should power fail the moment it is done', async () => {
    await withSoundHost(async (host) => {
      await bootOn(
        host,
        'mkdir -p /srv; truncate -s 200M /srv/fs; mkfs.ext4 -q /srv/fs; mount -o loop,commit=600 /srv/fs /boot',
      );
      await host.sh('fsfreeze -f /boot; fsfreeze -u /boot');
      await host.rebuilt({ when: 'always' });
      await host.sh(
        `cp --sparse=always /srv/fs /srv/cut; debugfs -R 'dump /${basename(host.image)} /srv/seen' /srv/cut 2>/dev/null`,
      );
      expect(await content(host, '/srv/seen')).toBe('next');
    });
  });

  test('thaws what it froze, though it is killed in between', async () => {
    await withSoundHost(async (host) => {
      await bootOn(host, 'mkdir -p /srv; truncate -s 200M /srv/fs; mkfs.ext4 -q /srv/fs; mount -o loop /srv/fs /boot');
      // Frozen, bellwether is killed, and so are all groups that it noted; the file system is looked at a while later.
      await host.sh(`cat > /usr/local/sbin/fsfreeze && chmod 755 /usr/local/sbin/fsfreeze`, {
        input: `#!/bin/bash
if [ "$1" = --freeze ]; then
  /usr/sbin/fsfreeze "$@" || exit
  touch /srv/frozen
  shell=$PPID
  bellwether=$(awk '/^PPid/ { print $2 }' /proc/$shell/status)
  kill -TERM $shell; kill -HUP $shell; kill -KILL $bellwether
  kill -TERM $$
  sleep 1
  exit
fi
exec /usr/sbin/fsfreeze "$@"
`,
      });
      await expect(host.rebuild({ when: 'always' })).rejects.toThrow();
      await host.sh(
        '[ -e /srv/frozen ]; for try in $(seq 50); do timeout -s KILL 1 touch /boot/written && exit 0; done; exit 1',
      );
      expect(await content(host)).toBe('next');
      await host.sh('rm /usr/local/sbin/fsfreeze');
      expect((await host.rebuilt()).verdict).toBe('healthy');
    });
  });

  test('freezes no file system that holds more than /boot', async () => {
    await withSoundHost(async (host) => {
      await bootOn(host, 'mkdir -p /srv; truncate -s 400M /srv/fs; mkfs.ext4 -q /srv/fs; mount -o loop /srv/fs /boot');
      await host.sh(
        `mkdir /boot/lib; cp -a /var/lib/dpkg /boot/lib/; mount --bind /boot/lib /var/lib
         printf '#!/bin/sh\\ntouch /srv/frozen\\n' > /usr/local/sbin/fsfreeze; chmod 755 /usr/local/sbin/fsfreeze`,
      );
      await host.rebuilt({ when: 'always' });
      expect(await content(host)).toBe('next');
      expect(await host.sh('ls /srv')).not.toContain('frozen');
      await host.sh('umount /var/lib');
      await host.rebuilt({ when: 'always' });
      expect(await host.sh('ls /srv')).toContain('frozen');
    });
  });

  test('copies the old image where the file system gives it no link; without room for that it says so', async () => {
    await withSoundHost(async (host) => {
      await bootOn(
        host,
        'truncate -s 100M /srv/fs; mkfs.ext4 -q -m 0 -O ^has_journal /srv/fs; mount -o loop /srv/fs /boot',
      );
      // 65,000 links to a file are all that ext4 gives.
      await host.sh(
        `mkdir /boot/links; python3 -c 'import os
for n in range(64999): os.link("${host.image}", "/boot/links/%d" % n)'`,
      );
      const kept = await host.rebuilt({ when: 'always' });
      expect(kept.images[0]?.backup).toBe(`${host.image}.bellwether-backup`);
      expect([await content(host), await content(host, `${host.image}.bellwether-backup`)]).toEqual(['next', 'old']);
      expect(await left(host)).toBe('');

      await host.sh(
        `rm ${host.image}; ln /boot/links/0 ${host.image}; rm ${host.image}.bellwether-backup
         head -c $(($(stat -f -c '%a * %S' /boot) - 20000000)) /dev/zero > /boot/filler`,
      );
      const replaced = await host.rebuilt({ when: 'always' });
      expect(replaced.images[0]?.backup).toBeNull();
      expect(replaced.summary).toMatch(/the old .* was not kept: .*no room for a copy/);
      expect(replaced.changes.map(({ what }) => what)).toEqual([host.image]);
      expect([await content(host), await left(host)]).toEqual(['next', '']);
    });
  });

  test('of a host below another folder runs the programs of that host, and touches nothing else', async () => {
    await withSoundHost(async (host) => {
      await host.sh(
        `mkdir -p /srv/other/{etc,var/lib,srv,proc,sys,dev,run,tmp,usr} && cp -a /boot /srv/other/ && cp /srv/next /srv/other/srv/
         for link in bin sbin lib lib64; do cp -a /$link /srv/other/; done
         mount --bind /usr /srv/other/usr; echo '${host.disk} / ext4 defaults 0 1' > /srv/other/etc/fstab`,
      );
      const request = { protocol: 1, op: 'rebuild', root: '/srv/other', params: { when: 'always' } };
      const done = expectKind('rebuild', (await host.call(request)).answer);
      // Which drivers the disk needs cannot be told from files alone.
      expect(done).toMatchObject({ facts: 'offline', changed: true, summary: expect.stringContaining('not worse') });
      expect(done.changes.map(({ what }) => what)).toEqual([host.image, `${host.image}.bellwether-backup`]);
      expect(await content(host, `/srv/other${host.image}`)).toBe('next');
      await expectOldIntact(host);
      expect(await host.sh('ls -A /srv/other/var/lib /srv/other/run')).not.toContain('bellwether/');
    });
  });

  test('follows a link to the image, which stays', async () => {
    await withSoundHost(async (host) => {
      await host.sh(`ln -s ${host.image.slice(1)} /initrd.img`);
      await host.menu('/initrd.img');
      const done = await host.rebuilt({ when: 'always', backup: false });
      expect(done.changes.map(({ what }) => what)).toEqual([host.image]);
      expect(await host.sh('readlink /initrd.img')).toBe(`${host.image.slice(1)}\n`);
      expect([await content(host), await content(host, `${host.image}.bellwether-backup`)]).toEqual(['next', 'absent']);
    });
  });

  test('rebuilds every image of an entry with two, and the older one that came last is told', async () => {
    await withSoundHost(async (host) => {
      await host.sh(`mkdir -p /boot/lab/${host.kernel}; cp /srv/old /boot/lab/${host.kernel}/initrd`);
      await host.menu(`/boot/lab/${host.kernel}/initrd`, host.image);
      const found = (await host.check()).findings.find(({ code }) => code === 'initrd_overlaid');
      expect(found).toMatchObject({ severity: 'warning', message: expect.stringContaining(`older ${host.image}`) });
      const done = await host.rebuilt({ when: 'stale' });
      expect(done.images.map(({ path, rebuilt }) => [path, rebuilt])).toEqual([
        [`/boot/lab/${host.kernel}/initrd`, true],
        [host.image, true],
      ]);
      expect([await content(host), await content(host, `/boot/lab/${host.kernel}/initrd`)]).toEqual(['next', 'next']);
    });
  });

  test('mends the module index of the host first, and puts it back where depmod makes it no better', async () => {
    await withSoundHost(async (host) => {
      const index = `/lib/modules/${host.kernel}/modules.dep.bin`;
      await host.sh(
        `head -c 12 ${index} > /srv/empty; cp /srv/empty ${index}; sha256sum /lib/modules/${host.kernel}/modules.* > /srv/sums`,
      );
      await host.sh('cp -a /usr/sbin/depmod /srv/depmod');
      await blindDepmod(host);
      const { error } = refusal(await host.rebuild({ when: 'always' }));
      expect(error).toMatchObject({ code: 'not_effective', hint: expect.stringContaining('reinstall kmod') });
      await host.sh('sha256sum --quiet -c /srv/sums');
      await expectOldIntact(host);

      await host.sh('rm /usr/sbin/depmod; cp -a /srv/depmod /usr/sbin/depmod');
      const done = await host.rebuilt({ when: 'always' });
      expect(done.steps.map(({ action }) => action)).toEqual(['depmod', 'build', 'replace']);
      expect(done.findings.map(({ code }) => code)).not.toContain('host_module_index');
      expect(await content(host)).toBe('next');
    });
  });
});

describeUnless(reason, 'a module index that cannot be made anew', () => {
  test('stays as it is where its file system is read-only', async () => {
    await withSoundHost(async (host) => {
      const folder = (await host.sh(`readlink -f /lib/modules/${host.kernel}`)).trim();
      await host.sh(
        `cd ${folder}; head -c 12 modules.dep.bin > /srv/cut; cat /srv/cut > modules.dep.bin
         mount --bind ${folder} ${folder}; mount -o remount,bind,ro ${folder}`,
      );
      const { error } = refusal(await host.rebuild({ when: 'always' }));
      expect(error).toMatchObject({ code: 'command_failed', message: expect.stringContaining('EROFS') });
      expect(error.hint).toContain('mount it writable');
    });
  });

  test('stays as it is where there is no room, and is put back whole where room ends on the way', async () => {
    await withSoundHost(async (host) => {
      const folder = (await host.sh(`readlink -f /lib/modules/${host.kernel}`)).trim();
      await host.sh(
        `size=$(du -sm ${folder} | cut -f1); truncate -s $((size*2+64))M /srv/mods; mkfs.ext4 -q -m 0 -O ^has_journal /srv/mods
         mkdir /srv/m; mount -o loop /srv/mods /srv/m; cp -a ${folder}/. /srv/m/; umount /srv/m; mount -o loop /srv/mods ${folder}
         cd ${folder}; head -c 12 modules.dep.bin > /srv/cut; cat /srv/cut > modules.dep.bin; touch .bellwether-modules.dep
         sha256sum modules.* > /srv/sums; head -c $(($(stat -f -c '%a * %S' .) - 700000)) /dev/zero > filler`,
      );
      const before = refusal(await host.rebuild({ when: 'always' })).error;
      expect(before).toMatchObject({ code: 'command_failed', message: expect.stringContaining('there is no room') });
      await host.sh(`cd ${folder}; sha256sum --quiet -c /srv/sums; rm filler`);

      await host.sh(
        `mv /usr/sbin/depmod /srv/depmod
         printf '#!/bin/sh\\ncd ${folder}; head -c 900M /dev/zero > filler 2>/dev/null; : > modules.alias; : > modules.dep; echo full >&2; exit 1\\n' > /usr/sbin/depmod
         chmod 755 /usr/sbin/depmod`,
      );
      const during = refusal(await host.rebuild({ when: 'always' })).error;
      expect(during).toMatchObject({ code: 'command_failed', message: 'depmod failed: full' });
      await host.sh(`cd ${folder}; sha256sum --quiet -c /srv/sums; rm filler`);
      expect(await host.sh(`ls -A ${folder}`)).not.toContain('.bellwether-');

      await host.sh('mv /srv/depmod /usr/sbin/depmod');
      expect((await host.rebuilt({ when: 'always' })).findings.map(({ code }) => code)).not.toContain(
        'host_module_index',
      );
      expect(await host.sh(`ls -A ${folder}`)).not.toContain('.bellwether-');
    });
  });
});

describeUnless(reason, 'a rebuild leaves the old image as it is', () => {
  test.each([
    [
      'fails half-way',
      standIn('', 'truncate -s 1M "$out"; echo "dracut: FAILED: broken pipe" >&2; exit 1'),
      'command_failed',
      /FAILED: broken pipe/,
    ],
    ['ends well and makes nothing', standIn('exit 0'), 'not_effective', /wrote no image/],
    [
      'ends well and makes half an image',
      standIn('', 'truncate -s 1M "$out"'),
      'image_refused',
      /the old image is healthy/,
    ],
  ])('where the generator %s', async (_name, generator, code, message) => {
    await withSoundHost(async (host) => {
      const answer = refusal(await host.rebuild({ when: 'always' }));
      expect(answer.error).toMatchObject({ code, message: expect.stringMatching(message) });
      expect(answer.error.at?.log).toEqual(expect.any(Array));
      expect(answer.changed).toBe(false);
      await expectOldIntact(host);
    }, generator);
  });

  test('where time is up: the generator ends with all its children', async () => {
    await withSoundHost(async (host) => {
      const { error } = refusal(await host.rebuild({ when: 'always' }, { timeout_s: 8 }));
      expect(error.code).toBe('timed_out');
      await expectOldIntact(host);
      expect((await host.tryRun('/usr/bin/pgrep', ['-f', 'sleep 4321'])).stdout).toBe('');
    }, standIn('sleep 4321 & sleep 4321'));
  });

  test('where /boot is full: before, and while it is written', async () => {
    await withSoundHost(async (host) => {
      await bootOn(host, 'mount -t tmpfs -o size=44M boot /boot');
      const old = ['5.10.0-1-amd64', '5.10.0-2-amd64'];
      await host.sh(`for k in ${old.join(' ')}; do touch /boot/vmlinuz-$k; echo x > /boot/initrd.img-$k; done`);
      const free = Number(await host.sh("stat -f -c '%a * %S' /boot | { read a; echo $(($a)); }"));
      await host.sh(`head -c ${free - 5_000_000} /dev/zero > /boot/filler`);
      const before = refusal(await host.rebuild({ when: 'always' })).error;
      expect(before).toMatchObject({ code: 'boot_full', hint: expect.stringContaining(`(here ${old.join(', ')})`) });
      expect(before.at).toMatchObject({ old_kernels: old });
      expect(before.at).toMatchObject({ free: expect.any(Number), needed: expect.any(Number), path: host.image });
      await expectOldIntact(host);
      await host.sh('rm /boot/filler');
      await host.layGenerator(standIn(`head -c ${free - 5_000_000} /dev/zero > /boot/filler`));
      const during = refusal(await host.rebuild({ when: 'always' })).error;
      expect(during).toMatchObject({ code: 'boot_full', message: expect.stringContaining('No space left') });
      expect(during.at).toMatchObject({ old_kernels: old });
      await host.sh('rm /boot/filler');
      await expectOldIntact(host);
    });
  });

  test('where /boot is read-only: before, and from the middle of the build on', async () => {
    await withSoundHost(async (host) => {
      await bootOn(host, 'mount -t tmpfs -o size=200M boot /boot');
      await host.sh('mount -o remount,ro /boot');
      expect(refusal(await host.rebuild({ when: 'always' })).error.code).toBe('boot_read_only');
      await expectOldIntact(host);
      await host.sh('mount -o remount,rw /boot');
      await host.layGenerator(standIn('mount -o remount,ro /boot'));
      expect(refusal(await host.rebuild({ when: 'always' })).error.code).toBe('boot_read_only');
      await expectOldIntact(host);
    });
  });

  test('where the disk fails to take it: nothing is renamed that is not on the disk', async () => {
    await withSoundHost(async (host) => {
      // A file system in a file, on another that has no room left: what is written goes no further than memory.
      await bootOn(
        host,
        'mkdir /srv/disk; mount -t tmpfs -o size=60M disk /srv/disk; truncate -s 400M /srv/disk/fs; mkfs.ext4 -q /srv/disk/fs; mount -o loop /srv/disk/fs /boot',
      );
      await host.sh('sync -f /boot; head -c 100M /dev/zero > /srv/disk/filler || true');
      const { error } = refusal(await host.rebuild({ when: 'always' }));
      expect(error).toMatchObject({ code: 'boot_full', message: expect.stringContaining('fsync') });
      await host.sh('rm /srv/disk/filler');
      await expectOldIntact(host);
    });
  });

  test('where /boot is in fstab and not mounted', async () => {
    await withSoundHost(async (host) => {
      await host.sh('echo "LABEL=boot /boot ext4 defaults 0 2" >> /etc/fstab');
      expect(refusal(await host.rebuild({ when: 'always' })).error).toMatchObject({
        code: 'boot_not_mounted',
        hint: 'mount /boot',
      });
      await expectOldIntact(host);
    });
  });

  test('where there is no generator', async () => {
    await withSoundHost(async (host) => {
      await host.sh('rm /usr/bin/dracut; rm -rf /usr/sbin/mkinitramfs /usr/sbin/update-initramfs');
      expect(refusal(await host.rebuild({ when: 'always' })).error.code).toBe('generator_absent');
      expect((await host.rebuilt()).changed).toBe(false);
    });
  });
});

const ZRAM = '/sys/class/zram-control/hot_add';
const noZram = existsSync(ZRAM) ? null : 'a disk that answers with EIO needs zram';

describeUnless(reason ?? noZram, 'a rebuild on a disk that answers with EIO', () => {
  test('fails where that is seen, at fsync, and renames nothing', async () => {
    await withSoundHost(async (host) => {
      const device = `zram${(await host.sh(`cat ${ZRAM}`)).trim()}`;
      const set = (attribute: string, value: string) => host.sh(`echo ${value} > /sys/block/${device}/${attribute}`);
      try {
        await set('disksize', '400M');
        await bootOn(host, `mkfs.ext4 -q /dev/${device} && mount /dev/${device} /boot`);
        // Compressed memory that may grow no more: the page cache takes what the device then refuses.
        const used = (await host.sh(`sync -f /boot; cat /sys/block/${device}/mm_stat`)).trim().split(/\s+/)[2];
        await set('mem_limit', String(Number(used) + (2 << 20)));
        const { error } = refusal(await host.rebuild({ when: 'always' }));
        expect(error).toMatchObject({
          code: 'command_failed',
          message: expect.stringMatching(/fsync|EIO/),
          hint: expect.stringContaining('kernel log'),
          at: { errno: 'EIO' },
        });
        await set('mem_limit', '0');
        await expectOldIntact(host);
      } finally {
        await host.sh(`umount /boot; echo ${device.slice(4)} > /sys/class/zram-control/hot_remove`);
      }
    });
  });
});
