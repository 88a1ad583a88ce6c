// Builds the collection's archive: node ansible/build.mjs [--bundle FILE] [--into FOLDER] [--ansible-galaxy PROGRAM]
// The bundle is no part of the source tree: it is laid into plugins/files/ of a copy, the licence and
// the changelog beside it, and the copy is built.
import { execFileSync } from 'node:child_process';
import { cp, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values } = parseArgs({
  options: {
    'ansible-galaxy': { type: 'string', default: 'ansible-galaxy' },
    bundle: { type: 'string', default: join(here, '../dist/bellwether.cjs') },
    into: { type: 'string', default: join(here, '../dist') },
  },
});

const work = await mkdtemp(join(tmpdir(), 'bellwether-collection-'));
try {
  const copy = join(work, 'boot');
  await cp(here, copy, {
    recursive: true,
    filter: (path) => !['build.mjs', '__pycache__'].includes(basename(path)),
  });
  await mkdir(join(copy, 'plugins/files'), { recursive: true });
  await copyFile(values.bundle, join(copy, 'plugins/files/bellwether.cjs'));
  for (const name of ['LICENSE', 'CHANGELOG.md']) await copyFile(join(here, '..', name), join(copy, name));
  await mkdir(values.into, { recursive: true });
  execFileSync(
    values['ansible-galaxy'],
    ['collection', 'build', '--force', '--output-path', resolve(values.into), copy],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
} finally {
  await rm(work, { recursive: true, force: true });
}
