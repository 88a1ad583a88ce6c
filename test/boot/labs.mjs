// @ts-check
// npm run test:boot [-- LAB OPTION… | --all]: each lab boots what its table does not know, judges the rest anew, and the report
// is written; --all boots everything anew. With the name of a lab, that one alone, by its own options (see its file).
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { writeReport } from './report.mjs';
import { readTable } from './table.mjs';

/** @type {Readonly<Record<string, string>>} */
const LABS = {
  images: 'run.mjs',
  stacks: 'stacks.mjs',
  loaders: 'loaders/run.mjs',
  mutation: 'mutation.mjs',
  mend: 'mend/run.mjs',
};

const [first = '', ...rest] = process.argv.slice(2);
const named = LABS[first];
if (named === undefined && ![first, ...rest].every((word) => word === '' || word === '--all')) {
  console.error(
    `${first}: no lab is called so; there are ${Object.keys(LABS).join(', ')}, each with options of its own`,
  );
  process.exit(64);
}
const files = named === undefined ? Object.values(LABS) : [named];
const options = named === undefined ? process.argv.slice(2) : rest;
const failed = files.filter((file) => {
  const script = fileURLToPath(new URL(file, import.meta.url));
  return spawnSync(process.execPath, [script, ...options], { stdio: 'inherit' }).status !== 0;
});
const wrong = writeReport(Object.values(readTable()));
process.exitCode = failed.length === 0 && wrong === 0 ? 0 : 1;
