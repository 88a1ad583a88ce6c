import { describe, expect, test } from '@jest/globals';
import { readHost } from '../../../src/host/read-host.ts';
import type { LoaderFacts } from '../../../src/host/types.ts';
import { makeRoot, type Layout } from './roots.ts';

const ID = '0123456789abcdef0123456789abcdef';
const VENDOR = '4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';

/** An entry as kernel-install's 90-loaderentry writes it. */
const entry = (version: string, more = ''): string =>
  `# Boot Loader Specification type#1 entry\ntitle      Debian GNU/Linux\nversion    ${version}\nmachine-id ${ID}\nsort-key   debian\noptions    root=UUID=1 ro\nlinux      /${ID}/${version}/linux\ninitrd     /${ID}/${version}/initrd.img-${version}\n${more}`;

const sdBoot = (more: Layout = {}): Layout => ({
  '/etc/fstab': 'UUID=1 / ext4 defaults 0 1\nUUID=AB-CD /efi vfat umask=0077 0 2\n',
  '/efi/EFI/systemd/systemd-bootx64.efi': 'MZ',
  [`/efi/loader/entries/${ID}-6.1.0-9-amd64.conf`]: entry('6.1.0-9-amd64'),
  [`/efi/loader/entries/${ID}-6.1.0-10-amd64.conf`]: entry('6.1.0-10-amd64'),
  [`/efi/${ID}/6.1.0-9-amd64/linux`]: 'k',
  [`/efi/${ID}/6.1.0-10-amd64/linux`]: 'k',
  [`/efi/${ID}/6.1.0-10-amd64/initrd.img-6.1.0-10-amd64`]: 'i',
  ...more,
});

/** An EFI variable in efivarfs: four bytes of attributes, then UTF-16. */
const variable = (name: string, value: string): Layout => ({
  '/proc/self/mountinfo': '20 1 8:2 / / rw - ext4 /dev/sda2 rw\n21 20 8:1 / /efi rw - vfat /dev/sda1 rw\n',
  [`/sys/firmware/efi/efivars/${name}-${VENDOR}`]: Buffer.concat([
    Buffer.from([7, 0, 0, 0]),
    Buffer.from(`${value}\0`, 'utf16le'),
  ]),
});

/** A PE file with these sections, as ukify lays them out: headers, then each section's bytes. */
function uki(sections: Readonly<Record<string, string>>): Buffer {
  const names = Object.keys(sections);
  const head = Buffer.alloc(0x400);
  head.write('MZ', 0, 'latin1');
  head.writeUInt32LE(0x40, 0x3c);
  head.write('PE\0\0', 0x40, 'latin1');
  head.writeUInt16LE(0x8664, 0x44);
  head.writeUInt16LE(names.length, 0x46);
  head.writeUInt16LE(0xf0, 0x54);
  let offset = 0x400;
  names.forEach((name, index) => {
    const at = 0x40 + 24 + 0xf0 + index * 40;
    const size = sections[name]?.length ?? 0;
    head.write(name, at, 'latin1');
    head.writeUInt32LE(size, at + 8);
    head.writeUInt32LE(512, at + 16);
    head.writeUInt32LE(offset, at + 20);
    offset += 512;
  });
  const bodies = names.map((name) => Buffer.concat([Buffer.from(sections[name] ?? '')], 512));
  return Buffer.concat([head, ...bodies]);
}

async function loaderOf(...layouts: Layout[]): Promise<LoaderFacts> {
  return (await readHost(makeRoot(...layouts))).loader;
}

const booted = ({ entries, defaultEntry }: LoaderFacts) => (defaultEntry === null ? null : entries[defaultEntry]);

