import { readFile, rm, utimes } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { withoutSignature } from '../boot/loaders/images.mjs';
import { whyNot } from '../setup/cache.mjs';
import { imagePath } from '../setup/images.mjs';
import { kernels } from '../setup/kernels.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { SOUND_OPTIONS, withLabRoot, type LabRoot } from '../support/lab-root.ts';
import { expectDamaged, expectHealthy, findingOf } from '../support/verdicts.ts';
import { describeUnless } from '../support/where.ts';
import { secureBoot, signatureList } from '../unit/host/efi.ts';

const needed = whyNot('images') ?? whyNoOverlay();

/** What the loader hands to the kernel is changed; all else is sound. */
const loading = (name: string, judge: (root: LabRoot) => Promise<void>): void => {
  test(name, () => withLabRoot(judge));
};

describeUnless(needed, 'what boots next', () => {
  loading('needs the image that its entry names', async (root) => {
    await rm(root.at(root.image));
    expectDamaged(await root.judge(), 'image_missing');
  });

  loading('needs an entry that names an image, where / is on a logical volume', async (root) => {
    await root.putEntry({ initrd: null });
    expectDamaged(await root.judge(), 'entry_without_image');
  });

  loading('needs the kernel that its entry names', async (root) => {
    await rm(root.at(`/boot/vmlinuz-${root.kernel}`));
    expectDamaged(await root.judge(), 'entry_file_missing');
  });

  loading('is not what was chosen where the chosen entry is gone', async (root) => {
    await root.put('/boot/grub2/grubenv', '# GRUB Environment Block\nsaved_entry=gone\n'.padEnd(1024, '#'));
    findingOf(await root.judge(), 'default_entry_stale');
  });

  loading('is chosen by whatever name the loader takes: a number will do', async (root) => {
    await root.put('/boot/grub2/grubenv', '# GRUB Environment Block\nsaved_entry=0\n'.padEnd(1024, '#'));
    expectHealthy(await root.judge());
  });

  loading('may stand beside the left-over entry of a kernel that is gone', async (root) => {
    const entry = 'title Linux (5.10.0-1-amd64)\nversion 5.10.0-1-amd64\nlinux /vmlinuz-5.10.0-1-amd64\n';
    await root.put(
      '/boot/loader/entries/old.conf',
      `${entry}initrd /initramfs-5.10.0-1-amd64.img\noptions root=/dev/sda1\n`,
    );
    expect((await root.judge()).verdict).toBe('healthy');
  });
});

describeUnless(needed, 'a kernel of another version', () => {
  loading('under this one’s name has no modules to load', async (root) => {
    const { version, dir } = kernels().cloud;
    await root.put(`/boot/vmlinuz-${root.kernel}`, await readFile(`${dir}/boot/vmlinuz-${version}`));
    expectDamaged(await root.judge(), 'version_mismatch');
  });

  test('than the image’s modules has none to load', async () => {
    await withLabRoot(async (root) => {
      await root.putImage(imagePath('small'));
      expectDamaged(await root.judge(), 'version_mismatch');
    }, 'cloud');
  });
});

describeUnless(needed, 'a kernel whose signature was taken off', () => {
  const KEYS = { db: signatureList('certificate'), mok: signatureList('certificate') };
  const started = (name: string, told: Parameters<typeof secureBoot>[0], judge: (root: LabRoot) => Promise<void>) => {
    loading(name, async (root) => {
      const path = `/boot/vmlinuz-${root.kernel}`;
      await root.put(path, withoutSignature(await readFile(root.at(path))));
      for (const [variable, value] of Object.entries(secureBoot(told)))
        if (Buffer.isBuffer(value)) await root.put(variable, value);
      await judge(root);
    });
  };

  started('does not start under Secure Boot', KEYS, async (root) => {
    expectDamaged(await root.judge(), 'kernel_unsigned');
  });

  started('starts where Secure Boot is off', { ...KEYS, on: 0 }, async (root) => {
    expectHealthy(await root.judge());
  });

  started('may start where hashes are enrolled', { ...KEYS, mok: signatureList('hash') }, async (root) => {
    expectHealthy(await root.judge());
  });
});

