import { describe, expect, test } from '@jest/globals';
import { programDamaged } from '../../../../src/boot/checks/program-damaged.ts';
import type { CopyState } from '../../../../src/boot/types.ts';
import { facts } from '../facts.ts';
import type { FileSpec } from '../image.ts';
import { observe as judged } from '../observe.ts';

const observe = (files: Record<string, FileSpec | null>) => [
  ...programDamaged.observe(facts({ image: { files } }), []),
];
/** As a file is read whose bytes are no longer what they were: neither ELF nor script. */
const ZEROED = { elf: undefined, interpreter: undefined } as unknown as FileSpec;

const STATIC = { class: 64, machine: 62, type: 'executable', needed: [], runpath: [], dlopen: [] } as const;

/** In place of the link that a sound image has. */
const FILE = { type: 'file', target: undefined, mode: 0o100755, size: 50_000 } as unknown as FileSpec;

test('a sound image holds nothing damaged', () => {
  expect(observe({})).toEqual([]);
});

describe('what the boot needs', () => {
  test('a program of zeros cannot be executed', () => {
    expect(observe({ 'usr/bin/mount': ZEROED })).toMatchObject([
      {
        message: expect.stringContaining(
          'usr/bin/mount is damaged (it is neither an ELF file nor a script)',
        ) as unknown,
      },
    ]);
  });

  test('a library of zeros stops all that is linked with it, and is told once', () => {
    expect(observe({ 'usr/lib64/libc.so.6': ZEROED })).toMatchObject([
      { evidence: { path: 'usr/lib64/libc.so.6', damage: 'it is no ELF file', program: 'usr/lib/systemd/systemd' } },
    ]);
  });

  test('an empty library', () => {
    expect(observe({ 'usr/lib64/libkmod.so.2': { ...ZEROED, size: 0 } })).toMatchObject([
      { evidence: { damage: 'it is empty' } },
    ]);
  });

  test('half a library', () => {
    const half = {
      class: 64,
      machine: 62,
      type: 'shared',
      needed: [],
      runpath: [],
      dlopen: [],
      malformed: 'cut',
    } as const;
    expect(observe({ 'usr/lib64/liblzma.so.5': { elf: half } })).toMatchObject([{ evidence: { damage: 'cut' } }]);
  });

  test('the dynamic loader, which the kernel executes', () => {
    expect(observe({ 'usr/lib64/ld-linux-x86-64.so.2': ZEROED })).toHaveLength(1);
    const unstarted = { 'usr/lib64/ld-linux-x86-64.so.2': { mode: 0o100644 } };
    const scripted = { ...unstarted, init: { ...FILE, elf: STATIC } };
    expect(observe(scripted)).toMatchObject([{ evidence: { damage: 'it may not be executed' } }]);
    expect(observe({ 'usr/lib64/libc.so.6': { mode: 0o100644 } })).toEqual([]);
  });

  test('a file of several names is told once', () => {
    const files = { 'usr/bin/mount': ZEROED, 'usr/bin/systemctl': { ...ZEROED, sameAs: 'usr/bin/mount' } };
    expect(observe(files)).toMatchObject([{ evidence: { path: 'usr/bin/systemctl' } }]);
  });
});

describe('silent', () => {
  test('of what keeps init itself from its start: init_missing tells', () => {
    expect(observe({ 'usr/lib64/ld-linux-x86-64.so.2': { mode: 0o100644 } })).toEqual([]);
    const script = { init: { ...FILE, interpreter: '/bin/sh' } };
    expect(observe({ ...script, 'usr/bin/bash': ZEROED })).toEqual([]);
    const linked = { 'usr/bin/bash': ZEROED, 'usr/bin/mount': { ...ZEROED, sameAs: 'usr/bin/bash' } };
    expect(observe({ ...script, ...linked })).toEqual([]);
  });

  test('where a program is a script', () => {
    expect(observe({ 'usr/bin/mount': { ...ZEROED, interpreter: '/bin/sh' } })).toEqual([]);
  });

  test('where nothing on the way needs the file', () => {
    expect(observe({ 'usr/bin/less': { mode: 0o100755, size: 100 }, 'usr/lib64/libz.so.1': { size: 100 } })).toEqual(
      [],
    );
  });

  test('where a file is too large to have been read', () => {
    expect(observe({ 'usr/bin/mount': { ...ZEROED, size: 33 << 20 } })).toEqual([]);
  });
});

