/**
 * What to do about a full /boot. No command that chooses for itself: `dnf remove --oldinstallonly` spares the running
 * kernel alone, which in a rescue system is none of the host's.
 */
export const MAKE_ROOM =
  'remove what is left of kernels that are gone (images and *.bellwether-backup), then old kernels by name with the package manager: none that boots next, runs or is locked';
