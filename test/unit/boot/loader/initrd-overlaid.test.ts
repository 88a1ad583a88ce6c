import { describe, expect, test } from '@jest/globals';
import { initrdOverlaid } from '../../../../src/boot/checks/initrd-overlaid.ts';
import type { BootFacts } from '../../../../src/boot/types.ts';
import { facts } from '../facts.ts';
import { observe, severities } from '../observe.ts';

const EARLIER = '/efi/0123/6.1/initrd';
const LATER = '/boot/initrd.img-6.1';

/** The sound image as the later of two: `members` of the earlier, of which none is left. */
function twoImages(members: number, times: { readonly earlier: number; readonly later: number }): BootFacts {
  const sound = facts();
  const [segment] = sound.image?.segments ?? [];
  const [file] = sound.image?.files ?? [];
  if (sound.image === null || segment === undefined || file === undefined) throw new Error('no sound image');
  const tree = {
    ...sound.image.tree,
    entries: new Map([...sound.image.tree.entries].map(([path, entry]) => [path, { ...entry, segment: 1 }])),
    resolve: (path: string) => {
      const found = sound.image?.tree.resolve(path);
      if (found?.found !== true) throw new Error(`${path} is not there`);
      return { found: true as const, entry: { ...found.entry, segment: 1 } };
    },
  };
  return {
    ...sound,
    image: {
      ...sound.image,
      tree,
      files: [
        { ...file, path: EARLIER, mtime: times.earlier },
        { ...file, path: LATER, mtime: times.later },
      ],
      segments: [
        { ...segment, entries: members },
        { ...segment, file: 1 },
      ],
    },
  };
}

describe('an entry with two whole images', () => {
  test('is warned of where the later is the older: it is what boots', () => {
    const [defect] = observe(initrdOverlaid, twoImages(900, { earlier: 2000, later: 1000 })).defects;
    expect(defect?.message).toBe(
      `The entry loads ${EARLIER} and then the older ${LATER}, which overlays 900 of its 900 files: the older one boots.`,
    );
    expect(severities(initrdOverlaid, twoImages(900, { earlier: 2000, later: 1000 }))).toEqual(['warning']);
  });

  test('is worth a note, and no rebuild, where the later is as new', () => {
    const two = twoImages(900, { earlier: 2000, later: 1999 });
    expect(severities(initrdOverlaid, two)).toEqual(['note']);
    expect(observe(initrdOverlaid, two).defects[0]?.repair).toEqual(['configure']);
  });

  test('is another thing than an image with an addition before it', () => {
    expect(observe(initrdOverlaid, twoImages(4, { earlier: 2000, later: 1000 })).defects).toEqual([]);
    expect(observe(initrdOverlaid, facts()).defects).toEqual([]);
  });
});
