import { describe, expect, test } from '@jest/globals';
import type { LoaderEntry, LoaderFacts } from '../../../src/host/types.ts';
import { selectTargets, type Choices } from '../../../src/ops/select-targets.ts';
import { BellwetherError } from '../../../src/protocol/errors.ts';

const entry = (kernel: string | null, initrds: string[], extra: Partial<LoaderEntry> = {}): LoaderEntry => ({
  id: `entry-${kernel ?? 'none'}`,
  title: 'Linux',
  type: 'bls1',
  source: '/boot/loader/entries/x.conf',
  kernel,
  linux: { raw: `/vmlinuz-${kernel ?? ''}`, path: `/boot/vmlinuz-${kernel ?? ''}`, exists: true },
  initrds: initrds.map((path) => ({ raw: path, path, exists: true })),
  cmdline: 'root=/dev/vda1',
  machineId: null,
  architecture: null,
  rescue: false,
  unresolved: [],
  ...extra,
});

const host = (entries: LoaderEntry[], defaultEntry: number | null, running: string | null = null): Choices => {
  const loader: LoaderFacts = {
    name: 'grub',
    evidence: '',
    entries,
    defaultEntry,
    defaultEvidence: '',
    defaultDangling: null,
    lacks: [],
    stub: null,
    firmware: null,
  };
  return {
    loader,
    running,
    kernels: [
      { kernel: '5.14.0-348', images: ['/boot/initramfs-5.14.0-348.img'] },
      { kernel: '5.14.0-373', images: ['/boot/initramfs-5.14.0-373.img'] },
    ],
  };
};

const OLD = entry('5.14.0-348', ['/boot/initramfs-5.14.0-348.img']);
const NEW = entry('5.14.0-373', ['/boot/microcode.img', '/boot/initramfs-5.14.0-373.img']);

describe('the kernels that are judged', () => {
  test('by default: the one that the loader boots next, with every image that its entry loads, in order', () => {
    expect(selectTargets(host([OLD, NEW], 1), 'default')).toEqual([
      {
        kernel: '5.14.0-373',
        entry: NEW,
        isDefault: true,
        images: ['/boot/microcode.img', '/boot/initramfs-5.14.0-373.img'],
        imageAsked: false,
      },
    ]);
  });

  test('where nothing says what boots next: the newest, and not as the default', () => {
    expect(selectTargets(host([], null), 'default')).toEqual([
      {
        kernel: '5.14.0-373',
        entry: null,
        isDefault: false,
        images: ['/boot/initramfs-5.14.0-373.img'],
        imageAsked: false,
      },
    ]);
  });

  test('a unified image is loaded once, though its entry names it as kernel and as image; an addition comes after', () => {
    const self = { raw: '/EFI/Linux/x.efi', path: '/efi/EFI/Linux/x.efi', exists: true };
    const addition = { raw: '/key.img', path: '/efi/key.img', exists: true };
    const images = (initrds: LoaderEntry['initrds']) =>
      selectTargets(host([entry('6.1.0', [], { type: 'uki', linux: self, initrds })], 0), 'default')[0]?.images;
    expect(images([self])).toEqual(['/efi/EFI/Linux/x.efi']);
    expect(images([])).toEqual(['/efi/EFI/Linux/x.efi']);
    expect(images([addition])).toEqual(['/efi/EFI/Linux/x.efi', '/efi/key.img']);
  });

  test('where there is no kernel: none', () => {
    expect(selectTargets({ ...host([], null), kernels: [] }, 'default')).toEqual([]);
  });

  test('all: those installed and those that an entry alone still names, the rescue entry aside', () => {
    const gone = entry('4.18.0-1', ['/boot/initramfs-4.18.0-1.img']);
    const rescue = entry('5.14.0-373', ['/boot/initramfs-0-rescue.img'], { rescue: true });
    expect(
      selectTargets(host([rescue, OLD, NEW, gone], 1), 'all').map(({ kernel, entry: by }) => [kernel, by]),
    ).toEqual([
      ['5.14.0-348', OLD],
      ['5.14.0-373', NEW],
      ['4.18.0-1', gone],
    ]);
  });

  test('running: the kernel that runs, found among those installed', () => {
    expect(selectTargets(host([OLD, NEW], 1, '5.14.0-348'), 'running').map((target) => target.kernel)).toEqual([
      '5.14.0-348',
    ]);
  });

  test('running, in facts that do not tell: an error, not a guess', () => {
    expect(() => selectTargets(host([], null), 'running')).toThrow(BellwetherError);
  });

  test('a kernel that is not there: an error that names it and those that are', () => {
    expect(() => selectTargets(host([], null), ['6.1.0'])).toThrow(
      'kernel "6.1.0" is not installed here (installed: 5.14.0-348, 5.14.0-373)',
    );
  });

  test('of a unified kernel image: the file itself', () => {
    const uki = entry('5.14.0-373', [], {
      type: 'uki',
      linux: { raw: '/EFI/Linux/a.efi', path: '/efi/EFI/Linux/a.efi', exists: true },
    });
    expect(selectTargets(host([uki], 0), 'default')[0]?.images).toEqual(['/efi/EFI/Linux/a.efi']);
  });
});
