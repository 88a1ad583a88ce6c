import { describe, expect, test } from '@jest/globals';
import { remakeOf } from '../../../../src/ops/rebuilding/remake.ts';
import { CMDLINE, K, soundEntry, type FactsSpec } from '../../boot/facts.ts';
import { judged } from './judged.ts';

const MAIN = `/boot/initramfs-${K}.img`;
const LATE = '/boot/late.img';
const initrds = [MAIN, LATE].map((path) => ({ raw: path, path, exists: true }));

describe('the image of a kernel is made anew', () => {
  test('by a generator, in the file that one made', () => {
    expect(remakeOf(judged())).toEqual({ images: [MAIN], generator: 'dracut', because: null, command: null });
  });

  test('not in another that the entry loads after it, nor where the first is gone', () => {
    for (const spec of [{}, { imageError: { path: MAIN, kind: 'absent', reason: 'there is no such file' } }] as const)
      expect(remakeOf(judged({ ...spec, entry: { initrds } })).images).toEqual([MAIN]);
  });

  test('where it belongs, if the entry names none', () => {
    const entry = { ...soundEntry(''), initrds: [] };
    expect(remakeOf(judged({ entry, image: null })).images).toEqual([MAIN]);
  });

  test('in the file that was asked about, if that is of the host', () => {
    const at = (root: string) => {
      const asked = judged({ host: { root }, imageAsked: true });
      return remakeOf({ ...asked, target: { ...asked.target, images: ['/tmp/new.img'], imageAsked: true } });
    };
    expect(at('/')).toEqual({ images: ['/tmp/new.img'], generator: 'dracut', because: null, command: null });
    expect(at('/mnt')).toMatchObject({ images: [], because: expect.stringContaining('another machine') });
  });

  const others: readonly (readonly [string, FactsSpec, string | null])[] = [
    ['an ostree deployment', { cmdline: `${CMDLINE} ostree=/ostree/boot.1/x/0` }, 'rpm-ostree'],
    ['a unified kernel image', { entry: { ...soundEntry(''), type: 'uki' } }, 'kernel-install'],
    ['the rescue entry', { entry: { ...soundEntry(''), rescue: true } }, null],
    ['a kernel without modules', { kernel: { modulesDir: null } }, null],
  ];
  test.each(others)('by no generator for %s', (_, spec, program) => {
    const { images, because, command } = remakeOf(judged(spec));
    expect({ images, program: command?.[0] ?? null }).toEqual({ images: [], program });
    expect(because).not.toBeNull();
  });
});
