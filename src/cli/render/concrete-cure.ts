import type { Finding, KernelReport } from '../../protocol/messages.ts';
import { shellWord } from '../../protocol/shell-words.ts';
import { cureParts, typedWords, type CurePart } from './cure.ts';
import { forGenerator } from './for-generator.ts';
import { dracutSettings, withoutGenerator } from './without-generator.ts';
import { commandFor, isBelow, type Place } from './place.ts';

/** Findings of one code, of one kernel or of none. */
export type Group = readonly [Finding, ...Finding[]];

/** What the rules say for what only the host at hand can tell. */
const STAND_INS = /\b(?:IMAGE|NAME|VERSION|WORD|PROGRAM|MOUNT_POINT|VG\/LV|K)\b/g;

/** By stand-in; several where a command takes several words in its place. */
type Values = Readonly<Record<string, readonly string[]>>;

/** A rule's sentence with what is known filled in. */
export function concreteText(text: string, group: Group, report: KernelReport | null, place: Place): string {
  const all = meanings(group, report, place);
  return text.replace(STAND_INS, (word) => distinct(all.flatMap((values) => values[word] ?? [])).join(', ') || word);
}

/**
 * A rule's cure for what was found, its commands quoted for a shell and made for the system that they are typed on: once
 * for each finding and each image where they differ. Where no generator may be run for the kernel, what makes its image instead.
 */
export function concreteCure(
  cure: string,
  group: Group,
  report: KernelReport | null,
  place: Place,
): readonly CurePart[] {
  const remake = remakeFor(group, report);
  const all = meanings(group, report, place);
  const written = (command: string) => distinct(all.map((values) => fillCommand(command, values)));
  const made = (text: string): readonly CurePart[] =>
    written(text).map((command) => ({ text: commandFor(place, command), isCommand: true }));
  const parts = forGenerator(cureParts(cure), remake.generator);
  const other = remake.because === null ? null : withoutGenerator(parts);
  const filled = (other?.kept ?? parts).flatMap((part) =>
    part.isCommand ? made(part.text) : [{ ...part, text: concreteText(part.text, group, report, place) }],
  );
  if (other === null) return filled;
  const settings = distinct(other.dropped.flatMap(written).flatMap(dracutSettings));
  const command = remake.command?.map(shellWord).join(' ') ?? null;
  return [
    ...filled,
    ...(settings.length === 0
      ? []
      : [
          { text: 'Set in a file in /etc/dracut.conf.d/:', isCommand: false },
          ...settings.map((text) => ({ text, isCommand: true })),
        ]),
    { text: `No generator is run by hand here: ${remake.because ?? ''}.`, isCommand: false },
    ...(command === null
      ? []
      : [
          { text: 'What makes the image anew:', isCommand: false },
          { text: commandFor(place, command), isCommand: true },
        ]),
  ];
}

/** How the image is made anew; a missing file that no generator made is nobody's to make. */
function remakeFor([first]: Group, report: KernelReport | null): NonNullable<KernelReport['remake']> {
  const remake = report?.remake ?? {
    images: report?.image ? [report.image] : [],
    generator: null,
    because: null,
    command: null,
  };
  const { path } = first.evidence;
  if (first.code !== 'image_missing' || typeof path !== 'string' || remake.because !== null) return remake;
  if (remake.images.includes(path)) return { ...remake, images: [path] };
  const because = 'it is not the file that a generator makes; put it back, or take it out of the entry';
  return { ...remake, images: [], because, command: null };
}

/** What the stand-ins mean, for each finding and each image that is to be written. */
function meanings(group: Group, report: KernelReport | null, place: Place): readonly Values[] {
  const names = distinct(
    group.flatMap(({ evidence: { driver, filesystem, module, package: name } }) =>
      texts(driver ?? filesystem ?? module ?? name),
    ),
  );
  const { images } = remakeFor(group, report);
  return group.flatMap(({ kernel, evidence }) => {
    const values: Values = {
      K: texts(kernel),
      NAME: names,
      VERSION: texts(evidence.version),
      WORD: texts(evidence.word),
      PROGRAM: texts(Array.isArray(evidence.programs) ? evidence.programs[0] : undefined),
      MOUNT_POINT: mountWords(evidence, place),
      'VG/LV': texts(evidence.volume),
    };
    return images.length === 0 ? [values] : images.map((image) => ({ ...values, IMAGE: [image] }));
  });
}

/** What to give to mount(8): below another root this machine's fstab says nothing. */
function mountWords({ mount_point: point, spec }: Finding['evidence'], place: Place): readonly string[] {
  if (typeof point !== 'string') return [];
  return isBelow(place) && typeof spec === 'string' ? [spec, `${place.root}${point}`] : [point];
}

function fillCommand(command: string, values: Values): string {
  return typedWords(command)
    .map((word) => fillWord(word, values))
    .join(' ');
}

/** A word that is a stand-in alone may become several; in quotes, or as part of a word, one. */
function fillWord(word: string, values: Values): string {
  if (word.search(STAND_INS) === -1) return word;
  const alone = values[word] ?? [];
  if (alone.length > 0) return alone.map(shellWord).join(' ');
  const bare = word.replace(/"/g, '');
  const filled = bare.replace(STAND_INS, (name) => (values[name] ?? []).join(' ') || name);
  return bare !== word && /^[\w@%+=:,./ -]+$/.test(filled) ? `"${filled}"` : shellWord(filled);
}

function texts(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : [];
}

function distinct(items: readonly string[]): readonly string[] {
  return [...new Set(items)];
}
