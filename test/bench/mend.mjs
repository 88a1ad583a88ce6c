// @ts-check
// What a mend costs beside the package manager and the generator that it runs: on an EL-like sheep, by turns.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';
import { K } from '../setup/rpms.mjs';
import { median } from './measure.mjs';

const IMAGE = `/boot/initramfs-${K.new}.img`;

/** @typedef {{lock: number, reinstall: number, rebuild: number}} MendRatios */

/**
 * How many times as long: nothing to lock, as dnf takes to list the locks and to resolve an upgrade; nothing to reinstall, as
 * dnf takes to say what of the package is installed, and rpm to verify it; a rebuild, as the generator takes and one check.
 * @param {number} runs
 * @returns {Promise<MendRatios>}
 */
export async function benchMend(runs) {
  const { withLiveSheep } = await loadSheep();
  return withLiveSheep(async (/** @type {import('../support/live-sheep.ts').LiveSheep} */ sheep) => {
    /** @param {() => Promise<unknown>} work */
    const time = async (work) => {
      const start = performance.now();
      await work();
      return performance.now() - start;
    };
    /** @param {string} script */
    const sh = (script) => () => sheep.sh(script, { timeout: 600_000 });
    /** @param {string[]} args */
    const ours =
      (...args) =>
      async () => {
        const { status, stderr } = await sheep.bellwether(...args, '--yes');
        if (status !== 0) throw new Error(`bellwether ${args.join(' ')} ended with ${status}: ${stderr}`);
      };
    /** @param {() => Promise<unknown>} mine @param {() => Promise<unknown>} theirs */
    const ratio = async (mine, theirs, count = runs) => {
      /** @type {number[]} */
      const a = [];
      /** @type {number[]} */
      const b = [];
      for (let run = 0; run < count; run++) {
        a.push(await time(mine));
        b.push(await time(theirs));
      }
      return median(a) / median(b);
    };
    await ours('lock')();
    const query = 'dnf -q versionlock list > /dev/null; dnf -q --assumeno upgrade > /dev/null 2>&1 || true';
    const verify = 'dnf -q list --installed kmod > /dev/null; rpm -V --nodeps --noscripts kmod';
    const check = `dracut --force --quiet --kver ${K.new} /boot/peer.img`;
    return {
      lock: await ratio(ours('lock'), sh(query)),
      reinstall: await ratio(ours('reinstall'), sh(verify)),
      rebuild: await ratio(
        ours('rebuild', '--when', 'always'),
        async () => {
          await sh(check)();
          await sheep.bellwether('check', '--image', IMAGE);
        },
        1,
      ),
    };
  });
}

/** The tests' own sheep, which is TypeScript: put beside what it imports for as long as it is read. */
async function loadSheep() {
  const source = new URL('../support/live-sheep.ts', import.meta.url);
  const outfile = new URL(`../support/.live-sheep-${process.pid}.mjs`, import.meta.url).pathname;
  try {
    await build({
      entryPoints: [source.pathname],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
      packages: 'external',
    });
    return await import(outfile);
  } finally {
    rmSync(outfile, { force: true });
  }
}
