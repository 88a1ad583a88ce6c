// @ts-check
// Files exchanged on a guest's disk, by debugfs: nothing is mounted.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../setup/command.mjs';

/** @typedef {Readonly<Record<string, {from: string, executable?: boolean}>>} Files by their path in the guest */
/** @typedef {import('./layouts.mjs').Layout} Layout */

const COMMANDS = /^(?:rm|write|set_inode_field|\/\S*|debugfs): (?!Filesystem)/;
const WAS_NOT_THERE = /^rm: File not found/;

/**
 * @param {string} disk
 * @param {Layout} layout
 * @param {Files} files
 * @param {string} work a folder
 */
export async function layFiles(disk, { fileSystems }, files, work) {
  for (const [index, { top, at }] of fileSystems.entries()) {
    const mine = Object.entries(files).filter(
      ([path]) => fileSystems.findIndex((one) => path.startsWith(`${one.top}/`)) === index,
    );
    if (mine.length === 0) continue;
    const commands = mine.flatMap(([path, { from, executable = false }]) => {
      const there = path.slice(top.length);
      const mode = executable ? '0100755' : '0100644';
      return [`rm ${there}`, `write ${from} ${there}`, `set_inode_field ${there} mode ${mode}`];
    });
    const script = join(work, 'debugfs');
    writeFileSync(script, `${commands.join('\n')}\n`);
    // Its exit status tells nothing of its commands.
    const said = await run('sh', ['-c', 'exec "$@" 2>&1', 'sh', 'debugfs', '-w', '-f', script, `${disk}?offset=${at}`]);
    const trouble = said
      .split('\n')
      .filter(
        (line) =>
          COMMANDS.test(line) && !WAS_NOT_THERE.test(line) && !commands.includes(line.replace(/^debugfs: /, '')),
      );
    if (trouble.length > 0) throw new Error(trouble.join('\n'));
  }
}
