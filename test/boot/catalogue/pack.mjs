// @ts-check
// Compression by the real programs, and small archives to put beside an image.
import { spawnSync } from 'node:child_process';
import { writeMembers } from '../newc.mjs';
import { withFile } from './edit.mjs';

const PROGRAMS = /** @type {const} */ ({
  gzip: ['gzip', '-1', '-n'],
  zstd: ['zstd', '-q', '-1', '--no-check'],
  'zstd with a checksum': ['zstd', '-q', '-1', '--check'],
  xz: ['xz', '-1', '-T1'],
  'xz crc32': ['xz', '-1', '-T1', '--check=crc32'],
  'xz without a check': ['xz', '-1', '-T1', '--check=none'],
  lzma: ['xz', '-1', '--format=lzma'],
  lz4: ['lz4', '-q', '-1'],
  'lz4 legacy': ['lz4', '-q', '-1', '-l'],
  bzip2: ['bzip2', '-1'],
  lzop: ['lzop', '-q', '-1'],
});

/**
 * @param {Buffer} bytes
 * @param {keyof typeof PROGRAMS} how
 * @returns {Buffer}
 */
export function packed(bytes, how) {
  const [program, ...args] = PROGRAMS[how];
  return piped(bytes, program, args);
}

/** @param {Buffer} bytes */
export const unpackedXz = (bytes) => piped(bytes, 'xz', ['-dc']);

/**
 * @param {Buffer} bytes
 * @param {string} program
 * @param {readonly string[]} args
 */
function piped(bytes, program, args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { input: bytes, maxBuffer: 2 ** 30 });
  if (error !== undefined || status !== 0)
    throw new Error(`${program} ended with ${status}: ${error?.message ?? stderr.toString()}`);
  return stdout;
}

/** What microcode comes in, as far as the kernel's unpacker is concerned. */
export const EARLY = writeMembers(withFile([], 'kernel/x86/microcode/GenuineIntel.bin', Buffer.alloc(2048, 0x5a)));

/** An archive with a file that nobody asks for. */
export const NOTE = writeMembers(withFile([], 'etc/lab-note', 'nothing\n'));

/**
 * An archive with one file of zeros, compressed.
 * @param {number} size
 */
export function zerosPacked(size) {
  return packed(writeMembers(withFile([], 'lab-zeros', Buffer.alloc(size))), 'zstd');
}
