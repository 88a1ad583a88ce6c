// Bundles src/main.ts into the one file that hosts run: dist/bellwether.cjs, for Node 16.20 and later.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import './generate.mjs';

/** EX_UNAVAILABLE, as where anything else that is needed is not there. */
const SOMETHING_ABSENT = 69;

const top = fileURLToPath(new URL('..', import.meta.url));
const outfile = join(top, 'dist/bellwether.cjs');
const { version } = JSON.parse(await readFile(join(top, 'package.json'), 'utf8'));

const { outputFiles } = await build({
  entryPoints: [join(top, 'src/main.ts')],
  outfile,
  write: false,
  bundle: true,
  minify: true,
  keepNames: false,
  platform: 'node',
  format: 'cjs',
  target: 'node16.20',
  legalComments: 'none',
  logLevel: 'warning',
});

// An older Node.js cannot even parse the program, and would say so with a screenful of it: there the program is a string,
// which is compiled only where that can be done. What stands before it must be what the oldest ones understand.
const head = `#!/usr/bin/env node
/* bellwether ${version}, Apache-2.0 */
var have = process.versions.node.split('.');
if (have[0] < 16 || (have[0] < 17 && have[1] < 20)) {
  process.stderr.write('bellwether needs Node.js 16.20 or later: ' + process.execPath + ' is ' + process.version + '\\n');
  process.exit(${String(SOMETHING_ABSENT)});
}
`;
await mkdir(join(top, 'dist'), { recursive: true });
await writeFile(outfile, `${head}module._compile(${JSON.stringify(outputFiles[0]?.text)}, __filename);\n`);
await chmod(outfile, 0o755);
