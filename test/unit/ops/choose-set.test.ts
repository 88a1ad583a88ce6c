import { describe, expect, test } from '@jest/globals';
import { chooseSet, type Choices } from '../../../src/ops/locking/choose-set.ts';
import type { KernelPackage, Package } from '../../../src/packages/types.ts';
import type { LockRequest } from '../../../src/protocol/messages.ts';

type Wish = Pick<LockRequest['params'], 'packages' | 'version' | 'install'>;

const OLD = '4.18.0-348.el8';
const NEW = '4.18.0-373.el8';

function el(name: string, version: string, kernel: string | null = `${version}.x86_64`): KernelPackage {
  return { name, version, arch: 'x86_64', kernel, boots: !/headers|devel/.test(name) };
}

/** As EL has it: each kernel beside the others, one version of the headers. */
const familyOf = (...versions: string[]): KernelPackage[] => [
  ...versions.flatMap((version) => ['kernel', 'kernel-core', 'kernel-modules'].map((name) => el(name, version))),
  el('kernel-headers', versions[versions.length - 1]!, null),
];

function choose(wish: Partial<Wish>, choices: Partial<Choices> & { offered?: Record<string, string[]> }) {
  const { offered = {}, ...rest } = choices;
  return chooseSet(
    { version: 'installed', install: false, ...wish },
    {
      family: familyOf(NEW),
      running: null,
      installed: () => Promise.resolve([]),
      available: (name) =>
        Promise.resolve((offered[name] ?? []).map((version): Package => ({ name, version, arch: 'x86_64' }))),
      ...rest,
    },
  );
}

const told = ({ wanted }: Awaited<ReturnType<typeof chooseSet>>) =>
  wanted.map(({ name, version }) => `${name} ${version}`);

describe('without a word of which packages or version', () => {
  test('it is all packages of the newest kernel that is installed', async () => {
    const chosen = await choose({}, { family: familyOf(OLD, NEW) });
    expect(told(chosen)).toEqual([
      `kernel ${NEW}`,
      `kernel-core ${NEW}`,
      `kernel-headers ${NEW}`,
      `kernel-modules ${NEW}`,
    ]);
    expect(chosen).toMatchObject({ missing: [], kernel: `${NEW}.x86_64` });
  });

  test('what is newer and does not boot is not what counts', async () => {
    const family = [...familyOf(OLD), el('kernel-devel', NEW)];
    expect(told(await choose({}, { family }))).toContain(`kernel-core ${OLD}`);
  });

  test('a host without any kernel package has nothing to lock', async () => {
    await expect(choose({}, { family: [] })).rejects.toMatchObject({ code: 'package_absent' });
  });
});

describe('"running"', () => {
  test('is the kernel that runs, and its fellows stay where they are', async () => {
    const chosen = await choose({ version: 'running' }, { family: familyOf(OLD, NEW), running: `${OLD}.x86_64` });
    expect(told(chosen)).toEqual([
      `kernel ${OLD}`,
      `kernel-core ${OLD}`,
      `kernel-headers ${NEW}`,
      `kernel-modules ${OLD}`,
    ]);
  });

  test('is an error on a host that is not the one that runs, and where no package holds it', async () => {
    await expect(choose({ version: 'running' }, {})).rejects.toMatchObject({ code: 'kernel_absent' });
    await expect(choose({ version: 'running' }, { running: '6.1.0-self-made' })).rejects.toMatchObject({
      code: 'version_absent',
      message: expect.stringContaining('6.1.0-self-made'),
    });
  });
});

