import { describe, expect, test } from '@jest/globals';
import type { LoaderEntry } from '../../../../src/host/types.ts';
import { bootedBy, type Boot } from '../../../../src/ops/rebuilding/boots.ts';
import type { FileState } from '../../../../src/ops/rebuilding/types.ts';
import { K, soundEntry } from '../../boot/facts.ts';

const OWN = 'root=/dev/mapper/vg0-root ro rd.lvm.lv=vg0/root';
const EARLIER: FileState = { size: 5, changed: 9_000 };

function entry(over: Partial<LoaderEntry> = {}): LoaderEntry {
  return {
    ...soundEntry(OWN),
    linux: { raw: `/vmlinuz-${K}`, path: `/boot/vmlinuz-${K}`, exists: true },
    initrds: [{ raw: `/initramfs-${K}.img`, path: `/boot/initramfs-${K}.img`, exists: true }],
    ...over,
  };
}

/** How a boot with a command line counts for the image of the default entry. */
function booted(cmdline: string, over: Partial<Boot> = {}, target: object = {}, file: FileState | null = EARLIER) {
  const boot = { running: K, time: 10_000, cmdline, ...over };
  return bootedBy({ kernel: K, entry: entry(), isDefault: true, ...target }, file, boot);
}

describe('a boot', () => {
  test('most likely loaded the image where it is that of the default entry', () => {
    expect(booted(`BOOT_IMAGE=(hd0,gpt2)/vmlinuz-${K} ${OWN}`)).toBe('likely');
    expect(booted(OWN)).toBe('likely');
  });

  test('is proven to have loaded what its command line names', () => {
    expect(booted(`initrd=\\initramfs-${K}.img ${OWN}`)).toBe('proven');
    expect(booted(`initrd=\\initramfs-${K}.img ${OWN}`, {}, { isDefault: false })).toBe('proven');
    expect(booted(`initrd=\\initramfs-${K}.img.bellwether-backup ${OWN}`)).not.toBe('proven');
  });

  const silent: readonly [string, string, Partial<Boot>?, object?, (FileState | null)?][] = [
    ['the rescue kernel was booted', `BOOT_IMAGE=(hd0,gpt2)/vmlinuz-0-rescue-0e1e ${OWN}`],
    ['the command line was changed', `BOOT_IMAGE=(hd0,gpt2)/vmlinuz-${K} ${OWN} single`],
    ['another entry was booted', OWN, {}, { isDefault: false }],
    ['the entry is the rescue entry', OWN, {}, { entry: entry({ rescue: true }) }],
    ['the entry has variables that are not known', OWN, {}, { entry: entry({ unresolved: ['kernelopts'] }) }],
    ['no entry names the image', OWN, {}, { entry: null }],
    ['another kernel runs', OWN, { running: 'L' }],
    ['it is not known when that was', OWN, { time: null }],
    ['the image was put there since', OWN, {}, {}, { size: 5, changed: 11_000 }],
    ['there is no image', OWN, {}, {}, null],
  ];
  test.each(silent)(
    'says nothing of the image where %s',
    (_name, cmdline, over = {}, target = {}, file: FileState | null = EARLIER) => {
      expect(booted(cmdline, over, target, file)).toBe('none');
    },
  );
});
