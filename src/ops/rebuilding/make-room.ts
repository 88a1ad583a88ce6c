/** Kernels that are named. */
const NAMED = 5;

/**
 * What to do about a full /boot, for an error. No command that chooses for itself: `dnf remove --oldinstallonly` spares the
 * running kernel alone, which in a rescue system is none of the host's.
 * @param oldKernels that may go, oldest first
 */
export function makeRoom(oldKernels: readonly string[]): {
  readonly hint: string;
  readonly at: { readonly old_kernels: readonly string[] };
} {
  const named = oldKernels.slice(0, NAMED);
  const more = oldKernels.length - named.length;
  const here = named.length === 0 ? '' : ` (here ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''})`;
  return {
    hint: `remove what is left of kernels that are gone, then old kernels by name with the package manager${here}: none that boots next, runs, is the newest or is locked`,
    at: { old_kernels: named },
  };
}
