// @ts-check
// node test/setup/setup.mjs [STEP…]: does these set-up steps (all of them where none is named). Quiet unless one fails.
import { STEPS, setUp } from './steps.mjs';

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(STEPS);
for (const name of names) {
  const { seconds, did, reason } = await setUp(name);
  if (reason !== null) {
    console.error(`set-up ${name}: cannot be had: ${reason}`);
    process.exitCode = 1;
  } else if (did) console.error(`set-up ${name}: ${seconds.toFixed(1)} s`);
}
