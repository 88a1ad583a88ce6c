// @ts-check
// Python environments with the real Salt and the real Ansible, one for each version that we promise to work with.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { cachePath } from './cache.mjs';
import { run, runOnline } from './command.mjs';

/**
 * What each environment holds: the exact versions that were seen to install, and the Pythons they run on.
 * @type {Record<string, {packages: readonly string[], pythons: readonly string[], constraint?: string}>}
 */
export const VENVS = {
  // 3006's own build wants the pkg_resources that setuptools 69 and later no longer bring.
  'salt-3006': { packages: ['salt==3006.28'], pythons: ['3.11', '3.10'], constraint: 'setuptools<69' },
  'salt-3008': { packages: ['salt==3008.3'], pythons: ['3.11'] },
  'ansible-2.16': { packages: ['ansible-core==2.16.19'], pythons: ['3.11', '3.10', '3.12'] },
  'ansible-2.19': { packages: ['ansible-core==2.19.14'], pythons: ['3.11', '3.12', '3.13'] },
};

/** @param {string} name */
export const recipe = (name) => JSON.stringify(VENVS[name]);

/**
 * Whether the environment is there with just these versions.
 * @param {string} name
 */
export async function isDone(name) {
  const script =
    'import importlib.metadata as m, sys; [sys.exit(1) for p in sys.argv[1:] if m.version(p.split("==")[0]) != p.split("==")[1]]';
  return run(cachePath('venv', name, 'bin/python'), ['-c', script, ...wanted(name).packages]).then(
    () => true,
    () => false,
  );
}

/** @param {string} name */
export async function make(name) {
  const { packages, pythons, constraint } = wanted(name);
  const python = findPython(pythons);
  if (python === null) throw new Error(`none of Python ${pythons.join(', ')} is on PATH or in ~/.pyenv/versions`);
  const dir = cachePath('venv', name);
  rmSync(dir, { recursive: true, force: true });
  await run(python, ['-m', 'venv', dir]);
  /** @type {Record<string, string>} */
  const env = {};
  if (constraint !== undefined) {
    env.PIP_CONSTRAINT = join(dir, 'constraint.txt');
    writeFileSync(env.PIP_CONSTRAINT, `${constraint}\n`);
  }
  const pip = join(dir, 'bin/pip');
  await runOnline(pip, ['install', '--quiet', '--disable-pip-version-check', ...packages], { env });
}

/** @param {string} name */
function wanted(name) {
  const venv = VENVS[name];
  if (venv === undefined) throw new Error(`no environment is called ${name}`);
  return venv;
}

/**
 * A real interpreter binary of one of these versions, never a pyenv shim: those fail without its environment.
 * @param {readonly string[]} versions
 */
function findPython(versions) {
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const installed = existsSync(pyenv) ? readdirSync(pyenv) : [];
  const path = (process.env.PATH ?? '').split(delimiter).filter((dir) => !dir.endsWith('/shims'));
  for (const version of versions) {
    const candidates = [
      ...path.map((dir) => join(dir, `python${version}`)),
      ...installed
        .filter((name) => name.startsWith(`${version}.`))
        .map((name) => join(pyenv, name, 'bin', `python${version}`)),
    ];
    const found = candidates.find((candidate) => existsSync(candidate));
    if (found !== undefined) return found;
  }
  return null;
}
