import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Release, programsOf } from './releases.ts';

const run = promisify(execFile);

/** The collection, built into its archive and installed from it as a site does. */
export interface Collection {
  /** What goes into `ANSIBLE_COLLECTIONS_PATH`. */
  readonly path: string;
  /** The folder that the installed collection lies in. */
  readonly installed: string;
  readonly archive: string;
  readonly remove: () => Promise<void>;
}

export async function installCollection(release: Release): Promise<Collection> {
  const folder = await mkdtemp(join(tmpdir(), 'bellwether-collection-'));
  const galaxy = join(programsOf(release), 'ansible-galaxy');
  const env = { ...process.env, LC_ALL: 'C.UTF-8', HOME: folder, ANSIBLE_HOME: join(folder, 'ansible') };
  const build = fileURLToPath(new URL('../../ansible/build.mjs', import.meta.url));
  await run(process.execPath, [build, '--into', folder, '--ansible-galaxy', galaxy], { env });
  const archive = join(folder, (await readdir(folder)).find((name) => name.endsWith('.tar.gz')) ?? 'no archive');
  const path = join(folder, 'collections');
  await run(galaxy, ['collection', 'install', '--offline', '-p', path, archive], { env });
  return {
    path,
    installed: join(path, 'ansible_collections/bellwether/boot'),
    archive,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
