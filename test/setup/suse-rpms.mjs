// @ts-check
// A repository as a SUSE host has it: its kernel in four builds, and the two builds of kmod that the EL repository has.
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachePath } from './cache.mjs';
import { run } from './command.mjs';
import * as rpms from './rpms.mjs';

const ARCH = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const SPEC = fileURLToPath(new URL('./specs/kernel-default.spec', import.meta.url));

/** Version-release of the kernels in the repository, oldest first. Compared as text, the last is not the newest. */
export const KERNELS = /** @type {const} */ (['5.14.21-150500.55.7', '5.14.21-150500.55.9', '5.14.21-150500.55.12']);

/** A folder with the packages and their `repodata`. */
export const repository = () => cachePath('suse-rpms');

export async function recipe() {
  return JSON.stringify([KERNELS, readFileSync(SPEC, 'utf8'), await rpms.recipe()]);
}

export function isDone() {
  return existsSync(join(repository(), 'repodata/repomd.xml'));
}

export async function make() {
  const work = cachePath('suse-rpms.part');
  const top = cachePath('suse-rpms.build');
  for (const left of [work, top]) rmSync(left, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  for (const version of KERNELS) {
    const defines = {
      _topdir: top,
      _rpmdir: work,
      _rpmfilename: '%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm',
      build: version.replace(/^.*-/, ''),
    };
    const options = Object.entries(defines).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
    await run('rpmbuild', ['-bb', '--quiet', '--nodeps', '--target', ARCH, ...options, SPEC]);
  }
  for (const name of readdirSync(rpms.repository()).filter((each) => /^(?:kmod|sheep-release)-.*\.rpm$/.test(each)))
    copyFileSync(join(rpms.repository(), name), join(work, name));
  await run('createrepo_c', ['--quiet', work]);
  rmSync(top, { recursive: true, force: true });
  rmSync(repository(), { recursive: true, force: true });
  renameSync(work, repository());
}
