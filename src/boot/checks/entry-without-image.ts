import { unexpanded } from '../command-line.ts';
import { initrdNeed } from '../initrd-need.ts';
import type { EntryBoot, LoaderEntry } from '../../host/types.ts';
import type { Check, Observation } from '../types.ts';

/** The entry loads a kernel and no image, and this kernel with this command line cannot do without. */
export const entryWithoutImage: Check = {
  code: 'entry_without_image',
  checkpoint: 'loader',
  severity: 'fatal',
  symptom: '"VFS: Unable to mount root fs on unknown-block(0,0)" within the first seconds.',
  cause:
    'The plugin that writes the entry ran when no image was there yet (the generator failed, or another one is configured), left the initrd line out and reported success.',
  cure: 'Make the image (`dracut --force --kver K IMAGE`), then have the entry written again: `kernel-install add K /usr/lib/modules/K/vmlinuz`, `grub2-mkconfig -o …` or `update-grub`.',
  repair: ['rebuild', 'configure'],
  *observe(facts, requirements) {
    const { entry, kernel } = facts;
    if (entry?.firstTry !== undefined) yield* triedWithout(entry, entry.firstTry);
    if (entry === null || entry.type === 'uki' || entry.initrds.length > 0 || facts.image !== null) return;
    const need = initrdNeed(facts, requirements);
    if (need.needed === false) return;
    const hidden = unexpanded(facts);
    if (need.needed === 'unknown' || hidden !== null) {
      yield {
        defect: false,
        what: `whether the entry "${entry.title}", which loads no image, needs one`,
        reason: hidden ?? need.because,
      };
      return;
    }
    yield {
      defect: true,
      message: `The entry "${entry.title}" loads a kernel but no image, and ${need.because}.`,
      evidence: {
        entry: entry.id,
        entry_source: entry.source,
        linux: entry.linux?.raw ?? null,
        cmdline: facts.cmdline?.text ?? entry.cmdline,
        images_of_this_kernel: kernel.images,
      },
    };
  },
};

/** The host comes up, a panic later than it need be: it was found (`asBooted`) to start again, and to load the image then. */
function* triedWithout(entry: LoaderEntry, { linux, cmdline }: EntryBoot): Iterable<Observation> {
  yield {
    defect: true,
    severity: 'note',
    message: `The entry "${entry.title}" boots without an image first; that panics, or may, and GRUB loads the image at the next start.`,
    evidence: { entry: entry.id, entry_source: entry.source, linux: linux?.raw ?? null, cmdline },
    repair: ['configure'],
  };
}