describe('systemd-boot without entries', () => {
  const fstab = 'UUID=1 / ext4 defaults 0 1\n';
  const root = '20 1 8:2 / / rw - ext4 /dev/sda2 rw\n';
  const loader = { '/efi/EFI/systemd/systemd-bootx64.efi': 'MZ' };
  const started = variable('LoaderInfo', 'systemd-boot 252.38');
  const host = (more: Layout) => readHost(makeRoot(started, { '/etc/fstab': fstab }, more));
  const missed = async (more: Layout) =>
    (await host(more)).unread.filter(({ what }) => what === 'the entries of systemd-boot').map(({ reason }) => reason);

  test('has none where its EFI partition is mounted', async () => {
    expect(await missed(loader)).toEqual([]);
  });

  test.each([
    ['no EFI partition is mounted (Proxmox VE)', { '/proc/self/mountinfo': root }],
    [
      'the EFI partition is mounted by hand',
      { '/etc/fstab': `${fstab}UUID=AB-CD /efi vfat noauto 0 0\n`, '/proc/self/mountinfo': root, ...loader },
    ],
    ['what is mounted holds no systemd-boot', { '/efi/EFI/BOOT/BOOTX64.EFI': 'MZ' }],
  ])('is not seen where %s', async (_, more) => {
    expect(await missed(more)).toEqual(['no EFI partition with systemd-boot on it is known to be mounted']);
  });

  test('is not seen where another boot partition is not mounted', async () => {
    const more = { ...loader, '/etc/fstab': `${fstab}UUID=2 /boot ext4 noauto 0 0\n` };
    expect(await missed(more)).toEqual(['a boot partition is not mounted']);
  });

  test('has no default that is gone, either, where it is not seen', async () => {
    const { loader: menu } = await host({
      ...variable('LoaderEntryDefault', 'gone.conf'),
      '/proc/self/mountinfo': root,
    });
    expect(menu).toMatchObject({ name: 'systemd-boot', entries: [], defaultEntry: null, defaultDangling: null });
  });
});

