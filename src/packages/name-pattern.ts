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
