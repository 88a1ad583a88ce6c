/** What an environment block begins with: GRUB saves nothing to a file that does not. */
export const GRUBENV_HEAD = '# GRUB Environment Block\n';

/**
 * A GRUB environment block: 1024 bytes, a first line that names it, `name=value` lines with `\` before a backslash or a
 * newline of the value, then `#` to the end. https://www.gnu.org/software/grub/manual/grub/html_node/Environment-block.html
 */
export function parseGrubenv(text: string): Map<string, string> {
  const variables = new Map<string, string>();
  const joined = text.replace(/\\(\\|\n)/g, (_, escaped: string) => (escaped === '\n' ? '\u0001' : '\u0002'));
  for (const line of joined.split('\n')) {
    const equals = line.indexOf('=');
    if (line.startsWith('#') || equals < 1) continue;
    const value = line
      .slice(equals + 1)
      .replaceAll('\u0001', '\n')
      .replaceAll('\u0002', '\\');
    variables.set(line.slice(0, equals), value);
  }
  return variables;
}
