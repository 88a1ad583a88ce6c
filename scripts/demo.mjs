// npm run demo: what bellwether says of four sample hosts, and of this machine. Sets up what it needs: Node and npm do.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUNDLE } from '../test/setup/build.mjs';
import { setUp } from '../test/setup/steps.mjs';

const SHEEP = fileURLToPath(new URL('../examples/sheep', import.meta.url));
/** In the order to tell of them, with the exit status that each must come to. */
const STORIES = [
  ['sound', 0, 'A host as it should be: ext4 on a logical volume, on a virtio disk.'],
  ['odd-sheep', 2, 'The odd sheep: its image was built while depmod indexed nothing. dracut said it was fine.'],
  ['drifted-driver', 2, 'One driver of its disk is not in the image.'],
  ['no-filesystem', 2, 'Its root is on ZFS, and this kernel has no module for it.'],
];

for (const step of ['npm', 'build', 'sheep']) {
  const { did, reason, seconds } = await setUp(step);
  if (reason !== null) {
    console.error(`The demo cannot be set up, ${step} failed:\n${reason}`);
    process.exit(1);
  }
  if (did && step !== 'sheep') console.log(`set up: ${step} (${seconds.toFixed(1)} s)`);
}

let broken = 0;
for (const [name, expected, story] of STORIES) {
  say(`${story}\n$ bellwether check --root examples/sheep/${name}`);
  const status = await bellwether('check', '--root', join(SHEEP, name));
  if (status === expected) continue;
  broken += 1;
  console.error(`\nThis should have ended with exit status ${expected}, not ${status}.`);
}

if (kernelsHere().length > 0) {
  say('This machine.\n$ bellwether check --all');
  await bellwether('check', '--all'); // whatever it says is a true answer
} else say('This machine has no kernel below /boot or /lib/modules (a container, most likely): nothing to judge here.');

say(`What to try next
  on a host                 copy dist/bellwether.cjs there (one file, any Node from 16.20 on) and, as root:
                            node bellwether.cjs check --all
  if it will not boot       node bellwether.cjs repair --dry-run    says what would mend it
  before a change of disks  node dist/bellwether.cjs check --platform vmware
  from a program            echo '{"protocol":1,"op":"check"}' | node dist/bellwether.cjs call
  from monitoring           node dist/bellwether.cjs check --format nagios
  from Salt, from Ansible   README.md, and the folders salt/ and ansible/
  all that it can           node dist/bellwether.cjs --help`);
process.exitCode = broken === 0 ? 0 : 1;

function say(text) {
  console.log(`\n${'─'.repeat(80)}\n${text}\n`);
}

/** Runs the bundle on this terminal. */
function bellwether(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BUNDLE, ...args], {
      cwd: dirname(BUNDLE),
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', reject);
    child.on('close', (status, signal) => resolve(status ?? signal));
  });
}

function kernelsHere() {
  const list = (dir) => {
    try {
      return readdirSync(dir);
    } catch {
      return []; // no such folder: no kernels in it
    }
  };
  return [...list('/boot').filter((name) => name.startsWith('vmlinuz')), ...list('/lib/modules')];
}
