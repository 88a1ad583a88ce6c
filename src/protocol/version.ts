/** The version of this program; the same as package.json's (a test holds them together). */
export const VERSION = '0.1.0';

/** Protocol versions that `call` speaks. */
export const PROTOCOLS = [1] as const;
