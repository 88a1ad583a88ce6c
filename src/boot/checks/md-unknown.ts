import type { StorageFacts } from '../../host/types.ts';
import { hasWord, isOn, unexpanded, valuesOf } from '../command-line.ts';
import { dracutArguments, frozenArgumentFiles, hasDracutHook } from '../dracut-arguments.ts';
import type { Check } from '../types.ts';

/** `rd.md.uuid=` names an array that is not there; dracut waits for each one that is listed. */
export const mdUnknown: Check = {
  code: 'md_unknown',
  checkpoint: 'root',
  severity: 'fatal',
  symptom: '"dracut-initqueue: timeout, still waiting for … md-uuid-…" for minutes, then "Could not boot".',
  cause: 'The array (often that of swap) was taken apart or made anew, and the command line still names it.',
  cure: 'Take the word off: `grubby --update-kernel=ALL --remove-args=rd.md.uuid=UUID`, and from /etc/default/grub; then rebuild if the image brings it in etc/cmdline.d.',
  repair: ['configure', 'rebuild'],
  *observe(facts) {
    const { image, host } = facts;
    const words = dracutArguments(facts);
    // modules.d/…mdraid/parse-md.sh (dracut 033 to 112), with systemd and without.
    if (words === null || image === null || !hasDracutHook(image, 'parse-md')) return;
    if (!isOn(words, 'rd.md', true) || hasWord(words, 'rd_NO_MD')) return;
    const listed = valuesOf(words, 'rd.md.uuid').filter((uuid) => uuid !== '');
    const { known, complete } = arraysOf(host.storage);
    const gone = listed.filter((uuid) => !known.has(plain(uuid)));
    if (gone.length === 0) return;
    const hidden = complete ? unexpanded(facts) : 'not all arrays of this host are known';
    for (const uuid of gone) {
      yield hidden === null
        ? {
            defect: true,
            message: `rd.md.uuid=${uuid} names an array that this host does not have; dracut waits for it.`,
            evidence: { word: `rd.md.uuid=${uuid}`, arrays: [...known].sort(), frozen_in: frozenArgumentFiles(image) },
          }
        : { defect: false, what: `whether the array ${uuid} (rd.md) exists`, reason: hidden };
    }
  },
};

/** UUIDs of the arrays that are assembled, and of those that members tell of. */
function arraysOf({ nodes, devices, names }: StorageFacts): { known: ReadonlySet<string>; complete: boolean } {
  const known = new Set<string>();
  let complete = names !== null;
  for (const { id, names: goesBy, holds } of devices) {
    const links = goesBy.flatMap((name) => /^\/dev\/disk\/by-id\/md-uuid-(.+)$/.exec(name)?.[1] ?? []);
    const node = nodes.find((each) => each.id === id && each.kind === 'md');
    const own = [...links, ...(node?.uuid === undefined || node.uuid === null ? [] : [node.uuid])];
    const member = holds?.endsWith('_raid_member') === true;
    const told = member ? goesBy.flatMap((name) => /^UUID=(.+)$/.exec(name)?.[1] ?? []) : [];
    for (const uuid of [...own, ...told]) known.add(plain(uuid));
    if (/^md\d+$/.test(id) && own.length === 0) complete = false;
  }
  return { known, complete };
}

/** Without what stands between the digits: dracut takes dashes and colons off, and leaves upper case as it is. */
function plain(uuid: string): string {
  return uuid.replace(/[-:]/g, '');
}
