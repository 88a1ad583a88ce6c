/** What becomes of a kept file: it is put back where its place is empty or holds what is worse, else it goes. */
import { readFileSync } from 'node:fs';
import { isCutShort } from '../../boot/cut-short.ts';
import { parseBlsEntry } from '../../host/loader/bls-entry.ts';
import { openTree } from '../../host/tree.ts';
import { readVmlinuz } from '../../host/vmlinuz.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import { dropKept, keptPath, putBack } from '../../system/kept-file.ts';
import { judgedOf, judgeWithImage, look as lookAt, type Judged } from '../look.ts';
import type { Site } from '../mending/with-site.ts';
import { acceptImage } from '../rebuilding/accept-image.ts';
import { inWords } from '../rebuilding/in-words.ts';
import { describeImage, type JudgedImage } from '../rebuilding/image-state.ts';
import { RequestMemory } from '../request-memory.ts';
import { isCopy, look, type PlacedFile } from './plan.ts';

export type KeptFile = Pick<PlacedFile, 'kernel' | 'kind' | 'path' | 'outside'>;

export interface Settlement {
  readonly file: KeptFile;
  /** Why it is put back, in words; null: it goes. */
  readonly back: string | null;
}

/**
 * Decides about files that are kept, and changes nothing. What has to be judged is judged on the host as it is now, whether or not
 * the request's time is up: what was taken away has to come back all the same.
 * @throws BellwetherError those of `look`
 */
export async function settle(site: Pick<Site, 'root'>, kept: readonly KeptFile[]): Promise<readonly Settlement[]> {
  const judge = judgeOnce(site.root);
  return Promise.all(kept.map(async (file) => ({ file, back: await reasonToPutBack(file, judge) })));
}

/** Does what was decided. @throws BellwetherError those of `inWords` */
export async function applySettlements(settlements: readonly Settlement[]): Promise<void> {
  for (const { file, back } of settlements) {
    try {
      if (back === null) await dropKept(file.outside);
      else await putBack(file.outside);
    } catch (error) {
      throw inWords(error, `${file.path} could not be ${back === null ? 'let go' : 'put back'}`, file.path);
    }
  }
}

/** What was put back, and why. */
export function tellSettled(settlements: readonly Settlement[]): readonly string[] {
  return settlements.flatMap(({ file, back }) => (back === null ? [] : [`${file.path} was put back: ${back}`]));
}

async function reasonToPutBack(file: KeptFile, judge: JudgeImage): Promise<string | null> {
  const kept = look(keptPath(file.outside));
  if (kept === null) return null;
  const now = look(file.outside);
  if (now === null) return 'it was gone';
  if (isCopy(kept, now)) return null;
  switch (file.kind) {
    case 'entry':
      return comparesEntry(file);
    case 'kernel':
      return (await isSpoilt(file.outside)) && !(await isSpoilt(keptPath(file.outside))) ? 'it was cut short' : null;
    case 'image':
      return comparesImages(file, judge);
  }
}

/** No command line is ever edited: one that scripts made up is not what the host boots with. */
function comparesEntry({ path, outside }: KeptFile): string | null {
  const read = (file: string) => parseBlsEntry(path, path, readFileSync(file, 'utf8')).fields;
  const [before, now] = [read(keptPath(outside)), read(outside)];
  const options = (fields: typeof now): string => (fields.get('options') ?? []).join('\n');
  const images = (fields: typeof now): number => fields.get('initrd')?.length ?? 0;
  if (images(now) > images(before)) return null;
  if (images(now) < images(before)) return 'it named no image any more';
  return options(now) === options(before) ? null : `its command line had become "${options(now)}"`;
}

async function isSpoilt(outside: string): Promise<boolean> {
  const facts = await readVmlinuz(openTree('/', []), outside);
  return facts === null || isCutShort(facts);
}

type JudgeImage = (kernel: string, outside: string) => Promise<JudgedImage | null>;

async function comparesImages({ kernel, outside }: KeptFile, judge: JudgeImage): Promise<string | null> {
  const before = await judge(kernel, keptPath(outside));
  if (before === null) return null;
  const now = await judge(kernel, outside);
  if (now === null) return 'it could not be read';
  const acceptance = acceptImage({ ...before, before: before.state }, now);
  if (acceptance.accepted) return null;
  return now.faults.length > 0 ? `it had become worse: ${now.faults.join(', ')}` : acceptance.because;
}

/** One look at each kernel, whatever becomes of the request; null for an image that cannot be read. */
function judgeOnce(root: string): JudgeImage {
  const { signal } = new AbortController();
  const memory = new RequestMemory();
  const judged = new Map<string, Promise<Judged>>();
  const judgedAs = async (kernel: string): Promise<Judged> =>
    judgedOf(await lookAt({ root, params: { kernels: [kernel] } }, signal, memory), kernel);
  return async (kernel, outside) => {
    const known = judged.get(kernel) ?? judgedAs(kernel);
    judged.set(kernel, known);
    try {
      const { facts, judgement } = await judgeWithImage(await known, outside, signal, memory);
      return describeImage(facts, judgement);
    } catch (error) {
      if (error instanceof BellwetherError && error.code === 'image_unreadable') return null;
      throw error;
    }
  };
}
