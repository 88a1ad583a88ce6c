import { closeSync } from 'node:fs';
import { BellwetherError } from '../protocol/errors.ts';
import { codeOf, messageOf } from './error-text.ts';
import { joinExtents } from './image-bytes.ts';
import { partsOfFile } from './image-file.ts';
import { readImageBytes } from './image-facts.ts';
import { openRegularFile } from './open-file.ts';
import type { OpenFile } from './open-file.ts';
import type { ImageFacts, ReadImageOptions } from './types.ts';

/**
 * Reads an image in one pass, without writing anything: what the kernel would unpack, and what the checks ask of it.
 * @param paths the initrds of one entry in loading order, each padded to 4 bytes as the loader does; a UKI among them gives its `.ucode` and `.initrd`
 * @returns facts; whatever a hostile image holds ends in their `problems`
 * @throws BellwetherError `image_unreadable` where a file cannot be opened or read at all, `timed_out` where `signal` cut it off
 */
export async function readImage(paths: readonly string[], options: ReadImageOptions = {}): Promise<ImageFacts> {
  const opened: OpenFile[] = [];
  try {
    for (const path of paths) opened.push(openRegularFile(path));
    return await readOpened(opened, options);
  } catch (error) {
    if (codeOf(error) === null) throw error;
    const path = paths.join(', ');
    throw new BellwetherError('image_unreadable', `${path} cannot be read: ${messageOf(error)}`, {
      at: { path },
      cause: error,
    });
  } finally {
    for (const { descriptor } of opened) closeSync(descriptor);
  }
}

async function readOpened(opened: readonly OpenFile[], options: ReadImageOptions): Promise<ImageFacts> {
  const parts = opened.map(partsOfFile);
  const image = joinExtents(parts.flatMap(({ extents }) => extents));
  const facts = await readImageBytes(image, options);
  return {
    ...facts,
    files: opened.map(({ path, size, mtime }) => ({ path, size, mtime })),
    uki: parts.find(({ uki }) => uki !== null)?.uki ?? null,
    problems: [...parts.flatMap(({ problems }) => problems), ...facts.problems],
  };
}
