import { randomBytes } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { BellwetherError } from '../protocol/errors.ts';
import { errorCode } from './error-code.ts';

/** By order of preference: what lies in memory is not full when a disk is. */
const FOLDERS = ['/run', '/dev/shm', '/tmp'] as const;
const LOOK_AGAIN_MS = 50;
const PIECE = 1 << 16;

/** Where a program prints that is to outlive us: a pipe would end it, at its next word, when its reader is gone. */
export interface FollowedOutput {
  /** Descriptors for the program's stdout and stderr. */
  readonly descriptors: readonly [stdout: number, stderr: number];
  /** What it prints there, as it comes; they end some time after `ended`. */
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** To be called when the program has ended, or was never started. */
  readonly ended: () => void;
}

/**
 * Two files without a name, which are followed: nothing is left of them when the last who has them open has ended.
 * @throws BellwetherError `not_permitted` where no file can be made
 */
export async function followOutput(): Promise<FollowedOutput> {
  const stdout = await openNameless();
  const stderr = await openNameless();
  const state = { ended: false };
  const read = (file: FileHandle): Readable => Readable.from(follow(file, state), { objectMode: false });
  return {
    descriptors: [stdout.fd, stderr.fd],
    stdout: read(stdout),
    stderr: read(stderr),
    ended: () => {
      state.ended = true;
    },
  };
}

async function openNameless(): Promise<FileHandle> {
  let cause: unknown;
  for (const folder of FOLDERS) {
    const path = join(folder, `.bellwether-output-${randomBytes(8).toString('hex')}`);
    try {
      const file = await open(path, 'ax+', 0o600);
      await unlink(path);
      return file;
    } catch (error) {
      if (errorCode(error) === null) throw error;
      cause = error;
    }
  }
  throw new BellwetherError('not_permitted', `nothing can be written in ${FOLDERS.join(', ')}: ${String(cause)}`, {
    hint: 'run it as root',
    cause,
  });
}

async function* follow(file: FileHandle, state: { readonly ended: boolean }): AsyncGenerator<Buffer> {
  try {
    for (let position = 0; ;) {
      const { ended } = state; // before the read: what was written until then is seen
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE), 0, PIECE, position);
      position += bytesRead;
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      else if (ended) return;
      else await sleep(LOOK_AGAIN_MS);
    }
  } finally {
    await file.close();
  }
}
