import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { Host } from '../support/host.ts';
import { sheepPath } from '../support/sheep.ts';
import type { Settings } from './minion.ts';
import { makeFileRoot, SALT_FILES } from './places.ts';
import { programOf, type Release } from './releases.ts';

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A master and its minions on loopback, as plain processes. */
export interface Flock {
  /** What each minion knows as its own: a folder that holds `root_dir` and the executable that the formula lays down. */
  folderOf(id: string): string;
  /** Where every minion finds its sample host: one path, and another host for each. */
  readonly root: string;
  /** Runs `salt` or `salt-run` beside the master. */
  run(program: 'salt' | 'salt-run', ...args: string[]): Promise<Ended>;
  /** Ends a minion and starts it again, as a reboot does; on the host at this path, if not on the one that it had. */
  restart(id: string, path?: string): Promise<void>;
  /** Starts one more minion, inside a throwaway host, with this `bellwether:` part of its configuration; it ends with the host. */
  enlist(id: string, host: Host, settings: Settings): Promise<void>;
  stop(): Promise<void>;
}

interface MinionSetting {
  /** The name of its sample host. */
  readonly sheep: string;
  /** A file of its `minion.d`, as a site writes it. */
  readonly conf: string;
}

/**
 * Starts a master and these minions, by id. Each minion has a mount namespace of its own, where `root` is its sample
 * host. `system.reboot` is replaced: it writes a file `reboots` into the minion's folder.
 * @param proxies ids of proxy minions, which run on this machine and stand for something that is none
 */
export async function startFlock(
  release: Release,
  minions: (root: string) => Readonly<Record<string, MinionSetting>>,
  proxies: readonly string[] = [],
): Promise<Flock> {
  // Short, because sockets lie below it and their paths may have 107 bytes.
  const folder = await mkdtemp(join(tmpdir(), 'bw-flock-'));
  const root = join(folder, 'sheep');
  const flock = minions(root);
  const running = new Map<string, ChildProcess>();
  const folderOf = (name: string) => join(folder, name);

  // A pid namespace each: all of it ends with its first process, and that with this one, whatever happens to either.
  const start = (name: string, script: string, args: readonly string[]) => {
    const namespaces = [
      'unshare',
      '--mount',
      '--propagation',
      'private',
      '--pid',
      '--mount-proc',
      '--fork',
      '--kill-child',
    ];
    const command = ['--pdeathsig', 'KILL', ...namespaces, 'sh', '-c', script, name, ...args];
    running.set(name, spawn('setpriv', command, { stdio: 'ignore' }));
  };
  const startMinion = (id: string, path: string) => {
    const script = 'mount --bind "$1" "$2" && exec "$3" --config-dir "$4" --log-level quiet';
    const args = [path, root, programOf(release, 'salt-minion'), folderOf(id)];
    start(id, script, args);
  };
  const end = async (name: string) => {
    const child = running.get(name);
    running.delete(name);
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
  };

  const run: Flock['run'] = async (program, ...args) => {
    const options = ['--config-dir', folderOf('master'), '--log-level', 'error', ...args];
    const done = await execa(programOf(release, program), options, { reject: false, timeout: 240_000 });
    return { status: done.exitCode, stdout: done.stdout, stderr: done.stderr };
  };
  const stop = async () => {
    await Promise.all([...running.keys()].map(end));
    await rm(folder, { recursive: true, force: true });
  };

  const [publish_port, ret_port] = await freePorts();
  const minionSettings = (id: string, root_dir: string, bellwether: Settings) => ({
    id,
    root_dir,
    user: userInfo().username,
    master: '127.0.0.1',
    master_port: ret_port,
    publish_port,
    acceptance_wait_time: 1,
    enable_fqdns_grains: false,
    bellwether: { node: process.execPath, ...bellwether },
  });
  try {
    const files = await makeFileRoot(folder);
    await mkdir(join(files, '_modules'));
    await writeFile(join(files, '_modules', 'system.py'), REBOOT);
    await mkdir(root);
    const configure = async (name: string, kind: 'master' | 'minion' | 'proxy', settings: object) => {
      await mkdir(folderOf(name));
      await writeFile(join(folderOf(name), kind), JSON.stringify(settings));
    };
    await configure('master', 'master', {
      root_dir: folderOf('master'),
      user: userInfo().username,
      publish_port,
      interface: '127.0.0.1',
      ret_port,
      auto_accept: true,
      worker_threads: 2,
      timeout: 20,
      file_roots: { base: [SALT_FILES, files] },
    });
    start('master', 'exec "$1" --config-dir "$2" --log-level quiet', [
      programOf(release, 'salt-master'),
      folderOf('master'),
    ]);
    for (const [id, { sheep: own, conf }] of Object.entries(flock)) {
      const settings = { executable: join(folderOf(id), 'bellwether.cjs'), check: { root } };
      await configure(id, 'minion', minionSettings(id, folderOf(id), settings));
      await mkdir(join(folderOf(id), 'minion.d'));
      await writeFile(join(folderOf(id), 'minion.d', 'bellwether.conf'), conf);
      startMinion(id, sheepPath(own));
    }
    for (const id of proxies) {
      const settings = minionSettings(id, folderOf(id), { executable: join(folderOf(id), 'bellwether.cjs') });
      await configure(id, 'proxy', { ...settings, proxy: { proxytype: 'dummy' } });
      start(id, 'exec "$1" --proxyid "$2" --config-dir "$3" --log-level quiet', [
        programOf(release, 'salt-proxy'),
        id,
        folderOf(id),
      ]);
    }
    await allAnswer(run, [...Object.keys(flock), ...proxies]);
  } catch (error) {
    await stop();
    throw error;
  }

  const restart: Flock['restart'] = async (id, path = sheepPath(flock[id]!.sheep)) => {
    await end(id);
    // A reboot leaves no pid file either: its number could be that of another process now.
    await rm(join(folderOf(id), 'var', 'run'), { recursive: true, force: true });
    startMinion(id, path);
  };
  const enlist: Flock['enlist'] = async (id, host, settings) => {
    const config = '/srv/minion';
    await mkdir(host.path(config), { recursive: true });
    await writeFile(join(host.path(config), 'minion'), JSON.stringify(minionSettings(id, config, settings)));
    // It ends when its host does: how is of no interest.
    void host.tryRun(programOf(release, 'salt-minion'), ['--config-dir', config, '--log-level', 'quiet'], {
      timeout: 600_000,
    });
    await allAnswer(run, [id]);
  };
  return { folderOf, root, run, restart, enlist, stop };
}

/** In the place of the function that would reboot the machine which runs the test. */
const REBOOT = `
def reboot(at_time=None):
    with open(__opts__["root_dir"] + "/reboots", "a") as reboots:
        reboots.write("in %s\\n" % at_time)
    return "rebooting"
`;

async function allAnswer(run: Flock['run'], ids: readonly string[]): Promise<void> {
  const end = Date.now() + 90_000;
  let last: Ended | undefined;
  while (Date.now() < end) {
    last = await run('salt', '--static', '--out', 'json', '--timeout', '3', '*', 'test.ping');
    if (ids.every((id) => last?.stdout.includes(`"${id}": true`))) return;
    await sleep(500);
  }
  throw new Error(`not all minions answer: ${JSON.stringify(last)}`);
}

async function freePorts(): Promise<readonly [number, number]> {
  const servers = [createServer(), createServer()] as const;
  const port = async (server: (typeof servers)[number]) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    return address.port;
  };
  const ports = [await port(servers[0]), await port(servers[1])] as const;
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return ports;
}
