import { describe, expect, test } from '@jest/globals';
import { readHost } from '../../../src/host/read-host.ts';
import type { LoaderFacts } from '../../../src/host/types.ts';
import { bzImage, fixture, grubenv, makeRoot, mountinfo, type Layout } from './roots.ts';

const BOOT = '9a3c55c4-1d3f-44c5-8d0e-3d9b8d9c1c11';
const SEPARATE: Layout = { '/etc/fstab': `UUID=0f2a / xfs defaults 0 0\nUUID=${BOOT} /boot xfs defaults 0 0\n` };
const TOGETHER: Layout = { '/etc/fstab': 'UUID=0f2a / ext4 defaults 0 0\n' };

async function loaderOf(...layouts: Layout[]): Promise<LoaderFacts> {
  return (await readHost(makeRoot(...layouts))).loader;
}

const booted = ({ entries, defaultEntry }: LoaderFacts) => (defaultEntry === null ? null : entries[defaultEntry]);

/** In the form of update-grub's (grub-common 2.06), run on Debian 12 with two kernels, `/boot` on the root file system. */
const debian = (environment: Readonly<Record<string, string>> = {}): Layout => ({
  ...TOGETHER,
  '/boot/grub/grub.cfg': fixture('debian-one-file-system.cfg'),
  '/boot/grub/grubenv': grubenv(environment),
  '/boot/vmlinuz-6.1.0-56-amd64': bzImage('6.1.0-56-amd64'),
  '/boot/initrd.img-6.1.0-56-amd64': 'image',
});

describe("update-grub's menu", () => {
  test('has its entries in order, those of the submenu under its title', async () => {
    const loader = await loaderOf(debian());
    expect(loader.name).toBe('grub');
    expect(loader.entries.map(({ id, kernel }) => [id, kernel])).toEqual([
      ['Debian GNU/Linux', '6.1.0-56-amd64'],
      ['Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.1.0-56-amd64', '6.1.0-56-amd64'],
      [
        'Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.1.0-56-amd64 (recovery mode)',
        '6.1.0-56-amd64',
      ],
      ['Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.1.0-49-amd64', '6.1.0-49-amd64'],
      [
        'Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.1.0-49-amd64 (recovery mode)',
        '6.1.0-49-amd64',
      ],
    ]);
  });

  test('boots its first entry where nothing else is chosen', async () => {
    const loader = await loaderOf(debian());
    expect(loader.defaultEvidence).toBe('/boot/grub/grub.cfg sets default="0"');
    expect(booted(loader)).toEqual({
      id: 'Debian GNU/Linux',
      title: 'Debian GNU/Linux',
      type: 'grub',
      source: '/boot/grub/grub.cfg:92',
      kernel: '6.1.0-56-amd64',
      linux: { raw: '/boot/vmlinuz-6.1.0-56-amd64', path: '/boot/vmlinuz-6.1.0-56-amd64', exists: true },
      initrds: [{ raw: '/boot/initrd.img-6.1.0-56-amd64', path: '/boot/initrd.img-6.1.0-56-amd64', exists: true }],
      cmdline: 'root=/dev/vda ro quiet',
      machineId: null,
      architecture: null,
      rescue: false,
      unresolved: [],
    });
  });

  test('tells that a kernel which was removed is not there', async () => {
    const { entries } = await loaderOf(debian());
    expect(entries[3]?.linux?.exists).toBe(false);
    expect(entries[3]?.initrds[0]?.exists).toBe(false);
  });

  test.each([
    ['gnulinux-advanced-/dev/vda>gnulinux-6.1.0-49-amd64-advanced-/dev/vda', 3],
    ['Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.1.0-49-amd64', 3],
    ['1>2', 3],
    ['1', 1],
    ['Debian GNU/Linux', 0],
    ['gnulinux-simple-/dev/vda', 0],
  ])('boots %s once where grub-reboot said so', async (next_entry, index) => {
    const loader = await loaderOf(debian({ saved_entry: '0', next_entry }));
    expect(loader.defaultEntry).toBe(index);
    expect(loader.defaultEvidence).toBe(`grubenv next_entry=${next_entry}`);
  });

  test('falls back to its first entry where the saved one is gone, and says so', async () => {
    const root = { ...debian({ saved_entry: 'gnulinux-5.10.0-1-amd64' }) };
    const saved = { '/boot/grub/grub.cfg': fixture('debian-saved-separate-boot.cfg') };
    const loader = await loaderOf({ ...root, ...saved });
    expect(loader.defaultDangling).toBe('gnulinux-5.10.0-1-amd64');
    expect(loader.defaultEntry).toBe(0);
    expect(loader.defaultEvidence).toContain('GRUB falls back to "Debian GNU/Linux"');
  });

  test('boots its first entry where nothing was ever saved', async () => {
    const saved = { '/boot/grub/grub.cfg': fixture('debian-saved-separate-boot.cfg') };
    const loader = await loaderOf({ ...debian(), ...saved });
    expect([loader.defaultEntry, loader.defaultDangling]).toEqual([0, null]);
  });
});

