/** What of the host is there and could not be had: without root, or because a disk fails. */
import type { Unread } from '../host/types.ts';
import type { BootFacts } from './types.ts';

/** The first path on record that was asked for and refused, of those that matter; null where none was. */
export function refused({ host }: BootFacts, matters: (path: string) => boolean): Unread | null {
  return host.unread.find(({ what }) => what.startsWith('/') && matters(what)) ?? null;
}

/** Why the command line may be another than it seems: something that the loader goes by was refused. Null: nothing was. */
export function unreadLoader({ host }: BootFacts): string | null {
  const found = host.unread.find(({ part, what }) => part === 'loader' && /^\/(?:boot|efi)(?:\/|$)/.test(what));
  return found === undefined ? null : inWords(found);
}

/** Why what modules K has is not known; null where all that was asked for could be had. */
export function unreadModules(facts: BootFacts): string | null {
  const { kernel } = facts.kernel;
  const folders = ['/usr/lib/modules', '/lib/modules'];
  const found = refused(facts, (path) =>
    folders.some(
      (at) =>
        path === at || path === `${at}/${kernel}` || (path.startsWith(`${at}/${kernel}/`) && !path.includes('.ko')),
    ),
  );
  return found === null ? null : inWords(found);
}

export function inWords({ what, reason }: Unread): string {
  return `${what}: ${reason}`;
}
