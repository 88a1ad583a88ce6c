import { MAX_READ, wantedOf } from './content-policy.ts';
import type { Wanted } from './content-policy.ts';
import type { ContentSink } from './cpio-parser.ts';
import { readElf, unreadElf } from './elf.ts';
import { readElfBuild } from './elf-build.ts';
import { isElf } from './elf-layout.ts';
import type { FileFacts } from './file-facts.ts';
import { createReservedBuffer } from './reserved-buffer.ts';
import { unreadModule } from './modinfo.ts';
import type { ModuleReader } from './module-reader.ts';
import { detectNestedImage, NESTED_HEAD } from './nested-image.ts';

/** What all kept texts and indexes together may hold. */
const MAX_KEPT = 40 << 20;
/** As much of a script's first line as the kernel reads (BINPRM_BUF_SIZE). */
const SCRIPT_LINE = 256;
/** What is looked at of a file that is neither ELF nor asked for by name. */
const HEAD = Math.max(SCRIPT_LINE, NESTED_HEAD);

const NOTHING = new Uint8Array(0);

export interface ContentReader {
  /**
   * Where the content of the file at `path` goes. `facts` are filled in at its end; those of compressed modules later.
   * `linked`: it has other names too. `sealed`: a checksum covers it.
   */
  open(
    facts: FileFacts,
    path: string,
    size: number,
    about: { readonly linked: boolean; readonly sealed: boolean },
  ): ContentSink;
}

interface Member {
  readonly path: string;
  readonly size: number;
  readonly wanted: Wanted;
  readonly sealed: boolean;
}

/** Reads facts out of files as they come by, one after another, and forgets the bytes. */
export function createContentReader(modules: ModuleReader): ContentReader {
  const gathered = createReservedBuffer(MAX_READ);
  let room = MAX_KEPT;

  const finish = (facts: FileFacts, { path, size, wanted, sealed }: Member, bytes: Uint8Array): void => {
    const whole = bytes.length === size;
    if (wanted.as === 'module') {
      if (whole) modules.read(bytes, wanted.module.compression, facts);
      else facts.module = unreadModule(wanted.module.compression, `${size} bytes are too large to read`);
    }
    if (isElf(bytes)) {
      const build = sealed || wanted.as === 'module' ? null : readElfBuild(bytes);
      const elf = whole ? readElf(bytes) : unreadElf(`${size} bytes are too large to read`);
      facts.elf = build === null ? elf : { ...elf, build };
    }
    const interpreter = scriptInterpreter(bytes);
    if (interpreter !== null) facts.interpreter = interpreter;
    const nested = detectNestedImage(path, bytes);
    if (nested !== null) facts.nested = nested;
    if (wanted.as === 'keep' && facts.elf === undefined && whole && size <= wanted.limit && size <= room) {
      room -= size;
      facts.bytes = Uint8Array.from(bytes);
    }
  };

  return {
    open(facts, path, size, { linked, sealed }) {
      const wanted = wantedOf(path, linked);
      const member = { path, size, wanted, sealed };
      gathered.clear();
      let inOnePiece = false;
      let decided = wanted.as === 'module';
      let most = MAX_READ;
      return {
        write(bytes) {
          if (bytes.length === size && size <= MAX_READ) {
            // As most files are: nothing is copied.
            inOnePiece = true;
            finish(facts, member, bytes);
            return;
          }
          if (gathered.size < most) gathered.append(bytes.subarray(0, most - gathered.size));
          if (decided || gathered.size < 4) return;
          decided = true;
          if (!isElf(gathered.bytes)) most = wanted.as === 'keep' ? Math.max(HEAD, wanted.limit) : HEAD;
        },
        end() {
          if (!inOnePiece) finish(facts, member, size === 0 ? NOTHING : gathered.bytes);
        },
      };
    },
  };
}

/** `#!` interpreter and argument, as execve splits the first line (Linux, fs/binfmt_script.c). */
function scriptInterpreter(bytes: Uint8Array): string | null {
  if (bytes[0] !== 0x23 || bytes[1] !== 0x21) return null;
  const line =
    Buffer.from(bytes.subarray(2, SCRIPT_LINE))
      .toString('utf8')
      .split(/[\n\0]/)[0] ?? '';
  return line.trim();
}