describe('a path on the file system that GRUB reads', () => {
  const kernel = { '/boot/vmlinuz-6.1.0-56-amd64': 'k' };
  const config = { '/boot/grub/grub.cfg': fixture('debian-saved-separate-boot.cfg') };

  test('is below /boot where that is a file system of its own', async () => {
    const loader = await loaderOf(SEPARATE, kernel, config);
    expect(booted(loader)?.linux).toEqual({
      raw: '/vmlinuz-6.1.0-56-amd64',
      path: '/boot/vmlinuz-6.1.0-56-amd64',
      exists: true,
    });
  });

  test('is not there where it was meant for a /boot of its own, and there is none', async () => {
    const loader = await loaderOf(TOGETHER, kernel, config);
    expect(booted(loader)?.linux).toMatchObject({ path: '/vmlinuz-6.1.0-56-amd64', exists: false });
  });

  test('is looked for in both places where nothing tells how the host is mounted', async () => {
    const loader = await loaderOf(kernel, config);
    expect(booted(loader)?.linux).toMatchObject({ path: '/boot/vmlinuz-6.1.0-56-amd64', exists: true });
  });

  test('cannot be looked at where /boot is not mounted: what lies below is not what GRUB reads', async () => {
    const running = { ...mountinfo(['8:2', '/', 'ext4', '/dev/sda2']), '/sys/class/block': null };
    const loader = await loaderOf(SEPARATE, kernel, config, running);
    expect(booted(loader)?.linux).toMatchObject({ path: '/boot/vmlinuz-6.1.0-56-amd64', exists: null });
  });

  test.each([
    ['/root/boot/vmlinuz-6.9.0', 'subvol=root'],
    ['/@/boot/vmlinuz-6.9.0', 'subvol=@'],
    ['/boot/vmlinuz-6.9.0', 'subvol=@/.snapshots/1/snapshot'],
    ['(hd0,gpt2)/boot/vmlinuz-6.9.0', 'defaults'],
    ['($root)/boot/vmlinuz-6.9.0', 'defaults'],
  ])('%s is /boot/vmlinuz-6.9.0 (%s)', async (path, options) => {
    const loader = await loaderOf({
      '/etc/fstab': `UUID=1 / btrfs ${options} 0 0\n`,
      '/boot/vmlinuz-6.9.0': 'k',
      '/boot/grub2/grub.cfg': `set root=hd0\nmenuentry 'x' {\n linux ${path} root=UUID=1\n}\n`,
    });
    expect(booted(loader)?.linux).toMatchObject({ path: '/boot/vmlinuz-6.9.0', exists: true });
    expect(booted(loader)?.kernel).toBe('6.9.0');
  });

  const searching = (uuid: string, path: string): Layout => ({
    '/boot/vmlinuz-6.9.0': 'k',
    '/boot/grub2/grub.cfg': `menuentry 'x' {\n search --no-floppy --fs-uuid --set=root ${uuid}\n linux ${path} root=UUID=1\n}\n`,
  });

  test('is not seen where it lies on the root, below the mount point of /boot', async () => {
    const loader = await loaderOf(SEPARATE, searching('0f2a', '/boot/vmlinuz-6.9.0'));
    expect(booted(loader)?.linux).toEqual({ raw: '/boot/vmlinuz-6.9.0', path: null, exists: null });
  });

  test('is seen there where /boot is not mounted', async () => {
    const running = { ...mountinfo(['8:2', '/', 'xfs', '/dev/sda2']), '/sys/class/block': null };
    const loader = await loaderOf(SEPARATE, searching('0f2a', '/boot/vmlinuz-6.9.0'), running);
    expect(booted(loader)?.linux).toMatchObject({ path: '/boot/vmlinuz-6.9.0', exists: true });
  });

  test.each([
    ['/@boot/vmlinuz-6.9.0', '/boot/vmlinuz-6.9.0', true],
    ['/@/opt/vmlinuz-6.9.0', '/opt/vmlinuz-6.9.0', false],
  ])('%s is %s where /boot is a subvolume beside that of /', async (written, path, exists) => {
    const fstab = 'UUID=1 / btrfs subvol=@ 0 0\nUUID=1 /boot btrfs subvol=@boot 0 0\n';
    const loader = await loaderOf({ '/etc/fstab': fstab }, searching('1', written));
    expect(booted(loader)?.linux).toMatchObject({ path, exists });
  });
});