describe('systemd-boot', () => {
  test('shows the newest version first, and boots it where nothing is configured', async () => {
    const loader = await loaderOf(sdBoot());
    expect(loader.name).toBe('systemd-boot');
    expect(loader.evidence).toBe('/efi/EFI/systemd/systemd-bootx64.efi');
    expect(loader.defaultEvidence).toBe('no default configured: first menu entry');
    expect(booted(loader)).toEqual({
      id: `${ID}-6.1.0-10-amd64`,
      title: 'Debian GNU/Linux',
      type: 'bls1',
      source: `/efi/loader/entries/${ID}-6.1.0-10-amd64.conf`,
      kernel: '6.1.0-10-amd64',
      linux: {
        raw: `/${ID}/6.1.0-10-amd64/linux`,
        path: `/efi/${ID}/6.1.0-10-amd64/linux`,
        exists: true,
      },
      initrds: [
        {
          raw: `/${ID}/6.1.0-10-amd64/initrd.img-6.1.0-10-amd64`,
          path: `/efi/${ID}/6.1.0-10-amd64/initrd.img-6.1.0-10-amd64`,
          exists: true,
        },
      ],
      cmdline: 'root=UUID=1 ro',
      machineId: ID,
      architecture: null,
      rescue: false,
      unresolved: [],
    });
  });

  test('boots what loader.conf names by a pattern', async () => {
    const loader = await loaderOf(sdBoot({ '/efi/loader/loader.conf': `timeout 3\ndefault ${ID}-6.1.0-9*\n` }));
    expect(booted(loader)?.kernel).toBe('6.1.0-9-amd64');
    expect(loader.defaultEvidence).toBe(`/efi/loader/loader.conf default ${ID}-6.1.0-9*`);
  });

  test.each(['LoaderEntryOneShot', 'LoaderEntryDefault'])('boots what the EFI variable %s names', async (name) => {
    const value = `${ID}-6.1.0-9-amd64.conf`;
    const loader = await loaderOf(sdBoot(variable(name, value)));
    expect(booted(loader)?.kernel).toBe('6.1.0-9-amd64');
    expect(loader.defaultEvidence).toBe(`EFI variable ${name}=${value}`);
  });

  test('boots what was booted last where loader.conf says @saved', async () => {
    const saved = { '/efi/loader/loader.conf': 'default @saved\n' };
    const last = variable('LoaderEntryLastBooted', `${ID}-6.1.0-9-amd64.conf`);
    expect(booted(await loaderOf(sdBoot(saved), last))?.kernel).toBe('6.1.0-9-amd64');
    expect(booted(await loaderOf(sdBoot(saved)))?.kernel).toBe('6.1.0-10-amd64');
  });

  test('falls back to its first entry where the default is gone, and says so', async () => {
    const loader = await loaderOf(sdBoot({ '/efi/loader/loader.conf': 'default gone.conf\n' }));
    expect(loader).toMatchObject({ defaultEntry: 0, defaultDangling: 'gone.conf' });
  });

  test('passes over entries whose kernel is gone, the default one too', async () => {
    const gone = { [`/efi/loader/entries/${ID}-6.3.0-1-amd64.conf`]: entry('6.3.0-1-amd64') };
    expect(booted(await loaderOf(sdBoot(gone)))?.kernel).toBe('6.1.0-10-amd64');
    const name = `${ID}-6.3.0-1-amd64.conf`;
    const loader = await loaderOf(sdBoot({ ...gone, '/efi/loader/loader.conf': `default ${name}\n` }));
    expect(booted(loader)?.kernel).toBe('6.1.0-10-amd64');
    expect(loader).toMatchObject({
      defaultDangling: name,
      defaultEvidence: `/efi/loader/loader.conf default ${name}, which names an entry whose kernel is not there, or for another architecture: systemd-boot falls back to "Debian GNU/Linux"`,
    });
    const bare = sdBoot({ [`/efi/${ID}/6.1.0-9-amd64/linux`]: null, [`/efi/${ID}/6.1.0-10-amd64/linux`]: null });
    expect(booted(await loaderOf(bare))?.kernel).toBe('6.1.0-10-amd64');
  });

  test('passes over entries for another architecture, and takes the last default that is said', async () => {
    const [old, foreign] = [`${ID}-6.1.0-9-amd64.conf`, `${ID}-6.1.0-10-amd64.conf`];
    const other = { [`/efi/loader/entries/${foreign}`]: entry('6.1.0-10-amd64', 'architecture aa64\n') };
    expect(booted(await loaderOf(sdBoot(other)))?.kernel).toBe('6.1.0-9-amd64');
    const own = { [`/efi/loader/entries/${foreign}`]: entry('6.1.0-10-amd64', 'architecture x64\n') };
    expect(booted(await loaderOf(sdBoot(own)))?.kernel).toBe('6.1.0-10-amd64');
    const twice = { '/efi/loader/loader.conf': `default ${foreign}\ndefault ${old}\n` };
    expect(booted(await loaderOf(sdBoot(twice)))?.kernel).toBe('6.1.0-9-amd64');
  });

  test('puts an entry without attempts left last', async () => {
    const spent = `/efi/loader/entries/${ID}-6.2.0-1-amd64+0-3.conf`;
    const fresh = `/efi/loader/entries/${ID}-6.3.0-1-amd64+3.conf`;
    const { entries } = await loaderOf(sdBoot({ [spent]: entry('6.2.0-1-amd64'), [fresh]: entry('6.3.0-1-amd64') }));
    expect(entries.map(({ id }) => id.slice(ID.length + 1))).toEqual([
      '6.3.0-1-amd64',
      '6.1.0-10-amd64',
      '6.1.0-9-amd64',
      '6.2.0-1-amd64',
    ]);
  });

  describe('an entry that counts its boots', () => {
    const counted = `/efi/loader/entries/${ID}-6.1.0-9-amd64+3.conf`;
    const plain = `${ID}-6.1.0-9-amd64.conf`;
    const loader = (version: string): Layout => ({
      '/efi/EFI/systemd/systemd-bootx64.efi': uki({ '.sdmagic': `#### LoaderInfo: systemd-boot ${version} ####` }),
    });
    const host = (wanted: string, version: string) => {
      const layout = { ...sdBoot({ '/efi/loader/loader.conf': `default ${wanted}\n` }), ...loader(version) };
      const { [`/efi/loader/entries/${plain}`]: entryFile = null, ...rest } = layout;
      return readHost(makeRoot({ ...rest, [counted]: entryFile }));
    };

    test.each(['252.39-1~deb12u2', '255.4-1ubuntu8', '257.7'])(
      'goes by its whole name in version %s',
      async (version) => {
        const { loader } = await host(plain, version);
        expect(booted(loader)?.kernel).toBe('6.1.0-10-amd64');
        expect(loader.defaultDangling).toBe(plain);
        expect(booted((await host(`${ID}-6.1.0-9-amd64+3.conf`, version)).loader)?.kernel).toBe('6.1.0-9-amd64');
        expect(booted((await host(`${ID}-6.1.0-9-*`, version)).loader)?.kernel).toBe('6.1.0-9-amd64');
      },
    );

    test.each(['257.13-1~deb13u1', '258.3', '259', '260~rc1'])(
      'goes by its name less the counter in version %s',
      async (version) => {
        const { loader, unread } = await host(plain, version);
        expect(booted(loader)?.kernel).toBe('6.1.0-9-amd64');
        expect(loader.defaultDangling).toBeNull();
        expect(unread.filter(({ part }) => part === 'loader')).toEqual([]);
        expect(booted((await host(`${ID}-6.1.0-9-amd64+3.conf`, version)).loader)?.kernel).toBe('6.1.0-10-amd64');
      },
    );

    test.each(['257.9', 'self-made'])('is not told to be the default in version %s', async (version) => {
      const told = { part: 'loader', what: 'which entry systemd-boot takes' };
      expect((await host(plain, version)).unread).toContainEqual(expect.objectContaining(told));
      // Whatever the name, this one is meant.
      const { unread } = await host(`${ID}-6.1.0-9-*`, version);
      expect(unread.filter(({ part }) => part === 'loader')).toEqual([]);
    });
  });

  test('takes a default for a whole name: without its suffix it names nothing', async () => {
    const config = { '/efi/loader/loader.conf': `default ${ID}-6.1.0-9-amd64\n` };
    const loader = await loaderOf(sdBoot(config));
    expect(booted(loader)?.kernel).toBe('6.1.0-10-amd64');
    expect(loader.defaultDangling).toBe(`${ID}-6.1.0-9-amd64`);
  });

  test('starts unified kernel images by what is in them', async () => {
    const image = uki({
      '.osrel': 'ID=debian\nPRETTY_NAME="Debian 13"\nVERSION_ID=13\n',
      '.cmdline': 'root=UUID=1 ro quiet',
      '.uname': '6.12.1-amd64',
      '.linux': 'MZ',
      '.initrd': '070701',
    });
    const path = `/efi/EFI/Linux/${ID}-6.12.1-amd64.efi`;
    const loader = await loaderOf(
      sdBoot({
        [path]: image,
        '/efi/EFI/Linux/rubbish.efi': 'not PE',
        '/efi/EFI/Linux/zzz.efi': uki({ '.linux': 'MZ', '.uname': '9.9.9' }), // of no operating system: not shown
      }),
    );
    expect(booted(loader)).toMatchObject({
      type: 'uki',
      title: 'Debian 13',
      kernel: '6.12.1-amd64',
      cmdline: 'root=UUID=1 ro quiet',
      linux: { path, exists: true },
      initrds: [{ path }],
    });
  });

  test('is in force where the firmware says that it started the host, whatever else is there', async () => {
    const grub = { '/boot/grub/grub.cfg': "menuentry 'x' { linux /boot/vmlinuz-5.10.0\n}\n" };
    const loader = await loaderOf(sdBoot(variable('LoaderInfo', 'systemd-boot 252')), grub);
    expect([loader.name, loader.evidence]).toEqual(['systemd-boot', "the firmware's LoaderInfo says systemd-boot 252"]);
  });

  test('leaves a host to GRUB that the firmware starts the old way', async () => {
    const bios = { '/proc/self/mountinfo': '20 1 8:2 / / rw - ext4 /dev/sda2 rw\n', '/sys/firmware/memmap/0/end': '0' };
    const grub = { '/boot/grub/grub.cfg': "menuentry 'x' { linux /boot/vmlinuz-5.10.0\n}\n" };
    expect((await loaderOf(sdBoot(), bios, grub)).name).toBe('grub');
  });
});

test('a loader that is not read is named, and its entries are on record as unread', async () => {
  const host = await readHost(makeRoot({ '/etc/zipl.conf': '[defaultboot]\n' }));
  expect(host.loader).toMatchObject({ name: 'zipl', entries: [], defaultEntry: null });
  expect(host.unread).toContainEqual({
    part: 'loader',
    what: 'entries of zipl',
    reason: '/etc/zipl.conf is there, but zipl is not read',
  });
});
