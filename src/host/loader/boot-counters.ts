/** Whether systemd-boot takes the counter in `name+3-0.conf` for a part of an entry's name. */

/**
 * From version 259 on it leaves the counter out, as `bootctl` always did; before, it did not. The releases between, and
 * later ones of older branches, took the change over at a time that is told only where it was seen.
 *
 * @param version as the loader prints it: `257.13-1~deb13u1`
 * @returns null where that is not known of this version
 */
export function keepsCounters(version: string | null): boolean | null {
  const match = /^(\d+)(?:\.(\d+))?/.exec(version ?? '');
  if (match === null) return null;
  const [major, release] = [Number(match[1]), Number(match[2] ?? 0)];
  if (major >= 259 || (major === 258 && release >= 3) || (major === 257 && release >= 13)) return false;
  if (major <= 254 || (major === 255 && release <= 20)) return true;
  if ((major === 256 && release <= 15) || (major === 257 && release <= 7)) return true;
  return null;
}