describe('the menu of EL 7', () => {
  const el7 = (environment: Readonly<Record<string, string>>): Layout => ({
    ...SEPARATE,
    '/boot/grub2/grub.cfg': fixture('el7.cfg'),
    '/boot/grub2/grubenv': grubenv(environment),
    '/boot/vmlinuz-3.10.0-1062.4.1.el7.x86_64': 'k',
  });

  test('boots the entry that grubby saved by its title', async () => {
    const loader = await loaderOf(el7({ saved_entry: 'CentOS Linux (3.10.0-1062.el7.x86_64) 7 (Core)' }));
    expect(booted(loader)?.kernel).toBe('3.10.0-1062.el7.x86_64');
  });

  test('loads with linux16 and initrd16, from /boot', async () => {
    const loader = await loaderOf(el7({ saved_entry: '0' }));
    expect(booted(loader)).toMatchObject({
      kernel: '3.10.0-1062.4.1.el7.x86_64',
      linux: { path: '/boot/vmlinuz-3.10.0-1062.4.1.el7.x86_64', exists: true },
      initrds: [{ path: '/boot/initramfs-3.10.0-1062.4.1.el7.x86_64.img', exists: false }],
      cmdline:
        'root=/dev/mapper/centos-root ro crashkernel=auto rd.lvm.lv=centos/root rd.lvm.lv=centos/swap rhgb quiet LANG=en_US.UTF-8',
    });
  });

  test('has a rescue entry, of no kernel that its name would tell', async () => {
    const { entries } = await loaderOf(el7({}));
    expect(entries.map(({ rescue, kernel }) => [rescue, kernel])).toEqual([
      [false, '3.10.0-1062.4.1.el7.x86_64'],
      [false, '3.10.0-1062.el7.x86_64'],
      [true, null],
      [false, '3.10.0-1062.el7.x86_64'],
    ]);
  });

  test("knows nothing of the files of another system's entry", async () => {
    const { entries } = await loaderOf(el7({}));
    expect(entries[3]?.linux).toEqual({ raw: '/boot/vmlinuz-3.10.0-1062.el7.x86_64', path: null, exists: null });
  });
});

