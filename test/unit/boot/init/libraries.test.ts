import { describe, expect, test } from '@jest/globals';
import { dlopenLibraryMissing } from '../../../../src/boot/checks/dlopen-library-missing.ts';
import { libraryMissing } from '../../../../src/boot/checks/library-missing.ts';
import { programDamaged } from '../../../../src/boot/checks/program-damaged.ts';
import type { DlopenNote, ElfFacts } from '../../../../src/image/types.ts';
import { CMDLINE, facts, node, soundStorage } from '../facts.ts';
import { type FileSpec } from '../image.ts';
import { observe, severities } from '../observe.ts';

const elf = (over: Partial<ElfFacts> = {}): ElfFacts => ({
  class: 64,
  machine: 62,
  type: 'shared',
  needed: [],
  runpath: [],
  dlopen: [],
  ...over,
});
const program = (over: Partial<ElfFacts> = {}): FileSpec => ({
  mode: 0o100755,
  size: 4_096,
  elf: elf({ interpreter: '/lib64/ld-linux-x86-64.so.2', needed: ['libc.so.6'], ...over }),
});
const library = (over: Partial<ElfFacts> = {}): FileSpec => ({ size: 4_096, elf: elf(over) });
const withFiles = (files: Record<string, FileSpec | null>) => facts({ image: { files } });

describe('a library that programs are linked with', () => {
  test('is fatal to miss where the boot needs the program, through another library even', () => {
    expect(observe(libraryMissing, withFiles({ 'usr/lib64/liblzma.so.5': null })).defects).toEqual([
      {
        defect: true,
        message: 'liblzma.so.5 is not in the image, so usr/bin/kmod does not start: the kernel has it load drivers.',
        evidence: {
          library: 'liblzma.so.5',
          needed_by: 'usr/bin/kmod',
          programs: ['usr/bin/kmod', 'usr/bin/udevadm'],
          program_count: 2,
          because: 'the kernel has it load drivers',
        },
      },
    ]);
  });

  test('is fatal to miss where it is everything’s', () => {
    const { defects } = observe(libraryMissing, withFiles({ 'usr/lib64/libc.so.6': null }));
    expect(defects).toHaveLength(1);
    expect(defects[0]?.severity).toBeUndefined();
  });

  test('is fatal to miss where a layer below / needs the program', () => {
    const { defects } = observe(
      libraryMissing,
      withFiles({ 'usr/sbin/lvm': program({ needed: ['libdevmapper-event.so.1.02.1', 'libc.so.6'] }) }),
    );
    expect(defects[0]?.message).toContain('lvm, because /dev/mapper/vg0-root holds /');
  });

  test('is a warning where this boot can do without the program', () => {
    const { defects } = observe(
      libraryMissing,
      withFiles({ 'usr/sbin/mdadm': program({ needed: ['libdlm_lt.so.3'] }) }),
    );
    expect(defects).toEqual([
      expect.objectContaining({
        severity: 'warning',
        evidence: {
          library: 'libdlm_lt.so.3',
          needed_by: 'usr/sbin/mdadm',
          programs: ['usr/sbin/mdadm'],
          program_count: 1,
        },
      }),
    ]);
  });

  test.each([
    ['in Debian’s folder for the architecture', { 'usr/lib/x86_64-linux-gnu/libodd.so.1': library() }, {}],
    [
      'in a folder of ld.so.conf.d',
      { 'etc/ld.so.conf.d/odd.conf': { text: '# odd\n/opt/odd\n' }, 'opt/odd/libodd.so.1': library() },
      {},
    ],
    ['at the run path', { 'usr/lib/systemd/libodd.so.1': library() }, { runpath: ['/usr/lib/systemd'] }],
    ['beside the program', { 'usr/lib/odd/libodd.so.1': library() }, { runpath: ['$ORIGIN/../lib/odd'] }],
    ['in a folder for newer processors', { 'usr/lib64/glibc-hwcaps/x86-64-v3/libodd.so.1': library() }, {}],
    [
      'through a link',
      { 'usr/lib64/libodd.so.1': { target: 'libodd.so.1.2.3' }, 'usr/lib64/libodd.so.1.2.3': library() },
      {},
    ],
  ])('is found %s', (_, files, over) => {
    const needy = { 'usr/bin/mount': program({ needed: ['libodd.so.1', 'libc.so.6'], ...over }) };
    expect(observe(libraryMissing, withFiles({ ...needy, ...files })).defects).toEqual([]);
  });

  test('is not found where the only one is of another class', () => {
    const files = {
      'usr/bin/mount': program({ needed: ['libodd.so.1'] }),
      'usr/lib/libodd.so.1': library({ class: 32, machine: 3 }),
    };
    expect(observe(libraryMissing, withFiles(files)).defects).toHaveLength(1);
  });

  test('is not found where its link leads nowhere', () => {
    const files = {
      'usr/bin/mount': program({ needed: ['libodd.so.1'] }),
      'usr/lib64/libodd.so.1': { target: 'libodd.so.1.2.3' },
    };
    expect(observe(libraryMissing, withFiles(files)).defects).toHaveLength(1);
  });

  test('of musl is the dynamic loader itself', () => {
    const files = {
      'usr/bin/busybox': program({ interpreter: '/lib/ld-musl-x86_64.so.1', needed: ['ld-musl-x86_64.so.1'] }),
      'usr/lib/ld-musl-x86_64.so.1': { ...library(), mode: 0o100755 },
    };
    expect(observe(libraryMissing, withFiles(files)).defects).toEqual([]);
  });

  test('does not matter to plug-ins that nothing starts', () => {
    expect(
      observe(libraryMissing, withFiles({ 'usr/lib64/libnss_odd.so.2': library({ needed: ['libodd.so.1'] }) })).defects,
    ).toEqual([]);
  });

  test('may lie inside a squashed system: nothing is said', () => {
    const over = { unread: [{ path: 'squashfs-root.img', format: 'squashfs' }] } as const;
    expect(observe(libraryMissing, facts({ image: { files: { 'usr/lib64/libc.so.6': null }, over } }))).toEqual({
      defects: [],
      unknowns: [],
    });
  });
});

