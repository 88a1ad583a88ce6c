/** What a kernel file says of itself, from its headers. */
import { createHash, createHmac } from 'node:crypto';
import { certificatesEnd } from './certificate-table.ts';
import { boolean, nullable, number, object, text } from './derived-shape.ts';
import { FORMAT_HEAD, isKernel, leastSize, peHeader } from './kernel-format.ts';
import { unpackKernel, versionInKernel } from './kernel-payload.ts';
import { isFile, type HostTree } from './tree.ts';
import type { VmlinuzFacts } from './types.ts';

const WHOLE = 256 * 1024 * 1024;
/** The key that sha512hmac of hmaccalc and libkcapi uses: no secret, it only names the tool. */
const HMAC_KEY = 'FIPS-FTW-RHEL2009';

const INSIDE = object({ version: nullable(text), arch: nullable(text), signed: nullable(boolean) });

/** Reads the head of a kernel file. Whether its HMAC matches takes the whole file: `readInside`. */
export async function readVmlinuz(tree: HostTree, path: string): Promise<VmlinuzFacts | null> {
  const stat = tree.stat(path);
  if (stat === null) return null;
  let read: Buffer | null | undefined;
  const headOf = (plain: HostTree): Buffer | null => {
    if (read === undefined) read = plain.bytes(path, FORMAT_HEAD);
    return read;
  };
  const inside = await tree.derive(`vmlinuz:${path}`, nullable(INSIDE), (plain) => {
    const head = headOf(plain);
    return Promise.resolve(head === null ? null : parseKernelHead(head, stat.size));
  });
  const least = await tree.derive(`vmlinuz size:${path}`, nullable(number), (plain) => {
    const head = headOf(plain);
    return Promise.resolve(head === null ? null : leastSize(head));
  });
  // What tells its version or its architecture is a kernel: nothing more needs to be read.
  const known = inside !== null && (inside.version !== null || inside.arch !== null);
  const format = known
    ? true
    : await tree.derive(`vmlinuz format:${path}`, nullable(boolean), (plain) => {
        const head = headOf(plain);
        return Promise.resolve(head === null ? null : isKernel(head));
      });
  const beside = `${path.slice(0, path.lastIndexOf('/'))}/.${path.slice(path.lastIndexOf('/') + 1)}.hmac`;
  return {
    path,
    size: stat.size,
    least,
    isKernel: format,
    mtime: stat.mtime,
    ...(inside ?? { version: null, arch: null, signed: null }),
    hmac: isFile(tree, beside) ? { path: beside, matches: null } : null,
  };
}

/**
 * The same facts with what takes the whole file: the version of kernels that keep it in their compressed part, and,
 * for FIPS, whether the HMAC file beside the kernel matches.
 */
export async function readInside(tree: HostTree, facts: VmlinuzFacts, fips: boolean): Promise<VmlinuzFacts> {
  const { hmac, path } = facts;
  const version =
    facts.version ??
    (await tree.derive(`version:${path}`, nullable(text), async (plain) => {
      const bytes = plain.bytes(path, WHOLE);
      const kernel = bytes === null ? null : await unpackKernel(bytes);
      return kernel === null ? null : versionInKernel(kernel);
    }));
  if (hmac === null || !fips) return { ...facts, version };
  const matches = await tree.derive(`hmac:${path}`, nullable(boolean), (plain) =>
    Promise.resolve(hmacMatches(plain, path, hmac.path)),
  );
  return { ...facts, version, hmac: { ...hmac, matches } };
}

/** Whether the file's first word is the kernel's HMAC-SHA-512 (or its bare SHA-512); null where it is neither's length. */
function hmacMatches(tree: HostTree, path: string, hmacPath: string): boolean | null {
  const expected = /^[0-9a-f]+/i.exec(tree.text(hmacPath) ?? '')?.[0].toLowerCase();
  const bytes = expected?.length === 128 ? tree.bytes(path, WHOLE) : null;
  if (bytes === null) return null;
  const hmac = createHmac('sha512', HMAC_KEY).update(bytes).digest('hex');
  return expected === hmac || expected === createHash('sha512').update(bytes).digest('hex');
}

export type KernelHead = Readonly<{
  version: string | null;
  arch: string | null;
  signed: boolean | null;
}>;

/**
 * Version, architecture and signature of a kernel from its first bytes.
 * x86: https://www.kernel.org/doc/html/latest/arch/x86/boot.html; arm64: …/arch/arm64/booting.html; PE for EFI stubs.
 * Other architectures keep the version inside the compressed part: null.
 * @param size of the whole file
 */
export function parseKernelHead(head: Buffer, size: number): KernelHead {
  const pe = parsePe(head, size);
  const setup = head.length > 0x250 && head.toString('latin1', 0x202, 0x206) === 'HdrS';
  if (setup) {
    const is64 = head.readUInt16LE(0x206) < 0x20c || (head.readUInt16LE(0x236) & 1) === 1;
    return { version: x86Version(head), arch: is64 ? 'x86_64' : 'i686', signed: pe?.signed ?? null };
  }
  if (head.length > 64 && head.toString('latin1', 56, 60) === 'ARM\x64')
    return { version: null, arch: 'aarch64', signed: pe?.signed ?? null };
  if (head.length > 64 && head.toString('latin1', 56, 60) === 'RSC\x05')
    return { version: null, arch: 'riscv64', signed: pe?.signed ?? null };
  return { version: null, arch: pe?.arch ?? elfArch(head), signed: pe?.signed ?? null };
}

/** u16 at 0x20e, plus 0x200: a string that starts with what `uname -r` prints. */
function x86Version(head: Buffer): string | null {
  const pointer = head.readUInt16LE(0x20e);
  if (pointer === 0) return null;
  const start = pointer + 0x200;
  const end = head.indexOf(0, start);
  if (end <= start) return null;
  const word = head.toString('latin1', start, end).split(' ')[0] ?? '';
  return /^[\x21-\x7e]{1,128}$/.test(word) ? word : null;
}

const PE_MACHINES = new Map([
  [0x8664, 'x86_64'],
  [0x14c, 'i686'],
  [0xaa64, 'aarch64'],
  [0x5064, 'riscv64'],
  [0x6264, 'loongarch64'],
]);

const ELF_MACHINES = new Map([
  [62, 'x86_64'],
  [3, 'i686'],
  [183, 'aarch64'],
  [40, 'armv7l'],
  [243, 'riscv64'],
  [22, 's390x'],
  [258, 'loongarch64'],
]);

/** `uname -m` of an ELF file's machine; null for what is no ELF file. */
export function elfArch(head: Buffer): string | null {
  if (head.length < 20 || head.readUInt32BE(0) !== 0x7f454c46) return null;
  const little = head[5] === 1;
  const machine = little ? head.readUInt16LE(18) : head.readUInt16BE(18);
  if (machine === 21) return little ? 'ppc64le' : 'ppc64';
  return ELF_MACHINES.get(machine) ?? null;
}

/** Signed, by whomever, is what has a table of signatures that is not empty and lies within the file. */
function parsePe(head: Buffer, size: number): { arch: string | null; signed: boolean } | null {
  const at = peHeader(head);
  if (at === null || at + 200 > head.length) return null;
  const end = certificatesEnd(head, at);
  return { arch: PE_MACHINES.get(head.readUInt16LE(at + 4)) ?? null, signed: end !== null && end <= size };
}
