import { describe, expect, test } from '@jest/globals';
import { concreteCure } from '../../../src/cli/render/concrete-cure.ts';
import { HERE, noteOn, type Place } from '../../../src/cli/render/place.ts';
import { explain } from '../../../src/ops/explain.ts';
import type { Finding, KernelReport } from '../../../src/protocol/messages.ts';

const K = '6.1.0-56-amd64';
const IMAGE = `/boot/initrd.img-${K}`;
const RESCUE: Place = { facts: 'mounted', root: '/mnt/sysimage' };

const found = (code: string, evidence: object = {}): Finding => ({
  code,
  severity: 'fatal',
  checkpoint: 'drivers',
  kernel: K,
  message: '',
  evidence: { ...evidence },
  repair: [],
});

function report(remake: Partial<NonNullable<KernelReport['remake']>> = {}): KernelReport {
  return {
    kernel: K,
    entry: 'debian',
    default: true,
    image: '/boot/late.img',
    images: [IMAGE, '/boot/late.img'],
    verdict: 'unhealthy',
    checkpoints: {
      loader: 'passed',
      unpack: 'passed',
      init: 'passed',
      drivers: 'failed',
      devices: 'passed',
      root: 'passed',
      'switch-root': 'passed',
      host: 'passed',
    },
    modules: 0,
    remake: { images: [IMAGE], generator: null, because: null, command: null, ...remake },
  };
}

interface Told {
  readonly commands: readonly string[];
  readonly prose: string;
}

function tell(findings: readonly [Finding, ...Finding[]], remake = {}, place = HERE): Told {
  const parts = concreteCure(explain(findings[0].code).cure, findings, report(remake), place);
  return {
    commands: parts.filter(({ isCommand }) => isCommand).map(({ text }) => text),
    prose: parts.map(({ text, isCommand }) => (isCommand ? '…' : text)).join(' '),
  };
}

describe('the commands of a cure', () => {
  test('write the image that a generator made, not the last that the entry names', () => {
    expect(tell([found('driver_missing', { driver: 'virtio_blk' })]).commands).toEqual([
      `dracut --force --add-drivers "virtio_blk" --kver ${K} ${IMAGE}`,
      `update-initramfs -u -k ${K}`,
    ]);
  });

  test('write each of them where there are two', () => {
    const { commands } = tell([found('image_stale')], { images: ['/boot/one', '/boot/two'] });
    expect(commands.filter((command) => command.startsWith('dracut'))).toEqual([
      `dracut --force --kver ${K} /boot/one`,
      `dracut --force --kver ${K} /boot/two`,
    ]);
  });

  test.each([
    ['packages_damaged', { package: 'kmod' }, 'bellwether reinstall kmod'],
    ['packages_damaged', { package: 'kmod' }, 'dnf reinstall kmod'],
    ['lv_unknown', { word: 'rd.lvm.vg=gone' }, 'grubby --update-kernel=ALL --remove-args=rd.lvm.vg=gone'],
    ['lv_unlisted', { volume: 'vg0/usr' }, 'grubby --update-kernel=ALL --args=rd.lvm.lv=vg0/usr'],
    ['boot_not_mounted', { mount_point: '/boot/efi', spec: 'LABEL=EFI' }, 'mount /boot/efi'],
    ['library_missing', { programs: ['/usr/sbin/lvm', '/x'] }, 'ldd /usr/sbin/lvm'],
    [
      'kernel_drift',
      { version: '4.18.0-348.el8' },
      'bellwether lock --kernel-version 4.18.0-348.el8 --install --make-default',
    ],
    [
      'lock_drifted',
      { version: '4.18.0-348.el8' },
      'bellwether lock --kernel-version 4.18.0-348.el8 --install --make-default',
    ],
  ])('of %s name what was found: %j', (code, evidence, command) => {
    expect(tell([found(code, evidence)]).commands).toContain(command);
  });

  test('of a lock that was left never lock what is installed instead', () => {
    for (const code of ['lock_drifted', 'kernel_drift'])
      for (const command of tell([found(code, { version: null })]).commands)
        expect(command).toMatch(/^bellwether lock --kernel-version VERSION|^dnf versionlock list|^apt-mark showhold/);
  });

  test('take several packages each for itself, several words one command each', () => {
    const damaged = tell([
      found('packages_damaged', { package: 'kmod' }),
      found('packages_damaged', { package: 'lvm2' }),
    ]);
    expect(damaged.commands).toContain('dnf reinstall kmod lvm2');
    const unlisted = tell([found('lv_unlisted', { volume: 'vg/a' }), found('lv_unlisted', { volume: 'vg/b' })]);
    expect(unlisted.commands).toEqual(
      ['vg/a', 'vg/b'].map((volume) => `grubby --update-kernel=ALL --args=rd.lvm.lv=${volume}`),
    );
  });

  test.each([
    ['a$&b$`.img', `'/boot/a$&b$\`.img'`],
    ['a b.img', `'/boot/a b.img'`],
    [`it's;reboot`, `'/boot/it'\\''s;reboot'`],
    ['a\u001b[2J\n’K.img', String.raw`$'/boot/a\x1b[2J\x0a\xe2\x80\x99K.img'`],
  ])('are quoted for a shell: %j', (name, quoted) => {
    const { commands } = tell([found('image_stale')], { images: [`/boot/${name}`] });
    expect(commands[0]).toBe(`dracut --force --kver ${K} ${quoted}`);
  });
});