describe('what systemd checks / with', () => {
  const sound: FileSpec = { mode: 0o100755, size: 50_000, elf: STATIC };
  const cut: FileSpec = { ...sound, elf: { ...STATIC, malformed: 'a section lies beyond its end' } };
  const checkers = {
    'usr/lib/systemd/systemd-fsck': sound,
    'usr/sbin/fsck': sound,
    'usr/sbin/e2fsck': sound,
  };
  test('systemd-fsck itself must run: the unit that mounts / requires it', () => {
    const unit = { 'usr/lib/systemd/system/systemd-fsck@.service': { text: '[Service]\n' } };
    const onDisk = facts({
      cmdline: 'root=UUID=11111111-2222-3333-4444-555555555555 ro',
      image: { files: { ...checkers, ...unit, 'usr/lib/systemd/systemd-fsck': { ...sound, ...ZEROED } } },
    });
    expect(judged(programDamaged, onDisk).defects.map(({ evidence }) => evidence.path)).toEqual([
      'usr/lib/systemd/systemd-fsck',
    ]);
  });

  const damaged = (files: Record<string, FileSpec>) =>
    judged(programDamaged, facts({ image: { files: { ...checkers, ...files } } })).defects.map(
      ({ evidence }) => evidence.path,
    );

  test('fsck that dies ends the boot; one that is no program is passed over', () => {
    expect(damaged({})).toEqual([]);
    expect(damaged({ 'usr/sbin/fsck': cut })).toEqual(['usr/sbin/fsck']);
    expect(damaged({ 'usr/sbin/fsck': { ...sound, ...ZEROED } })).toEqual([]);
  });
  test('whatever the checker of the type does, fsck makes an error of it that is passed over', () => {
    expect(damaged({ 'usr/sbin/e2fsck': cut })).toEqual([]);
  });
  test('what the checker is linked with ends it by a signal where it is cut off, by status 127 where it is something else', () => {
    const linked: FileSpec = { ...sound, elf: { ...STATIC, needed: ['libext2fs.so.2'] } };
    const library = (its: FileSpec) => ({ 'usr/sbin/e2fsck': linked, 'usr/lib64/libext2fs.so.2': its });
    expect(damaged(library(sound))).toEqual([]);
    expect(damaged(library({ ...sound, elf: { ...STATIC, malformed: 'cut', cutOff: true } }))).toEqual([]);
    expect(damaged(library({ ...sound, ...ZEROED }))).toEqual(['usr/lib64/libext2fs.so.2']);
    const byFsck = { ...checkers, 'usr/sbin/fsck': linked };
    expect(
      damaged({ ...byFsck, ...library({ ...sound, elf: { ...STATIC, malformed: 'cut', cutOff: true } }) }),
    ).toEqual(['usr/lib64/libext2fs.so.2']);
  });
});

test('what dracut’s scripts read the command line with', () => {
  const files = {
    'usr/lib/systemd/systemd': null,
    init: { type: 'file', mode: 0o100755, size: 9_000, interpreter: '/bin/sh' },
    'usr/lib/dracut-lib.sh': { text: 'getarg() {\n  dracut-getarg "$@"\n}\n' },
    'usr/bin/dracut-getarg': { target: 'dracut-util' },
    'usr/bin/dracut-util': { mode: 0o100755, size: 20_000, ...ZEROED },
  } as const;
  expect(observe(files)).toMatchObject([{ evidence: { path: 'usr/bin/dracut-util' } }]);
});

describe('what the host has of the same build', () => {
  const compared = (copies: readonly (readonly [string, CopyState])[], files: Record<string, FileSpec | null> = {}) => [
    ...programDamaged.observe(facts({ image: { files }, copies: new Map(copies) }), []),
  ];

  test('with other content: one of the two is damaged', () => {
    expect(compared([['usr/lib64/libc.so.6', 'differs']])).toMatchObject([
      {
        message: expect.stringContaining(
          'usr/lib64/libc.so.6 is not what the host has there, and both are of the same build: one of the two is damaged, and usr/lib/systemd/systemd needs it',
        ) as unknown,
        evidence: { path: 'usr/lib64/libc.so.6', program: 'usr/lib/systemd/systemd' },
        repair: [],
      },
    ]);
  });

  test('which is whole: the image’s is damaged, and is made anew', () => {
    const [told] = compared([['usr/lib64/libc.so.6', 'damaged']]);
    expect(told).toMatchObject({ message: expect.stringContaining('as its package brought it') as unknown });
    expect(told).not.toHaveProperty('repair');
  });

  test('with the same content, or where nothing is known: nothing is told', () => {
    expect(compared([['usr/lib64/libc.so.6', 'same']])).toEqual([]);
    expect(compared([['usr/bin/never-needed', 'differs']], { 'usr/bin/never-needed': {} })).toEqual([]);
  });
});
