import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { execa } from 'execa';
import { startFlock, type Flock } from '../ansible/flock.ts';
import { whyNot } from '../setup/cache.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { expectKind } from '../support/answers.ts';
import { sheepPath } from '../support/sheep.ts';
import { describeUnless } from '../support/where.ts';
import { replyOf, stateReplies } from './minion.ts';
import { makeFileRoot, SALT_FILES } from './places.ts';
import { programOf, RELEASES, stepOf } from './releases.ts';

jest.setTimeout(240_000);

const absent = ['/usr/sbin/sshd', '/usr/bin/python3'].find((path) => !existsSync(path));
const missing = whyNoOverlay() ?? (absent === undefined ? null : `no ${absent}`);

for (const release of RELEASES) {
  describeUnless(
    missing ?? whyNot(stepOf(release)),
    `by salt-ssh ${release}, on a host with neither Salt nor bellwether`,
    () => {
      let flock: Flock;
      let folder: string;
      beforeAll(async () => {
        flock = await startFlock({ wether: '3.11' });
        const { host, vars } = flock.hosts.wether!;
        // The login's own PATH may hold a version manager, whose shell scripts salt-ssh takes for software collections.
        await host.sh('rm -f ~/.bashrc ~/.profile ~/.bash_profile');
        folder = await mkdtemp(join(tmpdir(), 'bellwether-salt-ssh-'));
        const files = await makeFileRoot(folder);
        await writeFile(
          join(folder, 'master'),
          JSON.stringify({ root_dir: folder, file_roots: { base: [SALT_FILES, files] } }),
        );
        const [port, priv] = [vars.ansible_port, vars.ansible_ssh_private_key_file];
        await writeFile(
          join(folder, 'roster'),
          JSON.stringify({ wether: { host: '127.0.0.1', port, user: 'root', priv } }),
        );
      });
      afterAll(async () => {
        await flock.stop();
        await rm(folder, { recursive: true, force: true });
      });

      const ask = async (...args: readonly string[]) => {
        const options = ['--config-dir', folder, '--roster-file', join(folder, 'roster'), '--ignore-host-keys'];
        const { stdout } = await execa(
          programOf(release, 'salt-ssh'),
          [...options, '--out', 'json', '--log-level', 'error', 'wether', ...args],
          { reject: false, timeout: 120_000 },
        );
        return { stdout, value: replyOf('wether', stdout) };
      };

      test('the functions say that the executable is not there, the formula lays it down, the state judges', async () => {
        const before = await ask('bellwether.version');
        expect(before.stdout).toContain("bellwether is not on this host: no 'bellwether' in PATH, no /opt/bellwether/");

        const pillar = { bellwether: { check: { root: sheepPath('odd-sheep') } } };
        const states = await ask('state.apply', 'bellwether.healthy', `pillar=${JSON.stringify(pillar)}`);
        expect(stateReplies(states.value)).toMatchObject([
          { result: true, changes: { diff: 'New file', mode: '0755' } },
          { result: false, comment: expect.stringMatching(/^fatal module_index_empty: /m) },
        ]);

        expectKind('version', (await ask('bellwether.version')).value);
      });
    },
  );
}