describe('entries of the Boot Loader Specification in GRUB', () => {
  const ID = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
  const entry = (version: string, more = ''): string =>
    `title CentOS Stream (${version}) 8\nversion ${version}\nlinux /vmlinuz-${version}\ninitrd /initramfs-${version}.img $tuned_initrd\noptions $kernelopts $tuned_params\nid centos-x\ngrub_users $grub_users\n${more}`;
  const stream8 = (environment: Readonly<Record<string, string>>): Layout => ({
    ...SEPARATE,
    '/boot/grub2/grub.cfg': fixture('el8.cfg'),
    '/boot/grub2/grubenv': grubenv(environment),
    [`/boot/loader/entries/${ID}-4.18.0-348.el8.x86_64.conf`]: entry('4.18.0-348.el8.x86_64'),
    [`/boot/loader/entries/${ID}-4.18.0-373.el8.x86_64.conf`]: entry('4.18.0-373.el8.x86_64'),
    [`/boot/loader/entries/${ID}-0-rescue.conf`]: `title CentOS Stream (0-rescue-${ID}) 8\nversion 0-rescue-${ID}\nlinux /vmlinuz-0-rescue-${ID}\ninitrd /initramfs-0-rescue-${ID}.img\noptions $kernelopts\n`,
    '/boot/vmlinuz-4.18.0-348.el8.x86_64': 'k',
    [`/boot/vmlinuz-0-rescue-${ID}`]: bzImage('4.18.0-348.el8.x86_64'),
  });

  test('come newest first, the rescue entry last, then what grub.cfg adds', async () => {
    const { entries, evidence } = await loaderOf(stream8({}));
    expect(evidence).toBe('/boot/grub2/grub.cfg with blscfg, entries in /boot/loader/entries');
    expect(entries.map(({ id, kernel, rescue }) => [id, kernel, rescue])).toEqual([
      [`${ID}-4.18.0-373.el8.x86_64`, '4.18.0-373.el8.x86_64', false],
      [`${ID}-4.18.0-348.el8.x86_64`, '4.18.0-348.el8.x86_64', false],
      [`${ID}-0-rescue`, '4.18.0-348.el8.x86_64', true],
      ['System setup', null, false],
    ]);
  });

  test('get their variables from the environment block, and from grub.cfg where that has none', async () => {
    const kernelopts = 'root=/dev/mapper/cs-root ro rd.lvm.lv=cs/root';
    const known = booted(await loaderOf(stream8({ kernelopts })));
    expect(known?.cmdline).toBe(`${kernelopts} skew_tick=1`);
    expect(known?.unresolved).toEqual([]);
    expect(booted(await loaderOf(stream8({})))?.cmdline).toBe('root=/dev/mapper/cs-root ro  skew_tick=1');
  });

  test('say which variables have no value', async () => {
    const without = { '/boot/grub2/grub.cfg': 'load_env\nset default="${saved_entry}"\nblscfg\n' };
    const loader = await loaderOf({ ...stream8({}), ...without });
    expect(booted(loader)).toMatchObject({ cmdline: '', unresolved: ['kernelopts'] });
  });

  test('boot what grubenv names, by the name of its file', async () => {
    const loader = await loaderOf(stream8({ saved_entry: `${ID}-4.18.0-348.el8.x86_64` }));
    expect(booted(loader)).toMatchObject({
      kernel: '4.18.0-348.el8.x86_64',
      machineId: ID,
      linux: { path: '/boot/vmlinuz-4.18.0-348.el8.x86_64', exists: true },
      initrds: [{ path: '/boot/initramfs-4.18.0-348.el8.x86_64.img', exists: false }],
    });
    expect(loader.defaultEvidence).toBe(`grubenv saved_entry=${ID}-4.18.0-348.el8.x86_64`);
  });

  test('load early images from beside their own first', async () => {
    const loader = await loaderOf(stream8({ early_initrd: 'ucode.img' }));
    expect(booted(loader)?.initrds.map(({ path }) => path)).toEqual([
      '/boot/ucode.img',
      '/boot/initramfs-4.18.0-373.el8.x86_64.img',
    ]);
  });

  test('keep several images in loading order, on one line or on several', async () => {
    const id = `/boot/loader/entries/${ID}-5.1.0-1.conf`;
    const loader = await loaderOf({ ...stream8({}), [id]: 'linux /vmlinuz-5.1.0-1\ninitrd /a /b\ninitrd /c\n' });
    expect(booted(loader)?.initrds.map(({ path }) => path)).toEqual(['/boot/a', '/boot/b', '/boot/c']);
  });

  test('of another machine come first where its id sorts higher', async () => {
    const foreign = `/boot/loader/entries/ffffffffffffffffffffffffffffffff-4.18.0-1.el8.x86_64.conf`;
    const loader = await loaderOf({ ...stream8({}), [foreign]: entry('4.18.0-1.el8.x86_64') });
    expect(booted(loader)?.machineId).toBe('ffffffffffffffffffffffffffffffff');
  });

  test('are there without a grub.cfg too, where GRUB has an environment block', async () => {
    const all = Object.entries(stream8({ saved_entry: `${ID}-4.18.0-348.el8.x86_64` }));
    const loader = await loaderOf(Object.fromEntries(all.filter(([path]) => !path.endsWith('.cfg'))));
    expect(loader.name).toBe('grub');
    expect(loader.lacks).toEqual(['/boot/grub2/grub.cfg']);
    expect(booted(loader)?.kernel).toBe('4.18.0-348.el8.x86_64');
  });
});

