import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cachePath, whyNot } from '../setup/cache.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';

/** The ansible-core releases that the collection is promised to work with, each in an environment of its own. */
export const RELEASES = ['2.16', '2.19'] as const;
export type Release = (typeof RELEASES)[number];

/** The Pythons of the hosts that each release is tried with: 2.16 is the last to manage hosts that have 2.7 or 3.6. */
export const PYTHONS = { '2.16': ['2.7', '3.6', '3.11'], '2.19': ['3.11'] } as const;
export type Python = (typeof PYTHONS)[Release][number];

/** The folder of the release's own programs: `ansible-playbook`, `ansible-galaxy`, `ansible-test`… */
export const programsOf = (release: Release) => join(cachePath('venv', `ansible-${release}`), 'bin');

/** Why nothing can be run with this release on throwaway hosts here, or null. */
export const whyNoRelease = (release: Release) => whyNot(`venv-ansible-${release}`) ?? whyNoOverlay();

/** Why a host with this Python cannot be had here, or null. */
export const whyNoPython = (version: Python) => (findPython(version) === null ? `there is no Python ${version}` : null);

/** A real interpreter binary of this version, or null. */
export function findPython(version: string): string | null {
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const installed = existsSync(pyenv) ? readdirSync(pyenv) : [];
  const places = [
    ...installed.filter((name) => name.startsWith(`${version}.`)).map((name) => join(pyenv, name, 'bin')),
    '/usr/local/bin',
    '/usr/bin',
  ];
  return places.map((place) => join(place, `python${version}`)).find((path) => existsSync(path)) ?? null;
}
