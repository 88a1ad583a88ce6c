/** Whether a lock is on any of these packages; on any package at all where none is named. */
export function isOnAny(names: readonly string[] | undefined, { name: pattern }: { readonly name: string }): boolean {
  return names?.some((name) => patternMatches(pattern, name)) ?? true;
}

/** Whether a shell pattern (`*`, `?`, `[…]`), as lock files hold them, takes in a package's name. */
export function patternMatches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.')
    .replace(/\[!/g, '[^');
  try {
    return new RegExp(`^${source}$`).test(name);
  } catch {
    return pattern === name; // a bracket that is never closed stands for itself
  }
}