describe('a GRUB whose grub.cfg is gone', () => {
  const bios: Layout = { ...mountinfo(['8:2', '/', 'ext4', '/dev/sda2']), '/sys/firmware/acpi/x': '' };
  const grub: Layout = { '/boot/grub/i386-pc/normal.mod': 'm' };
  const entries: Layout = { '/boot/loader/entries/a-6.1.0.conf': 'linux /vmlinuz-6.1.0\noptions root=UUID=1\n' };
  const look = async (...layouts: Layout[]) => {
    const { loader, unread } = await readHost(makeRoot(TOGETHER, ...layouts));
    const { name, lacks, defaultEvidence } = loader;
    return { name, lacks, defaultEvidence, unread: unread.filter(({ part }) => part === 'loader') };
  };

  test('shows no menu, and where it would be is told', async () => {
    expect(await look(bios, grub)).toEqual({
      name: 'grub',
      lacks: ['/boot/grub/grub.cfg'],
      defaultEvidence: 'there is no /boot/grub/grub.cfg',
      unread: [],
    });
  });

  test.each<[string, Layout]>([
    ['a link that leads nowhere', { '/boot/grub/grub.cfg': { link: 'gone' } }],
    ['a folder', { '/boot/grub/grub.cfg': null }],
    ['a link to a folder', { '/boot/grub/grub.cfg': { link: '/sys/firmware/acpi' } }],
  ])('shows none where %s stands in its place', async (_, config) => {
    expect((await look(bios, grub, entries, config)).lacks).toEqual(['/boot/grub/grub.cfg']);
  });

  test('may have it on the EFI partition, or on a /boot that is not mounted', async () => {
    const unread = [
      {
        part: 'loader',
        what: 'grub.cfg',
        reason: '/boot/grub/grub.cfg is no file, and whether GRUB looks elsewhere is not known',
      },
    ];
    expect(await look(bios, grub, { '/sys/firmware/efi/fw_platform_size': '64' })).toMatchObject({ unread });
    expect(await look(bios, grub, SEPARATE)).toMatchObject({ unread });
    expect(await look(grub, entries)).toMatchObject({ unread });
  });

  const stub = (uuid: string): Layout => ({
    '/boot/efi/EFI/vendor/grub.cfg': `search.fs_uuid ${uuid} root\nset prefix=($root)'/grub2'\nconfigfile $prefix/grub.cfg\n`,
  });

  test('is so too where the one on the EFI partition only leads to it', async () => {
    expect(await look(bios, grub, stub(BOOT))).toMatchObject({ lacks: ['/boot/grub/grub.cfg'], unread: [] });
    const efi = { ...SEPARATE, ...mountinfo(['8:2', '/boot', 'xfs', '/dev/sda2']), '/sys/firmware/efi/x': '' };
    expect(await look(efi, grub, stub(BOOT))).toMatchObject({ lacks: ['/boot/grub/grub.cfg'], unread: [] });
    const elsewhere = await look(efi, grub, stub('0bad0bad-0000-4000-8000-0bad0bad0bad'));
    expect(elsewhere).toMatchObject({ lacks: ['/boot/grub/grub.cfg'], unread: [{ what: 'grub.cfg' }] });
  });

  test('is not in force where another loader is there', async () => {
    const other = { '/boot/extlinux/extlinux.conf': 'default x\n' };
    expect(await look(bios, grub, other)).toMatchObject({ name: 'extlinux', lacks: [] });
    const settings = { '/etc/default/grub': 'GRUB_DEFAULT=0\n' };
    const systemdBoot = { '/boot/efi/EFI/systemd/systemd-bootx64.efi': 'MZ' };
    expect(await look(entries, settings, systemdBoot)).toMatchObject({ name: 'systemd-boot', lacks: [] });
  });
});

