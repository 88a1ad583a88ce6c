import { open, rm, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { BellwetherError } from '../../protocol/errors.ts';
import { errorCode } from '../tree.ts';
import { captureHost, type CaptureOptions } from './capture-host.ts';

/**
 * Writes a captured tree to a new file, gzipped where its name ends in `.gz` or `.tgz`. Only its owner may read the file.
 * @throws BellwetherError `bad_usage` where the file is there already or its folder is not, `not_permitted` where it cannot be written, for want of room, too; what
 * `readHost` throws
 */
export async function writeCapture(root: string, file: string, options: CaptureOptions): Promise<void> {
  const handle = await create(file);
  try {
    const archive = Readable.from(captureHost(root, options));
    const out = handle.createWriteStream();
    const { signal } = options;
    const until = signal === undefined ? {} : { signal };
    await (/\.t?gz$/.test(file) ? pipeline(archive, createGzip(), out, until) : pipeline(archive, out, until));
  } catch (error) {
    await rm(file, { force: true }); // half an archive is of no use
    throw options.signal?.aborted === true ? options.signal.reason : inWords(error, file);
  } finally {
    await handle.close();
  }
}

/** A failed system call in words; anything else as it is. */
function inWords(error: unknown, file: string): unknown {
  const code = error instanceof BellwetherError ? null : errorCode(error);
  if (code === null || !(error instanceof Error) || !('syscall' in error)) return error;
  return new BellwetherError('not_permitted', `the capture cannot be written to "${file}": ${error.message}`, {
    ...(code === 'ENOSPC' || code === 'EDQUOT' ? { hint: 'make room there, or leave the images out' } : {}),
    at: { path: file },
    cause: error,
  });
}

const HINTS: ReadonlyMap<string, string> = new Map([
  ['EEXIST', 'name a file that is not there yet'],
  ['ENOENT', 'name a file in a folder that is there'],
  ['ENOTDIR', 'name a file in a folder that is there'],
]);

async function create(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (error) {
    const reason = errorCode(error);
    if (reason === null) throw error;
    const hint = HINTS.get(reason);
    throw new BellwetherError(
      hint === undefined ? 'not_permitted' : 'bad_usage',
      `the capture cannot be written to "${file}": ${reason}`,
      { ...(hint === undefined ? {} : { hint }), at: { path: file }, cause: error },
    );
  }
}