describe('a version', () => {
  test('is found with and without its epoch', async () => {
    const family = [el('kernel-core', `1:${OLD}`, `${OLD}.x86_64`), el('kernel-core', `1:${NEW}`, `${NEW}.x86_64`)];
    for (const version of [OLD, `1:${OLD}`])
      expect(told(await choose({ version }, { family }))).toEqual([`kernel-core 1:${OLD}`]);
    await expect(choose({ version: `2:${OLD}` }, { family })).rejects.toMatchObject({ code: 'version_absent' });
    expect(told(await choose({ version: `0:${NEW}` }, {}))).toContain(`kernel-core ${NEW}`);
  });

  test('that is not installed is an error that names what is, and what is to be had', async () => {
    await expect(
      choose({ version: OLD }, { offered: { kernel: [OLD], 'kernel-modules': [OLD, NEW] } }),
    ).rejects.toMatchObject({
      code: 'version_absent',
      message: expect.stringMatching(new RegExp(`installed as ${NEW}.* have ${OLD}`)),
      hint: 'ask for it to be installed: "install"',
    });
  });

  test('to be installed takes every member that the repositories have in it, and leaves none of the others out', async () => {
    const offered = {
      kernel: [OLD, NEW],
      'kernel-core': [OLD, NEW],
      'kernel-headers': [OLD, NEW],
      'kernel-modules': [NEW],
    };
    const chosen = await choose({ version: OLD, install: true }, { offered });
    expect(told(chosen)).toEqual([
      `kernel ${OLD}`,
      `kernel-core ${OLD}`,
      `kernel-headers ${OLD}`,
      `kernel-modules ${NEW}`,
    ]);
    expect(chosen.missing.map(({ name }) => name)).toEqual(['kernel', 'kernel-core', 'kernel-headers']);
    expect(chosen.kernel).toBe(`${OLD}.x86_64`);
  });

  test('that no repository has either is an error, though headers of it may be had', async () => {
    await expect(
      choose({ version: OLD, install: true }, { offered: { 'kernel-headers': [OLD] } }),
    ).rejects.toMatchObject({ code: 'version_absent' });
  });

  test('which kernel it will bring is not guessed where names show no way to tell', async () => {
    const family = [
      { name: 'kernel-default', version: '6.4.0-1.1', arch: 'x86_64', kernel: '6.4.0-1-default', boots: true },
    ];
    const chosen = await choose(
      { version: '6.4.0-2.1', install: true },
      { family, offered: { 'kernel-default': ['6.4.0-2.1'] } },
    );
    expect(chosen).toMatchObject({ kernel: null, missing: [{ name: 'kernel-default', version: '6.4.0-2.1' }] });
  });
});

describe('packages that are named', () => {
  test('are those and no more, sorted', async () => {
    const chosen = await choose({ packages: ['kernel-modules', 'kernel'] }, {});
    expect(told(chosen)).toEqual([`kernel ${NEW}`, `kernel-modules ${NEW}`]);
  });

  test('that are no part of a kernel stay in the version that they have', async () => {
    const kmod = { name: 'kmod', version: '25-19.el8', arch: 'x86_64', kernel: null };
    const chosen = await choose({ packages: ['kmod', 'kernel'] }, { installed: () => Promise.resolve([kmod]) });
    expect(told(chosen)).toEqual([`kernel ${NEW}`, 'kmod 25-19.el8']);
  });

  test('that are not installed are named by the error', async () => {
    await expect(choose({ packages: ['kernel', 'kernel-uki-virt'] }, {})).rejects.toMatchObject({
      code: 'package_absent',
      message: '"params.packages" names "kernel-uki-virt", not installed here',
    });
  });

  test('that are not installed in the version are named by the error, with those to be had', async () => {
    await expect(
      choose({ packages: ['kernel-core'], version: OLD }, { offered: { 'kernel-core': [OLD] } }),
    ).rejects.toMatchObject({
      code: 'version_absent',
      at: { package: 'kernel-core', installed: [NEW], available: [OLD] },
    });
    await expect(
      choose({ packages: ['kernel-core'], version: '1-1', install: true }, { offered: { 'kernel-core': [OLD] } }),
    ).rejects.toMatchObject({ code: 'version_absent', hint: 'ask for one of these' });
  });
});

describe('on Debian', () => {
  const deb = (name: string, version: string, kernel: string | null): KernelPackage => ({
    name,
    version,
    arch: 'amd64',
    kernel,
    boots: true,
  });
  const family = [
    deb('linux-image-6.1.0-50-amd64', '6.1.170-1', '6.1.0-50-amd64'),
    deb('linux-image-6.1.0-56-amd64', '6.1.176-1', '6.1.0-56-amd64'),
    deb('linux-image-amd64', '6.1.176-1', null),
  ];

  test('the metapackage is of the family, another kernel of its own name is not', async () => {
    const chosen = await choose({}, { family });
    expect(told(chosen)).toEqual(['linux-image-6.1.0-56-amd64 6.1.176-1', 'linux-image-amd64 6.1.176-1']);
  });

  test('the metapackage is held though the kernel that runs is an older one', async () => {
    const chosen = await choose({ version: 'running' }, { family, running: '6.1.0-50-amd64' });
    expect(told(chosen)).toEqual(['linux-image-6.1.0-50-amd64 6.1.170-1', 'linux-image-amd64 6.1.176-1']);
  });
});