describe('a grub.cfg', () => {
  const config = (text: string | Buffer): Promise<LoaderFacts> =>
    loaderOf({ ...TOGETHER, '/boot/grub/grub.cfg': text });

  test('of random bytes yields no entry, and does not fail', async () => {
    const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 7919 + (index >> 3)) % 256));
    expect((await config(bytes)).defaultEntry).toBeNull();
  });

  test.each(['{'.repeat(5000), 'if '.repeat(5000), 'submenu x {\n'.repeat(3000), "menuentry 'x", 'menuentry "${'])(
    'that never closes what it opens ends (%#)',
    async (text) => {
      expect((await config(text)).name).toBe('grub');
    },
  );

  test('that sources itself ends', async () => {
    const loader = await config("source $prefix/grub.cfg\nmenuentry 'x' { linux /boot/vmlinuz-6.1.0 ; }\n");
    expect(loader.entries.length).toBeGreaterThan(0);
  });

  test.each([
    [
      'Fedora',
      `search --no-floppy --root-dev-only --fs-uuid --set=dev ${BOOT}\nset prefix=($dev)/grub2\nexport $prefix\nconfigfile $prefix/grub.cfg\n`,
    ],
    ['Debian', `search.fs_uuid ${BOOT} root hd0,gpt2\nset prefix=($root)'/grub2'\nconfigfile $prefix/grub.cfg\n`],
  ])('on the EFI partition may only lead to the real one: %s', async (_, stub) => {
    const loader = await loaderOf(SEPARATE, {
      '/boot/efi/EFI/vendor/grub.cfg': stub,
      '/boot/grub2/grub.cfg': fixture('el7.cfg'),
      '/boot/grub2/grubenv': grubenv({ saved_entry: 'CentOS Linux (3.10.0-1062.el7.x86_64) 7 (Core)' }),
      '/boot/vmlinuz-3.10.0-1062.el7.x86_64': 'k',
      '/sys/firmware/efi/fw_platform_size': '64',
      ...mountinfo(['8:2', '/boot', 'xfs', '/dev/sda2']),
    });
    expect(loader.evidence).toBe('/boot/efi/EFI/vendor/grub.cfg');
    expect(loader.stub).toEqual({ path: '/boot/efi/EFI/vendor/grub.cfg', uuid: BOOT });
    expect(booted(loader)).toMatchObject({
      kernel: '3.10.0-1062.el7.x86_64',
      source: '/boot/grub2/grub.cfg:45',
      linux: { path: '/boot/vmlinuz-3.10.0-1062.el7.x86_64', exists: true },
    });
  });

  test('falls back where a file of its default is not there, and it says to what', async () => {
    const menu = (fallback: string) =>
      `${fallback}set default=0\nmenuentry one { linux /boot/vmlinuz-6.2.0 }\nmenuentry two { linux /boot/vmlinuz-6.1.0 }\n`;
    const there = { '/boot/vmlinuz-6.1.0': 'k' };
    const loader = await loaderOf(TOGETHER, { '/boot/grub/grub.cfg': menu('set fallback=1\n'), ...there });
    expect(booted(loader)?.title).toBe('two');
    expect(loader).toMatchObject({
      defaultDangling: 'one',
      defaultEvidence:
        '/boot/grub/grub.cfg sets default="0", of which a file is not there: GRUB falls back to "two" (fallback=1)',
    });
    const without = await loaderOf(TOGETHER, { '/boot/grub/grub.cfg': menu(''), ...there });
    expect(booted(without)?.title).toBe('one');
  });

  test('on the EFI partition are two, of which the firmware knows which it starts: neither is judged', async () => {
    const stub = `search.fs_uuid ${BOOT} root\nset prefix=($root)'/grub2'\nconfigfile $prefix/grub.cfg\n`;
    const whole = `search --no-floppy --fs-uuid --set=root ${BOOT}\nmenuentry x { linux /vmlinuz-6.1.0 }\n`;
    const loader = (configs: Readonly<Record<string, string>>) =>
      loaderOf(SEPARATE, configs, { '/sys/firmware/efi/fw_platform_size': '64' }, mountinfo());
    const [one, other] = ['/boot/efi/EFI/one/grub.cfg', '/boot/efi/EFI/other/grub.cfg'];
    expect((await loader({ [one]: stub, [other]: stub })).stub).toBeNull();
    expect((await loader({ [one]: whole })).stub).toBeNull();
  });

  test('takes in custom.cfg where it says so', async () => {
    const loader = await loaderOf(debian(), {
      '/boot/grub/custom.cfg':
        "set default='mine'\nmenuentry 'Mine' --id mine { linux /boot/vmlinuz-6.1.0-56-amd64 ro\n}\n",
    });
    expect(booted(loader)?.title).toBe('Mine');
    expect(booted(loader)?.source).toBe('/boot/grub/custom.cfg:2');
  });

  test('of Xen loads the kernel and its image as modules', async () => {
    const loader = await config(
      "menuentry 'Xen' {\n multiboot2 /boot/xen.gz placeholder\n module2 /boot/vmlinuz-6.1.0 placeholder root=/dev/sda1 ro\n module2 --nounzip /boot/initrd.img-6.1.0\n}\n",
    );
    expect(booted(loader)).toMatchObject({
      kernel: '6.1.0',
      linux: { raw: '/boot/vmlinuz-6.1.0' },
      initrds: [{ raw: '/boot/initrd.img-6.1.0' }],
    });
  });
});

