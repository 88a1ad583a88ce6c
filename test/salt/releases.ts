import { join } from 'node:path';
import { cachePath } from '../setup/cache.mjs';

/** The Salt releases that the bridge is promised to work with, each in an environment of its own. */
export const RELEASES = ['3006', '3008'] as const;
export type Release = (typeof RELEASES)[number];

/** The set-up step that makes a release's environment. */
export const stepOf = (release: Release) => `venv-salt-${release}`;

/** One of the release's own programs: `salt-call`, `salt-master`… */
export const programOf = (release: Release, name: string) => join(cachePath('venv', `salt-${release}`), 'bin', name);
