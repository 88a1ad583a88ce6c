/** How room is made on /boot. No command that chooses for itself which kernels go. */
export const MAKE_ROOM_ON_BOOT =
  'Have the backups cleared that bellwether keeps of kernels that are gone: `bellwether rebuild`. Remove what else is left of such kernels, then old kernels by name with the package manager: none that boots next, runs or is locked.';