describe('an entry that boots without an image first, as Ubuntu writes it with GRUB_FORCE_PARTUUID', () => {
  const SAVE =
    '    if [ -n "${have_grubenv}" ]; then if [ -n "${partuuid}" ]; then\n      if [ -z "${initrdfail}" ]; then set initrdfail=1; fi\n      save_env initrdfail\n    fi; fi\n';
  const menu = (save: string) =>
    `if [ -s $prefix/grubenv ]; then\n  set have_grubenv=true\n  load_env\nfi\nfunction initrdfail {\n${save}}\nset partuuid=c0ffee\nmenuentry 'Ubuntu' {\n  if [ "\${initrdfail}" = 1 ]; then\n    linux /boot/vmlinuz-6.8.0 root=PARTUUID=c0ffee ro\n    initrd /boot/initrd.img-6.8.0\n  else\n    linux /boot/vmlinuz-6.8.0 root=PARTUUID=c0ffee ro panic=-1\n  fi\n  initrdfail\n}\n`;
  const entry = async (save: string, environment: string | null) =>
    booted(
      await loaderOf(TOGETHER, {
        '/boot/grub/grub.cfg': menu(save),
        ...(environment === null ? {} : { '/boot/grub/grubenv': environment }),
      }),
    );
  const FIRST = { initrds: [], cmdline: 'root=PARTUUID=c0ffee ro panic=-1' };
  const AGAIN = { initrds: [{ raw: '/boot/initrd.img-6.8.0' }], cmdline: 'root=PARTUUID=c0ffee ro' };

  test('loads the image after that failed', async () => {
    expect(await entry(SAVE, grubenv({}))).toMatchObject({ ...AGAIN, firstTry: FIRST });
  });

  test('loads it at once where it failed before', async () => {
    const found = await entry(SAVE, grubenv({ initrdfail: '1' }));
    expect(found).toMatchObject(AGAIN);
    expect(found).not.toHaveProperty('firstTry');
  });

  test.each([
    ['there is no environment block', SAVE, null],
    ['what is there is none', SAVE, '#'.repeat(1024)],
    ['GRUB cannot write where it lies', '  # GRUB lacks write support for btrfs.\n', grubenv({})],
  ])('never loads it where %s', async (_, save, environment) => {
    const found = await entry(save, environment);
    expect(found).toMatchObject(FIRST);
    expect(found).not.toHaveProperty('firstTry');
  });
});

test('entries of a loader that is not known keep variables that it alone could expand', async () => {
  const loader = await loaderOf({
    '/boot/loader/entries/a-6.1.0.conf': 'linux /vmlinuz-6.1.0\noptions $kernelopts ro $tuned_params\n',
  });
  expect(loader.name).toBeNull();
  expect(loader.entries.map(({ unresolved }) => unresolved)).toEqual([['kernelopts', 'tuned_params']]);
});

describe('what grows out of bounds', () => {
  const grown = (name: string) => `set ${name}=xxxxxxxxxxxxxxxx\n${`set ${name}=$${name}$${name}\n`.repeat(40)}`;

  test('is not run to its end, and what it would boot is not known', async () => {
    const { loader, unread } = await readHost(makeRoot(debian(), { '/boot/grub/grub.cfg': grown('a') }));
    expect(loader.entries).toEqual([]);
    expect(unread).toContainEqual({
      part: 'loader',
      what: '/boot/grub/grub.cfg',
      reason: 'a command in it grows to more than 16 KiB',
    });
    expect(loader.defaultEvidence).toBe('/boot/grub/grub.cfg could not be read');
  });

  test('is left out of an entry, and told', async () => {
    const loader = await loaderOf(TOGETHER, {
      '/boot/grub2/grub.cfg': 'load_env\nblscfg\n',
      '/boot/grub2/grubenv': `# GRUB Environment Block\nkernelopts=${'x'.repeat(10_000)}\n`,
      '/boot/loader/entries/a-6.1.0.conf': `linux /vmlinuz-6.1.0\noptions ${'$kernelopts '.repeat(100_000)}\n`,
    });
    expect(booted(loader)?.cmdline).toBe('x'.repeat(10_000));
    expect(booted(loader)?.unresolved).toEqual(['kernelopts']);
  });
});
