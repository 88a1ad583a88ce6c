import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUNDLE } from '../setup/build.mjs';
import type { Host } from '../support/host.ts';
import { replyOf, statesOf, stateReplies, type Call, type Minion, type StateReply } from './minion.ts';
import { EXAMPLES, SALT_FILES } from './places.ts';
import { programOf, type Release } from './releases.ts';

/** A masterless minion inside a throwaway host, which ends with it. */
export interface HostMinion extends Pick<Minion, 'call' | 'state' | 'healthy'> {
  /** Applies a state file, and returns what became of each state, in the order that they ran. */
  apply(file: string, args?: readonly string[]): Promise<readonly StateReply[]>;
}

/**
 * Puts a minion of one release on a throwaway host: every call is a real `salt-call --local` run inside it. Its
 * `file_roots` are the Salt files of this project and the example states; the executable is what the formula lays down.
 * @param settings the `bellwether:` part of its configuration, beside where the executable comes from
 */
export async function createMinionOn(
  host: Host,
  release: Release,
  settings: NonNullable<Call['settings']> = {},
): Promise<HostMinion> {
  // On the host's own file system, which nobody else sees.
  const folder = `/srv/minion-${release}`;
  await mkdir(host.path(folder), { recursive: true });
  // JSON is YAML enough for Salt.
  await writeFile(
    host.path(join(folder, 'minion')),
    JSON.stringify({
      id: 'sheep',
      root_dir: join(folder, 'root'),
      file_client: 'local',
      file_roots: { base: [SALT_FILES, join(EXAMPLES, 'states')] },
      enable_fqdns_grains: false,
      bellwether: { source: BUNDLE, node: process.execPath, ...settings },
    }),
  );
  const options = ['--local', '--config-dir', folder, '--out', 'json', '--log-level', 'error', '--retcode-passthrough'];
  const call: Minion['call'] = async (fun, args = []) => {
    const ended = await host.tryRun(programOf(release, 'salt-call'), [...options, fun, ...args], { timeout: 170_000 });
    return { status: ended.status ?? -1, value: replyOf('local', ended.stdout), stderr: ended.stderr };
  };
  await call('saltutil.sync_modules');
  await call('saltutil.sync_states');
  await call('state.apply', ['bellwether']);
  return {
    ...statesOf(call),
    call,
    apply: async (file, args = []) => {
      const { value, stderr } = await call('state.apply', [file, ...args]);
      if (Array.isArray(value) || value === undefined)
        throw new Error(`no states ran: ${JSON.stringify(value)} ${stderr}`);
      return stateReplies(value);
    },
  };
}
