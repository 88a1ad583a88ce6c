/**
 * Files of `KEY=value` lines in shell syntax, as os-release(5) and /etc/default/grub are: values may be quoted, the
 * last assignment wins. Nothing is expanded.
 */
export function parseAssignments(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) found.set(match[1], unquote(match[2].trim()));
  }
  return found;
}

function unquote(value: string): string {
  const single = /^'([^']*)'/.exec(value);
  if (single?.[1] !== undefined) return single[1];
  const double = /^"((?:[^"\\]|\\.)*)"/.exec(value);
  if (double?.[1] !== undefined) return double[1].replace(/\\(["\\$`])/g, '$1');
  return value.replace(/\s+#.*$/, '');
}
