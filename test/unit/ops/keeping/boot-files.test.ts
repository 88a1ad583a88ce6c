import { describe, expect, it } from '@jest/globals';
import type { LoaderEntry } from '../../../../src/host/types.ts';
import { bootFiles } from '../../../../src/ops/keeping/boot-files.ts';

const K = '6.1.0-56-amd64';
const at = (path: string) => ({ raw: path, path, exists: true });
const entry = (more: Partial<LoaderEntry> = {}): LoaderEntry => ({
  id: K,
  title: K,
  type: 'bls1',
  source: `/boot/loader/entries/${K}.conf`,
  kernel: K,
  linux: at(`/boot/vmlinuz-${K}`),
  initrds: [at(`/boot/initramfs-${K}.img`)],
  cmdline: '',
  machineId: null,
  architecture: null,
  rescue: false,
  unresolved: [],
  ...more,
});
const paths = (entries: readonly LoaderEntry[], kernels = [K]) =>
  bootFiles({ entries }, kernels).map(({ path }) => path);

describe('what a kernel boots from', () => {
  it('is its entry, its kernel file and its images, each once', () => {
    const debug = entry({ id: 'debug', source: '/boot/loader/entries/debug.conf' });
    expect(paths([entry(), debug])).toEqual([
      `/boot/loader/entries/${K}.conf`,
      `/boot/vmlinuz-${K}`,
      `/boot/initramfs-${K}.img`,
      '/boot/loader/entries/debug.conf',
    ]);
  });

  it('is no menu that all kernels share, and nothing that cannot be told', () => {
    const grub = entry({ type: 'grub', source: '/boot/grub/grub.cfg:7', initrds: [{ ...at('x'), path: null }] });
    expect(paths([grub])).toEqual([`/boot/vmlinuz-${K}`]);
    expect(paths([entry({ kernel: null })])).toEqual([]);
    expect(paths([entry()], ['5.10.0-1-amd64'])).toEqual([]);
  });

  it('is never what a rescue entry loads', () => {
    const rescue = entry({ id: 'rescue', rescue: true, linux: at('/boot/vmlinuz-0-rescue') });
    expect(paths([entry(), rescue])).toEqual([`/boot/loader/entries/${K}.conf`, `/boot/vmlinuz-${K}`]);
  });
});
