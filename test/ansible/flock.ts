import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Host, withHost } from '../support/host.ts';
import { type Python, findPython } from './releases.ts';

const run = promisify(execFile);

/** A throwaway host that Ansible reaches by ssh, as root or as the plain user `shepherd`. */
export interface SshHost {
  readonly name: string;
  readonly host: Host;
  /** What the inventory says of it. */
  readonly vars: Readonly<Record<string, string | number>>;
}

/** Throwaway hosts, and the folder of the keys that open them. */
export interface Flock {
  readonly hosts: Readonly<Record<string, SshHost>>;
  readonly folder: string;
  /** Takes all hosts down. */
  readonly stop: () => Promise<void>;
}

/** Where Ansible works on a host: a folder that the machine below it has not got. */
export const REMOTE_TMP = '~/.bellwether-flock/tmp';

export const SHEPHERD = { name: 'shepherd', rootPassword: 'a throwaway host, a throwaway word' } as const;

/** Starts a throwaway host, hands it to the test, and takes it down whatever happens. */
export type Keeper = (test: (host: Host) => Promise<void>) => Promise<void>;

/** Starts one throwaway host for each name, with the Python that Ansible is to use there. */
export async function startFlock(pythons: Readonly<Record<string, Python>>, keeper: Keeper = withHost): Promise<Flock> {
  const folder = await mkdtemp(join(tmpdir(), 'bellwether-flock-'));
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    await Promise.all(stops.map((end) => end()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const key of ['client', 'host']) {
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', join(folder, key)]);
    }
    const hosts: Record<string, SshHost> = {};
    for (const [name, python] of Object.entries(pythons)) {
      const { host, end } = await holdHost(keeper);
      stops.push(end);
      const port = await serveSsh(host, folder);
      hosts[name] = { name, host, vars: await inventoryVars(folder, port, python) };
    }
    return { hosts, folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A throwaway host that lasts until it is told to end. */
function holdHost(keeper: Keeper): Promise<{ host: Host; end: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const held = keeper(
      (host) =>
        new Promise<void>((release) => {
          const end = () => {
            release();
            return held;
          };
          resolve({ host, end });
        }),
    );
    held.catch(reject);
  });
}

/** Runs sshd in the host, on a free port of the loopback; returns the port once it answers. */
async function serveSsh(host: Host, folder: string): Promise<number> {
  const inside = '/etc/bellwether-ssh';
  await mkdir(host.path(inside), { mode: 0o755 });
  const place = async (name: string, mode: number) => {
    await writeFile(join(host.path(inside), name), await readFile(join(folder, name)), { mode });
  };
  await place('host', 0o600);
  await place('client.pub', 0o644);
  // A locked account is refused even to a key; bash, run by sshd, would read the files that set up this machine's root for
  // each command; the node that runs the test may be nowhere in a login's PATH.
  await host.sh(
    `usermod --shell /bin/sh root
     useradd --create-home --password '*' ${SHEPHERD.name}
     echo 'root:${SHEPHERD.rootPassword}' | chpasswd
     mkdir -p /run/sshd
     test -e /usr/bin/node || test -e /usr/local/bin/node || ln -s '${process.execPath}' /usr/local/bin/node`,
  );
  const port = await freePort();
  await host.run('/usr/sbin/sshd', [
    ...['-f', '/dev/null', '-p', String(port)],
    ...[
      '-o',
      'ListenAddress=127.0.0.1',
      '-o',
      `HostKey=${inside}/host`,
      '-o',
      `AuthorizedKeysFile=${inside}/client.pub`,
    ],
    ...['-o', 'StrictModes=no', '-o', 'UsePAM=no', '-o', 'PidFile=none', '-o', 'MaxStartups=50'],
    ...['-o', 'Subsystem=sftp internal-sftp'],
  ]);
  await answers(port);
  return port;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
      });
    });
  });
}

async function answers(port: number): Promise<void> {
  const until = Date.now() + 10_000;
  while (!(await isOpen(port))) {
    if (Date.now() > until) throw new Error(`no sshd answers on port ${port}`);
    await sleep(50);
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => {
      resolve(false);
    });
  });
}

async function inventoryVars(folder: string, port: number, python: Python): Promise<SshHost['vars']> {
  const known = join(folder, `known-${port}`);
  await writeFile(known, `[127.0.0.1]:${port} ${await readFile(join(folder, 'host.pub'), 'utf8')}`);
  return {
    ansible_host: '127.0.0.1',
    ansible_port: port,
    ansible_user: 'root',
    ansible_become_method: 'su', // from root to root, where there is no sudo
    ansible_ssh_private_key_file: join(folder, 'client'),
    ansible_ssh_common_args: `-F /dev/null -o UserKnownHostsFile=${known} -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes`,
    ansible_remote_tmp: REMOTE_TMP,
    ansible_control_path_dir: join(folder, 'cp'),
    ansible_python_interpreter: findPython(python) ?? `python${python}`,
  };
}
