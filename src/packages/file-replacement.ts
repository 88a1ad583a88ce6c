/** `$1` is the file; nothing else is part of the script. A reader sees the old file or the whole new one. */
const REPLACE = `set -e
new="$1.bellwether-new"
trap 'rm -f -- "$new"' EXIT
cat > "$new"
chmod --reference="$1" -- "$new" 2>/dev/null || chmod 644 -- "$new"
sync -- "$new"
mv -f -- "$new" "$1"`;

/** The command that puts its input in place of a small file on the host, at once. */
export function fileReplacement(file: string): readonly [string, ...string[]] {
  return ['/bin/sh', '-c', REPLACE, 'sh', file];
}
