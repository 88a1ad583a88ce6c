import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { BellwetherError } from '../protocol/errors.ts';
import { codeOf, messageOf } from './error-text.ts';

export interface OpenFile {
  readonly descriptor: number;
  readonly path: string;
  readonly size: number;
  /** Seconds. */
  readonly mtime: number;
}

/**
 * Opens a regular file for reading, and nothing else: never waits for a FIFO's writer, never wakes a device.
 * @throws BellwetherError `image_unreadable`
 */
export function openRegularFile(path: string): OpenFile {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (cause) {
    throw refuse(path, reasonOf(cause), cause);
  }
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) {
    closeSync(descriptor);
    throw refuse(path, `it is ${kindOf(stats)}`);
  }
  return { descriptor, path, size: stats.size, mtime: Math.floor(stats.mtimeMs / 1000) };
}

function refuse(path: string, reason: string, cause?: unknown): BellwetherError {
  return new BellwetherError('image_unreadable', `${path} cannot be read as an image: ${reason}`, {
    at: { path },
    cause,
  });
}

function reasonOf(cause: unknown): string {
  switch (codeOf(cause)) {
    case 'ENOENT':
      return 'there is no such file';
    case 'ENOTDIR':
      return 'part of its path is no folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'ENXIO':
      return 'it is a socket or a device that is not there';
    case 'ELOOP':
      return 'its symlinks loop';
    default:
      return messageOf(cause);
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isBlockDevice() || stats.isCharacterDevice()) return 'a device';
  return 'no regular file';
}
