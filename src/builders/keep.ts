/** What an old image tells of how it was built. */

/**
 * Whether dracut was told to build for one host alone, from the arguments that it keeps in every image
 * (`usr/lib/dracut/build-parameter.txt`: as typed, values in single quotes). The last word counts, as it did then.
 * @returns null where nothing was said: its configuration decided
 */
export function hostonlyAsBuilt(buildParameters: string | null): boolean | null {
  const words = (buildParameters ?? '').match(/'[^']*'|"[^"]*"|[^\s'"]+/g) ?? [];
  let hostonly: boolean | null = null;
  for (const word of words) {
    if (word === '-H' || word === '--hostonly') hostonly = true;
    if (word === '-N' || word === '--no-hostonly') hostonly = false;
  }
  return hostonly;
}
