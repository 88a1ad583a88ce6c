import type { ContentReader } from './content-reader.ts';
import type { MemberSink } from './cpio-parser.ts';
import type { Rootfs } from './rootfs.ts';
import type { SegmentList } from './segment-list.ts';

/** Members, and bytes of their names, that no real image has: each costs memory. */
const MAX_MEMBERS = 262_144;
const MAX_NAMES = 64 << 20;

export interface MemberSinkParts {
  readonly rootfs: Rootfs;
  readonly content: ContentReader;
  readonly segments: SegmentList;
  /** Whether a checksum covers what is read now. */
  readonly sealed: () => boolean;
  readonly ignored: (name: string, why: string) => void;
  readonly tooMany: (what: string) => void;
  /** A member after a trailer: another archive begins at `at`. */
  readonly nextArchive: (at: number) => void;
}

/** Puts an archive's members into the root file system, and their content where facts are read from it. */
export function createMemberSink({
  rootfs,
  content,
  segments,
  sealed,
  ignored,
  tooMany,
  nextArchive,
}: MemberSinkParts): MemberSink {
  let members = 0;
  let names = 0;
  /** Whether there is room for one more. */
  const count = (name: string, target = ''): boolean => {
    segments.member(name);
    members++;
    names += name.length + target.length;
    if (members > MAX_MEMBERS) tooMany(`more than ${MAX_MEMBERS} members: reading stopped`);
    else if (names > MAX_NAMES) tooMany(`names of more than ${MAX_NAMES} bytes: reading stopped`);
    return members <= MAX_MEMBERS && names <= MAX_NAMES;
  };
  const tell = (name: string, refusal: string | null): void => {
    if (refusal !== null) ignored(name, refusal);
  };

  return {
    member(at) {
      if (segments.trailerSeen) nextArchive(at);
    },
    file(header, name) {
      if (!count(name)) return null;
      const opened = rootfs.openFile(header, name, segments.index);
      if (typeof opened === 'string') {
        ignored(name, opened);
        return null;
      }
      const { inode, place } = opened;
      if (header.size === 0 && inode.size > 0) return null; // another name of a file that has its content
      const path = place.path === '' ? place.name : `${place.path}/${place.name}`;
      return content.open(inode.facts, path, header.size, { linked: header.nlink >= 2, sealed: sealed() });
    },
    symlink(header, name, target) {
      if (count(name, target)) tell(name, rootfs.makeSymlink(header, name, target, segments.index));
    },
    node(header, name) {
      if (count(name)) tell(name, rootfs.makeNode(header, name, segments.index));
    },
    ignored(name, why) {
      if (count(name)) ignored(name, why);
    },
    trailer() {
      segments.trailer();
      rootfs.forgetLinks();
    },
  };
}
