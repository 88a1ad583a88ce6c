import { fileURLToPath } from 'node:url';

/** The sample sheep, and what is true of each. */
export const SHEEP = {
  sound: { verdict: 'healthy', codes: [] },
  'odd-sheep': {
    verdict: 'unhealthy',
    codes: ['driver_missing', 'module_index_empty', 'module_not_indexed', 'modules_missing'],
  },
  'drifted-driver': { verdict: 'unhealthy', codes: ['driver_missing'] },
  'no-filesystem': { verdict: 'unhealthy', codes: ['filesystem_driver_missing'] },
} as const;

export function sheepPath(name: string): string {
  return fileURLToPath(new URL(`../../examples/sheep/${name}`, import.meta.url));
}
