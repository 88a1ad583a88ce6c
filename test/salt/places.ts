import { fileURLToPath } from 'node:url';

const below = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** What a site puts into its `file_roots`. */
export const SALT_FILES = below('salt');
/** The root of a sample host. */
export const sheep = (name: 'sound' | 'odd-sheep' | 'drifted-driver' | 'no-filesystem') =>
  below(`examples/sheep/${name}`);
