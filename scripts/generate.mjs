// Writes what is derived from src/protocol/messages.ts: schema/*.json (committed) and, with Ajv's standalone
// compiler, the request validators that the bundle carries (src/protocol/generated/, not committed).
// `--check` writes no schema and exits 1 where a committed one differs.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build } from 'esbuild';

const top = fileURLToPath(new URL('..', import.meta.url));

async function loadMessages() {
  const { outputFiles } = await build({
    entryPoints: [join(top, 'src/protocol/messages.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

const { REQUESTS, ANSWERS } = await loadMessages();
/** What has a default may be left out: the types speak of a request after its defaults were filled in. */
function withoutDefaultedRequired(schema) {
  if (Array.isArray(schema)) return schema.map(withoutDefaultedRequired);
  if (schema === null || typeof schema !== 'object') return schema;
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === 'default' ? value : withoutDefaultedRequired(value)]),
  );
  if (Array.isArray(copy.required)) {
    copy.required = copy.required.filter((key) => copy.properties?.[key]?.default === undefined);
    if (copy.required.length === 0) delete copy.required;
  }
  return copy;
}

const $schema = 'http://json-schema.org/draft-07/schema#';
const files = new Map();
for (const [kind, schemas] of Object.entries({ request: REQUESTS, answer: ANSWERS })) {
  for (const [name, schema] of Object.entries(schemas)) {
    const plain = withoutDefaultedRequired(JSON.parse(JSON.stringify(schema)));
    files.set(`${kind}-${name}.json`, `${JSON.stringify({ $schema, ...plain }, null, 2)}\n`);
  }
}

const schemaDir = join(top, 'schema');
if (process.argv.includes('--check')) {
  const committed = new Set((await readdir(schemaDir)).filter((name) => name.endsWith('.json')));
  const drifted = [];
  for (const [name, text] of files) {
    if (!committed.delete(name) || (await readFile(join(schemaDir, name), 'utf8')) !== text) drifted.push(name);
  }
  drifted.push(...committed);
  if (drifted.length > 0) {
    console.error(`schema/ does not match src/protocol/messages.ts: ${drifted.join(', ')} (run: npm run generate)`);
    process.exit(1);
  }
} else {
  await rm(schemaDir, { recursive: true, force: true });
  await mkdir(schemaDir, { recursive: true });
  for (const [name, text] of files) await writeFile(join(schemaDir, name), text);
}

const ajv = new Ajv({
  allErrors: true,
  useDefaults: true,
  strict: true,
  allowUnionTypes: true,
  verbose: true,
  code: { source: true, esm: true },
});
for (const [name, schema] of Object.entries(REQUESTS))
  ajv.addSchema(withoutDefaultedRequired(JSON.parse(JSON.stringify(schema))), name);
// Ajv emits its one runtime function as a require() call, even in an ES module.
const code = standaloneCode(ajv, Object.fromEntries(Object.keys(REQUESTS).map((name) => [name, name]))).replace(
  /const (\w+) = require\("ajv\/dist\/runtime\/ucs2length"\)\.default;/,
  'import ucs2length from "ajv/dist/runtime/ucs2length.js"; const $1 = ucs2length.default ?? ucs2length;',
);
const generated = join(top, 'src/protocol/generated');
await mkdir(generated, { recursive: true });
await writeFile(join(generated, 'validators.js'), code);
await writeFile(
  join(generated, 'validators.d.ts'),
  `import type { ErrorObject } from 'ajv';\n${Object.keys(REQUESTS)
    .map((name) => `export const ${name}: { (data: unknown): boolean; errors?: ErrorObject[] | null };\n`)
    .join('')}`,
);
