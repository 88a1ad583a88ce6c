import { createCpioParser } from '../../../src/image/cpio-parser.ts';
import type { Member } from './archive.ts';

/** The members of an archive, as a test can put them together again. */
export function membersOf(archive: Uint8Array): readonly Member[] {
  const members: Member[] = [];
  const parser = createCpioParser({
    file(header, path) {
      const pieces: Buffer[] = [];
      return {
        write: (bytes) => pieces.push(Buffer.from(bytes)),
        end: () => members.push({ path, mode: header.mode, body: Buffer.concat(pieces) }),
      };
    },
    symlink: (_, path, link) => members.push({ path, link }),
    node: (_, path) => members.push({ path: `${path}/` }),
    ignored: () => undefined,
    member: () => undefined,
    trailer: () => undefined,
  });
  parser.push(archive);
  return members;
}