describe('a library that is opened at run time', () => {
  const note = (priority: DlopenNote['priority'], ...sonames: string[]): DlopenNote => ({
    feature: 'kmod',
    priority,
    sonames,
  });
  const udevd = (...dlopen: DlopenNote[]) => ({ 'usr/bin/udevadm': program({ dlopen }) });
  const crypt = {
    storage: {
      nodes: [
        ...soundStorage().nodes.map((other) => (other.id === 'dm-0' ? { ...other, below: ['dm-1'] } : other)),
        node({ id: 'dm-1', kind: 'crypt', name: '/dev/mapper/luks', details: ['aes-xts-plain64'], below: ['vda2'] }),
      ],
    },
  } as const;

  test('is fatal to miss where it is libkmod, udev opens it, and drivers must be loaded', () => {
    const files = { ...udevd(note('recommended', 'libkmod.so.2')), 'usr/lib64/libkmod.so.2': null };
    const { defects } = observe(dlopenLibraryMissing, withFiles(files));
    expect(defects[0]).toMatchObject({
      severity: 'fatal',
      evidence: {
        libraries: ['libkmod.so.2'],
        priority: 'recommended',
        program: 'usr/bin/udevadm',
        opened_by: 'usr/bin/udevadm',
      },
    });
  });

  test.each([
    ['', ['fatal']],
    ['dm_mod\nvirtio_blk\nvirtio_pci\n', []],
  ])('is no loss where it is libkmod, and the scripts load all drivers of disks by name: %j', (named, told) => {
    const files = {
      ...udevd(note('recommended', 'libkmod.so.2')),
      'usr/lib64/libkmod.so.2': null,
      'conf/modules': { text: named },
    };
    const image = { files, over: { generator: 'initramfs-tools', dracut: null } } as const;
    expect(severities(dlopenLibraryMissing, facts({ image }))).toEqual(told);
  });

  test('is as bad to miss as it is for the program that needs it most, whichever is told first', () => {
    const files = {
      'usr/lib/systemd/systemd': program({ dlopen: [note('recommended', 'libkmod.so.2')] }),
      ...udevd(note('recommended', 'libkmod.so.2')),
      'usr/lib64/libkmod.so.2': null,
    };
    expect(severities(dlopenLibraryMissing, withFiles(files))).toEqual(['fatal']);
  });

  test('does not load without what it is linked with, nor where that is damaged', () => {
    const files = {
      ...udevd(note('recommended', 'libkmod.so.2')),
      'usr/lib64/libkmod.so.2': library({ needed: ['libcrypto.so.3'] }),
    };
    expect(observe(dlopenLibraryMissing, withFiles(files)).defects[0]).toMatchObject({
      message: expect.stringContaining(
        'opens usr/lib64/libkmod.so.2 while it runs, which needs libcrypto.so.3',
      ) as unknown,
      evidence: { libraries: ['libcrypto.so.3'], needed_by: 'usr/lib64/libkmod.so.2', program: 'usr/bin/udevadm' },
    });
    const whole = { ...files, 'usr/lib64/libcrypto.so.3': library() };
    expect(observe(dlopenLibraryMissing, withFiles(whole)).defects).toEqual([]);
    expect(observe(programDamaged, withFiles(whole)).defects).toEqual([]);
    const zeroed = { ...files, 'usr/lib64/libcrypto.so.3': { size: 5_000_000 } };
    expect(observe(programDamaged, withFiles(zeroed)).defects[0]?.message).toContain(
      'usr/lib64/libcrypto.so.3 is damaged (it is no ELF file), so usr/bin/udevadm cannot open usr/lib64/libkmod.so.2',
    );
  });

  test('is fatal to miss where the note calls it required, a note where it recommends it', () => {
    expect(severities(dlopenLibraryMissing, withFiles(udevd(note('required', 'libodd.so.1'))))).toEqual(['fatal']);
    expect(severities(dlopenLibraryMissing, withFiles(udevd(note('recommended', 'libodd.so.1'))))).toEqual(['note']);
    expect(severities(dlopenLibraryMissing, withFiles(udevd(note('suggested', 'libodd.so.1'))))).toEqual([]);
  });

  test('is there where any of the names is', () => {
    const files = udevd(note('required', 'libodd.so.2', 'liblzma.so.5'));
    expect(observe(dlopenLibraryMissing, withFiles(files)).defects).toEqual([]);
  });

  test('in a note of a shared library stands for programs that this boot does not start', () => {
    const files = { 'usr/lib64/libkmod.so.2': library({ dlopen: [note('recommended', 'libzstd.so.1')] }) };
    expect(observe(dlopenLibraryMissing, withFiles(files)).defects).toEqual([]);
  });

  test('is fatal to miss where it is libcryptsetup and / is encrypted', () => {
    const files = {
      'usr/lib/systemd/systemd-cryptsetup': program({ needed: ['libsystemd-shared-257.so', 'libc.so.6'] }),
      'usr/lib64/libsystemd-shared-257.so': library({ dlopen: [note('suggested', 'libcryptsetup.so.12')] }),
    };
    expect(severities(dlopenLibraryMissing, facts({ ...crypt, image: { files } }))).toEqual(['fatal']);
    expect(severities(dlopenLibraryMissing, facts({ image: { files } }))).toEqual([]);
  });

  test('is not known to be missed where it is libgcc_s and the passphrase may be hashed in threads', () => {
    const files = {
      'usr/lib/systemd/systemd-cryptsetup': program(),
      'usr/lib64/libargon2.so.1': library(),
    };
    expect(observe(dlopenLibraryMissing, facts({ ...crypt, image: { files } })).unknowns[0]?.reason).toContain(
      'libgcc_s.so.1',
    );
    const whole = { ...files, 'usr/lib64/libgcc_s.so.1': library() };
    expect(observe(dlopenLibraryMissing, facts({ ...crypt, image: { files: whole } })).unknowns).toEqual([]);
  });
});

