// Bundles src/main.ts into the one file that hosts run: dist/bellwether.cjs, for Node 16.20 and later.
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import './generate.mjs';

const top = fileURLToPath(new URL('..', import.meta.url));
const outfile = join(top, 'dist/bellwether.cjs');
const { version } = JSON.parse(await readFile(join(top, 'package.json'), 'utf8'));

await mkdir(join(top, 'dist'), { recursive: true });
await build({
  entryPoints: [join(top, 'src/main.ts')],
  outfile,
  bundle: true,
  minify: true,
  keepNames: false,
  platform: 'node',
  format: 'cjs',
  target: 'node16.20',
  legalComments: 'none',
  banner: { js: `#!/usr/bin/env node\n/* bellwether ${version}, Apache-2.0 */` },
  logLevel: 'warning',
});
await chmod(outfile, 0o755);