describeUnless(needed, 'the command line', () => {
  const booting = (name: string, options: string, judge: (root: LabRoot) => Promise<void>): void => {
    loading(name, async (root) => {
      await root.putEntry({ options });
      await judge(root);
    });
  };

  booting(
    'that names a root which nothing has waits for ever',
    'root=UUID=00000000-0000-0000-0000-000000000000 ro',
    async (root) => {
      expectDamaged(await root.judge(), 'root_unknown');
    },
  );

  booting(
    'that names a logical volume which is gone waits for it',
    'root=/dev/mapper/vg0-root ro rd.lvm.lv=vg0/root rd.lvm.lv=vg0/gone',
    async (root) => {
      const { evidence } = findingOf(await root.judge(), 'lv_unknown');
      expect(JSON.stringify(evidence)).toContain('vg0/gone');
    },
  );

  booting(
    'that lists another volume than the one of / activates the wrong one',
    'root=/dev/mapper/vg0-root ro rd.lvm.lv=vg0/swap',
    async (root) => {
      findingOf(await root.judge(), 'lv_unlisted');
    },
  );

  test.each([
    ['/dev/vg0/root', 'root=/dev/vg0/root ro rd.lvm.lv=vg0/root'],
    ['its UUID', 'root=UUID=43d7fea7-b081-42bf-88ca-edd75af97452 ro rd.lvm.lv=vg0/root'],
    ['its UUID in quotes', 'root="UUID=43d7fea7-b081-42bf-88ca-edd75af97452" ro rd.lvm.lv=vg0/root'],
    ['the last of two', `root=/dev/gone ${SOUND_OPTIONS}`],
    ['and its whole group', 'root=/dev/mapper/vg0-root ro rd.lvm.vg=vg0'],
  ])('may name the root by %s', async (_, options) => {
    await withLabRoot(async (root) => {
      await root.putEntry({ options });
      expectHealthy(await root.judge());
    });
  });
});

describeUnless(needed, 'the configuration of the host', () => {
  loading('for dracut that is newer than the image is not in it yet', async (root) => {
    const yesterday = Date.now() / 1000 - 86_400;
    await utimes(root.at(root.image), yesterday, yesterday);
    await root.put('/etc/dracut.conf.d/site.conf', 'add_drivers+=" nvme "\n');
    const answer = await root.judge();
    expect(answer.verdict).toBe('healthy');
    expect(findingOf(answer, 'image_stale').severity).toBe('warning');
  });

  loading('that no image holds may be newer', async (root) => {
    const yesterday = Date.now() / 1000 - 86_400;
    await utimes(root.at(root.image), yesterday, yesterday);
    await root.put('/etc/hosts', '127.0.0.1 localhost\n');
    expectHealthy(await root.judge());
  });

  loading('that wants /boot mounted is not met where it is not', async (root) => {
    const mounts = await readFile(root.at('/proc/self/mountinfo'), 'utf8');
    await root.put('/proc/self/mountinfo', mounts.replace(/^.* \/boot .*\n/m, ''));
    findingOf(await root.judge(), 'boot_not_mounted');
  });
});

describeUnless(needed, 'an accepted code', () => {
  loading('stays in the answer, marked, and does not count', async (root) => {
    await root.putEntry({ options: 'root=/dev/mapper/vg0-root ro rd.lvm.lv=vg0/root rd.lvm.lv=vg0/gone' });
    const answer = await root.judge({ ignore: ['lv_unknown'] });
    expect(answer.verdict).toBe('healthy');
    expect(findingOf(answer, 'lv_unknown').ignored).toBe(true);
  });
});