describe('what checks / before it is mounted', () => {
  const checker: FileSpec = {
    mode: 0o100755,
    size: 356_624,
    elf: {
      class: 64,
      machine: 62,
      type: 'shared',
      needed: ['libcom_err.so.2'],
      runpath: [],
      dlopen: [],
      interpreter: '/lib64/ld-linux-x86-64.so.2',
    },
  };
  const missed = (files: Record<string, FileSpec | null>, cmdline = CMDLINE) =>
    observe(libraryMissing, facts({ cmdline, image: { files: { 'usr/sbin/e2fsck': checker, ...files } } })).defects.map(
      ({ severity = 'fatal' }) => severity,
    );
  const withoutSystemd = { 'usr/lib/systemd/systemd': null, 'usr/lib/fs-lib.sh': { text: '' } };

  test('must start where scripts call it and stop if it fails', () => {
    expect(missed(withoutSystemd)).toEqual(['fatal']);
    expect(missed(withoutSystemd, `${CMDLINE} rd.skipfsck`)).toEqual(['warning']);
  });
  test('must start where systemd checks, which takes status 127 for a wish to start anew', () => {
    const fsck = { 'usr/lib/systemd/systemd-fsck': program() };
    expect(missed(fsck)).toEqual(['fatal']);
    expect(missed(fsck, `${CMDLINE} fsck.mode=skip`)).toEqual(['warning']);
    expect(missed({})).toEqual(['warning']);
  });
});
