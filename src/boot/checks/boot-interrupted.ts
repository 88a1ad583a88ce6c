import type { ImageFacts } from '../../image/types.ts';
import { lastValue } from '../command-line.ts';
import { dracutArguments, isDracut } from '../dracut-arguments.ts';
import { runsSystemd } from '../userspace/programs.ts';
import type { BootFacts, Check, CommandLine } from '../types.ts';

/** A word on the command line stops every boot at a shell: left over from a repair. */
export const bootInterrupted: Check = {
  code: 'boot_interrupted',
  checkpoint: 'init',
  severity: 'fatal',
  symptom: 'A shell or a maintenance prompt at the console, on every boot; nothing is broken.',
  cause:
    'A word for debugging or rescue (rd.break, break=, single, systemd.unit=rescue.target, rdinit=/bin/sh) was left in the entry.',
  cure: 'Take the word off: `grubby --update-kernel=ALL --remove-args=WORD`, and from /etc/default/grub or /etc/kernel/cmdline.',
  repair: ['configure'],
  *observe(facts) {
    const { cmdline, image } = facts;
    if (cmdline === null || image === null) return;
    for (const { word, stops } of [...shellOfImage(cmdline, image), ...breakPoints(facts, cmdline, image)])
      yield {
        defect: true,
        message: `${word} on the command line stops every boot: ${stops}.`,
        evidence: { word, entry: facts.entry?.id ?? null, entry_source: facts.entry?.source ?? null },
      };
    const target = runsSystemd(image.tree) ? targetOf(cmdline, 'image') : null;
    if (target !== null)
      yield {
        defect: true,
        message: `${target.word} on the command line stops every boot: systemd in the image goes no further than ${target.name}.`,
        evidence: { word: target.word, entry: facts.entry?.id ?? null, entry_source: facts.entry?.source ?? null },
      };
    const ofHost = targetOf(cmdline, 'host');
    if (ofHost === null) return;
    if (runsSystemd(image.tree))
      yield {
        defect: true,
        message: `${ofHost.word} on the command line stops every boot: the host goes no further than ${ofHost.name}.`,
        evidence: { word: ofHost.word, entry: facts.entry?.id ?? null, entry_source: facts.entry?.source ?? null },
      };
    else
      yield {
        defect: false,
        what: `whether ${ofHost.word} stops the boot`,
        reason: 'systemd goes no further than that; whether it is the init of this host is not known',
      };
  },
};

interface Stop {
  readonly word: string;
  readonly stops: string;
}

/** The kernel starts what `rdinit=` names in the place of the image's /init. */
function shellOfImage(cmdline: CommandLine, { tree }: ImageFacts): readonly Stop[] {
  const rdinit = lastValue(cmdline, 'rdinit');
  if (rdinit === null || !/(?:^|\/)(?:ba|da|a|k|z)?sh$/.test(rdinit) || !tree.resolve(rdinit).found) return [];
  return [{ word: `rdinit=${rdinit}`, stops: 'the kernel starts a shell in the place of the image’s init' }];
}

/** Only points that this image's own scripts or units ask for. */
function breakPoints(facts: BootFacts, cmdline: CommandLine, image: ImageFacts): readonly Stop[] {
  const init = image.tree.text('init') ?? '';
  if (image.generator === 'initramfs-tools') {
    const asked = cmdline.words.flatMap(({ key, value }) => (key === 'break' ? [{ value }] : []));
    const last = asked[asked.length - 1];
    if (last === undefined) return [];
    const points = (last.value ?? 'premount').split(',');
    const word = last.value === null ? 'break' : `break=${last.value}`;
    return points.some((point) => new RegExp(`^\\s*maybe_break ${escaped(point)}\\s*$`, 'm').test(init))
      ? [{ word, stops: 'initramfs-tools opens a shell' }]
      : [];
  }
  if (!isDracut(image)) return [];
  // Conditions of units know the kernel's command line alone; scripts know what the image brings, too.
  const withSystemd = runsSystemd(image.tree);
  const words = withSystemd ? cmdline : (dracutArguments(facts) ?? cmdline);
  const texts = withSystemd ? dracutUnits(image) : [init];
  return words.words.flatMap(({ key, value }) => {
    if (key !== 'rd.break') return [];
    const word = value === null ? 'rd.break' : `rd.break=${value}`;
    const asks = new RegExp(`(?<![\\w.])${escaped(word)}(?![\\w.=-])`);
    return texts.some((text) => asks.test(text)) ? [{ word, stops: 'dracut opens a shell' }] : [];
  });
}

function dracutUnits({ tree }: ImageFacts): readonly string[] {
  return [...tree.entries.keys()].flatMap((path) =>
    /\/systemd\/system\/dracut-[\w-]+\.service$/.test(path) ? (tree.text(path) ?? []) : [],
  );
}

function escaped(text: string): string {
  return text.replace(/[^\w-]/g, '\\$&');
}

const SHELLS = /^(?:emergency|rescue)\.target$/;
/** Words that systemd takes for a target (`runlevel_to_target` in shared/unit-file.c): in the image these two, with `rd.` */
const OF_IMAGE: ReadonlyMap<string, string> = new Map([
  ['rd.emergency', 'emergency.target'],
  ['rd.rescue', 'rescue.target'],
]);
const OF_HOST: ReadonlyMap<string, string> = new Map([
  ['emergency', 'emergency.target'],
  ['-b', 'emergency.target'],
  ...['rescue', 'single', '-s', 's', 'S', '1'].map((word) => [word, 'rescue.target'] as const),
  ...['2', '3', '4'].map((word) => [word, 'multi-user.target'] as const),
  ['5', 'graphical.target'],
]);

/** The target that the words lead to, the last that names one, where it is a shell. */
function targetOf(cmdline: CommandLine, where: 'image' | 'host'): { word: string; name: string } | null {
  const [key, bare] = where === 'image' ? ['rd.systemd.unit', OF_IMAGE] : ['systemd.unit', OF_HOST];
  const named = cmdline.words.flatMap((word) => {
    if (word.key === key && word.value !== null) return [{ word: `${key}=${word.value}`, name: word.value }];
    const name = word.value === null ? bare.get(word.key) : undefined;
    return name === undefined ? [] : [{ word: word.key, name }];
  });
  const last = named[named.length - 1];
  return last !== undefined && SHELLS.test(last.name) ? last : null;
}
