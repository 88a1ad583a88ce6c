/** What a capture leaves out of the files that it carries: secrets, and what no fact is made of. */
import { parseMountinfo, type Mount } from '../mountinfo.ts';

/** Words of a command line, a configuration or an fstab option whose value is a secret. */
const SECRET =
  /((?:[\w.-]*(?:password|passwd|passphrase|secret)|\bpass|systemd\.set_credential(?:_binary)?)\s*=)[^\s,"']+/gi;
/** grub.cfg: hashes, but of passwords. */
const GRUB_PASSWORD = /^(\s*password(?:_pbkdf2)?\s+\S+\s).*$/gm;
/** What storage is made of, of all that udev keeps. */
const UDEV = /^(?:S:.*|E:ID_FS_(?:TYPE|UUID|LABEL)=.*|E:ID_PART_ENTRY_(?:UUID|NAME)=.*)$/;
/** What volumes are made of, of all that LVM keeps of a group: not who made them, and where. */
const LVM = /^\s*(?:[\w.+-]+ \{|\}|type = "\w+")$/;
const MOUNT_POINTS = new Set(['/', '/usr', '/boot', '/efi', '/boot/efi']);

/** A text without the values of its secrets; each is replaced by `***`. */
export function redactText(text: string): string {
  return text.replace(GRUB_PASSWORD, '$1***').replace(SECRET, '$1***');
}

/** A file as the capture is to carry it. Binary files are left as they are: none that is read holds a secret. */
export function redactFile(path: string, bytes: Buffer): Buffer {
  if (bytes.includes(0)) return bytes;
  const text = bytes.toString('utf8');
  const kept = path.startsWith('/run/udev/data/') ? UDEV : path.startsWith('/etc/lvm/backup/') ? LVM : null;
  if (kept !== null) {
    const lines = text.split('\n').filter((line) => kept.test(line));
    return Buffer.from(`${lines.join('\n')}\n`);
  }
  if (!/^\/(?:etc|boot|efi|proc\/cmdline)/.test(path)) return bytes;
  const redacted = redactText(text);
  return redacted === text ? bytes : Buffer.from(redacted);
}

/** The mounts that facts are made of, as mountinfo; other people's file servers are nobody's business. */
export function redactMountinfo(text: string, select: (mounts: readonly Mount[]) => Mount[]): string {
  const mounts = select(parseMountinfo(text)).filter(({ mountPoint }) => MOUNT_POINTS.has(mountPoint));
  return mounts.map((mount, index) => `${formatMount(mount, index + 1)}\n`).join('');
}

function formatMount({ device, fsRoot, mountPoint, type, source, options }: Mount, id: number): string {
  const shown = options.filter((option) => !/^(?:user(?:name)?|pass(?:word)?)=/.test(option)).join(',');
  const fields = [String(id), '0', device, escape(fsRoot), escape(mountPoint), 'rw', '-', type, escape(source), shown];
  return fields.join(' ');
}

function escape(field: string): string {
  return field.replace(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
