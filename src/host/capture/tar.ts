/** Writes a tar archive: ustar headers, pax records where a name does not fit (POSIX.1-2017, pax, "ustar Interchange Format"). */
export type TarMember =
  | { readonly type: 'directory'; readonly path: string }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string }
  | {
      readonly type: 'file';
      readonly path: string;
      /** Seconds since the epoch. */
      readonly mtime: number;
      /** Bytes; the body yields as many, or is cut and filled up to it. */
      readonly size: number;
      readonly body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
    };

const BLOCK = 512;
const TYPES = { file: '0', symlink: '2', directory: '5', pax: 'x' } as const;

function header(
  name: string,
  type: keyof typeof TYPES,
  fields: { size?: number; mtime?: number; target?: string },
): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
  block.write(name.slice(0, 100), 0, 'latin1');
  block.write(octal(type === 'directory' ? 0o755 : 0o644, 8), 100, 'latin1');
  block.write(octal(0, 8), 108, 'latin1');
  block.write(octal(0, 8), 116, 'latin1');
  block.write(octal(fields.size ?? 0, 12), 124, 'latin1');
  block.write(octal(Math.max(0, fields.mtime ?? 0), 12), 136, 'latin1');
  block.write(' '.repeat(8), 148, 'latin1');
  block.write(TYPES[type], 156, 'latin1');
  block.write((fields.target ?? '').slice(0, 100), 157, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);

/** `length key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

const fits = (name: string): boolean => name.length <= 100 && /^[\x20-\x7e]*$/.test(name);

/** The headers of one member: a pax one before it where its names do not fit. */
function headers(member: TarMember): Buffer[] {
  const name = member.path.replace(/^\/+/, '') + (member.type === 'directory' ? '/' : '');
  const target = member.type === 'symlink' ? member.target : '';
  const records = [
    ...(fits(name) ? [] : [paxRecord('path', name)]),
    ...(fits(target) ? [] : [paxRecord('linkpath', target)]),
  ];
  const own = header(name, member.type, {
    target,
    ...(member.type === 'file' ? { size: member.size, mtime: member.mtime } : {}),
  });
  if (records.length === 0) return [own];
  const pax = Buffer.concat(records);
  return [header('pax', 'pax', { size: pax.length }), pax, padding(pax.length), own];
}

/** The bytes of an archive of these members, in their order. */
export async function* writeTar(members: Iterable<TarMember>): AsyncGenerator<Uint8Array> {
  for (const member of members) {
    yield* headers(member);
    if (member.type !== 'file') continue;
    let left = member.size;
    for await (const chunk of member.body) {
      if (left === 0) break;
      const part = chunk.subarray(0, left);
      left -= part.length;
      yield part;
    }
    if (left > 0) yield Buffer.alloc(left); // the file shrank while it was read
    yield padding(member.size);
  }
  yield Buffer.alloc(2 * BLOCK);
}
