import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readImage } from '../../../src/image/read-image.ts';
import type { ImageFacts, ReadImageOptions } from '../../../src/image/types.ts';

/** A member as a test needs it: a path ending in `/` is a directory, `link` makes a symlink, else a file. */
export interface Member {
  readonly path: string;
  readonly body?: string | Uint8Array;
  readonly link?: string;
  readonly mode?: number;
  readonly ino?: number;
  readonly nlink?: number;
  readonly checksum?: number;
  /** What the header says, where it lies. */
  readonly claimedSize?: number;
  readonly claimedNameSize?: number;
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');

/** One newc archive, with its trailer unless told. */
export function cpio(members: readonly Member[], { trailer = true }: { readonly trailer?: boolean } = {}): Buffer {
  const all = trailer ? [...members, { path: 'TRAILER!!!', mode: 0 }] : members;
  return Buffer.concat(all.map(memberBytes));
}

function memberBytes(member: Member, index: number): Buffer {
  const directory = member.path.endsWith('/');
  const name = Buffer.from(`${directory ? member.path.slice(0, -1) : member.path}\0`);
  const body = Buffer.from(member.link ?? member.body ?? '');
  const mode = member.mode ?? (directory ? 0o040755 : member.link === undefined ? 0o100644 : 0o120777);
  const fields = [
    member.ino ?? index + 1,
    mode,
    0,
    0,
    member.nlink ?? 1,
    1_700_000_000,
    member.claimedSize ?? body.length,
    0,
    0,
    0,
    0,
    member.claimedNameSize ?? name.length,
    member.checksum ?? 0,
  ];
  const magic = member.checksum === undefined ? '070701' : '070702';
  return Buffer.concat([pad(Buffer.concat([Buffer.from(magic + fields.map(hex).join('')), name])), pad(body)]);
}

/** NULs up to a multiple of `to`. */
export function pad(bytes: Uint8Array, to = 4): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((to - (bytes.length % to)) % to)]);
}

/** Reads an image from its bytes; several buffers are several initrds of one entry. */
export async function readBytes(
  images: Uint8Array | readonly Uint8Array[],
  options: ReadImageOptions = {},
): Promise<ImageFacts> {
  const folder = mkdtempSync(join(tmpdir(), 'bellwether-image-'));
  try {
    const paths = (images instanceof Uint8Array ? [images] : images).map((bytes, index) => {
      const path = join(folder, `${index}.img`);
      writeFileSync(path, bytes);
      return path;
    });
    return await readImage(paths, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Kinds of problems, in order. */
export const kindsOf = (facts: ImageFacts): readonly string[] => facts.problems.map(({ kind }) => kind);