describe('where no generator may be run', () => {
  const because = `${K} boots a unified kernel image: its initramfs is part of a signed file`;
  const uki = { images: [], because, command: ['kernel-install', 'add', K, `/boot/vmlinuz-${K}`] };

  test('no command writes an image: what the kernel is made with does', () => {
    const { commands, prose } = tell([found('driver_missing', { driver: 'virtio_blk' })], uki);
    expect(commands).toEqual(['add_drivers+=" virtio_blk "', `kernel-install add ${K} /boot/vmlinuz-${K}`]);
    expect(prose).toContain(because);
    expect(prose).not.toContain('initramfs-tools');
  });

  test('what else the cure says stays', () => {
    expect(tell([found('lvm_missing')], uki)).toEqual({
      commands: ['add_dracutmodules+=" lvm "', `kernel-install add ${K} /boot/vmlinuz-${K}`],
      prose: expect.stringMatching(/^Install lvm2\. /),
    });
    expect(tell([found('module_dependency_missing')], uki).commands[0]).toBe(`depmod -a ${K}`);
    expect(tell([found('fstab_unknown')], uki).prose).not.toContain('generator');
  });

  test('nothing of any cure writes an image', () => {
    for (const code of ['image_corrupt', 'image_empty', 'kmod_missing', 'iscsi_missing', 'compression_unsupported'])
      for (const command of tell([found(code)], uki).commands) expect(command).not.toMatch(/^dracut|^update-initramfs/);
  });

  test('nor for a missing file that no generator made', () => {
    const late = found('image_missing', { path: '/boot/late.img' });
    expect(tell([late])).toEqual({ commands: [], prose: expect.stringContaining('put it back') });
    expect(tell([found('image_missing', { path: IMAGE })]).commands[0]).toBe(`dracut --force --kver ${K} ${IMAGE}`);
  });
});

describe('for a host that has initramfs-tools', () => {
  const debian = { generator: 'initramfs-tools' };
  const UPDATE = `update-initramfs -u -k ${K}`;

  test.each(['kmod_missing', 'library_missing', 'crypt_missing', 'multipath_missing'])(
    'its command makes the image anew where the rule names that of dracut alone (%s)',
    (code) => {
      expect(tell([found(code)], debian).commands).toContain(UPDATE);
      expect(tell([found(code)], debian).commands.join('\n')).not.toContain('dracut');
    },
  );

  test('and dracut’s is not named beside it', () => {
    expect(tell([found('lvm_missing')], debian).commands).toEqual([UPDATE]);
    expect(tell([found('lvm_missing')], { generator: 'dracut' }).commands).not.toContain(UPDATE);
    expect(tell([found('lvm_missing')]).commands).toHaveLength(2);
    for (const generator of ['dracut', 'initramfs-tools'])
      expect(tell([found('lvm_missing')], { generator }).prose.trim()).toBe('Install lvm2, then  … .');
  });

  test('of what is told of each in words of its own, one is left', () => {
    const driver = [found('driver_missing', { driver: 'nvme' })] as const;
    expect(tell(driver, debian)).toEqual({
      commands: [UPDATE],
      prose: 'for initramfs-tools a line in /etc/initramfs-tools/modules and  … .',
    });
    expect(tell(driver, { generator: 'dracut' })).toEqual({
      commands: [`dracut --force --add-drivers "nvme" --kver ${K} ${IMAGE}`],
      prose: expect.not.stringContaining('initramfs-tools'),
    });
    expect(tell([found('luks_key_missing')], debian).prose).toMatch(/^for initramfs-tools KEYFILE_PATTERN=/);
  });

  test('what dracut alone can be told stays', () => {
    expect(tell([found('lz4_modern_frame')], debian).commands.join('\n')).toContain('dracut --force --lz4');
  });
});

describe('for a host below another root', () => {
  test.each([
    [
      'driver_missing',
      { driver: 'nvme' },
      `chroot /mnt/sysimage dracut --force --add-drivers "nvme" --kver ${K} ${IMAGE}`,
    ],
    ['library_missing', {}, `chroot /mnt/sysimage env TMPDIR=/var/tmp dracut --force --kver ${K} ${IMAGE}`],
    ['boot_not_mounted', { mount_point: '/boot', spec: 'UUID=1-2' }, 'mount UUID=1-2 /mnt/sysimage/boot'],
    ['packages_damaged', { package: 'kmod' }, 'bellwether reinstall kmod --root /mnt/sysimage'],
    ['luks_key_missing', {}, `chroot /mnt/sysimage dracut --force --kver ${K} ${IMAGE}`],
    [
      'root_mount_point_missing',
      {},
      'chroot /mnt/sysimage mkdir -m 0555 /proc /sys; chroot /mnt/sysimage mkdir -m 0755 /dev /run',
    ],
  ])('the commands of %s act on it', (code, evidence, command) => {
    expect(tell([found(code, evidence)], {}, RESCUE).commands).toContain(command);
  });

  test('what they need is said, quoted, too', () => {
    const commands = (place: Place) =>
      noteOn(place)
        .filter(({ isCommand }) => isCommand)
        .map(({ text }) => text);
    expect(commands(RESCUE)).toEqual([
      'for d in dev proc sys run; do mount --bind /$d /mnt/sysimage/$d; done',
      'bellwether repair --root /mnt/sysimage',
    ]);
    expect(commands({ facts: 'offline', root: '/mnt/a b' })[0]).toContain(`'/mnt/a b/'$d;`);
    expect(noteOn(HERE)).toEqual([]);
    expect(commands({ facts: 'captured', root: '/tmp/sheep' })).toEqual([]);
  });
});
