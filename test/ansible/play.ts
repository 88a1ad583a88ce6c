import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OPERATIONS } from '../../src/protocol/words.ts';
import { expectValid } from '../support/answers.ts';
import type { SshHost } from './flock.ts';
import { type Release, programsOf } from './releases.ts';

/** One task: its name, and all else as it stands in a playbook. */
export interface Task {
  readonly name: string;
  readonly [keyword: string]: unknown;
}

/** What a module returned on one host. */
export interface Result extends Readonly<Record<string, unknown>> {
  readonly status: 'ok' | 'failed' | 'unreachable' | 'skipped';
  readonly msg: string;
}

/** How a run of ansible-playbook ended. */
export interface Played {
  readonly status: number | null;
  /** All that it printed. */
  readonly output: string;
  /** The result of the task of this name on this host; throws where there is none. */
  readonly result: (host: SshHost | string, task: string) => Result;
}

export interface PlayOptions {
  readonly release: Release;
  readonly collections: string;
  readonly hosts: readonly SshHost[];
  /** An inventory file instead of these hosts. */
  readonly inventory?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** For tests that are not about what is sent how: fewer round trips. */
export const QUICK = { ANSIBLE_PIPELINING: 'true' } as const;

/** Runs these tasks on these hosts, one after the other, whether or not they fail. */
export async function playTasks(tasks: readonly Task[], options: PlayOptions): Promise<Played> {
  return withFolder(async (folder) => {
    const playbook = join(folder, 'playbook.yml');
    const play = { hosts: 'all', gather_facts: false, ignore_errors: true, tasks };
    await writeFile(playbook, JSON.stringify([play])); // JSON is YAML
    return playIn(folder, playbook, options);
  });
}

/** Runs a playbook: a file, or a name in the collection. */
export async function playBook(playbook: string, options: PlayOptions): Promise<Played> {
  return withFolder((folder) => playIn(folder, playbook, options));
}

async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bellwether-play-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function playIn(folder: string, playbook: string, options: PlayOptions): Promise<Played> {
  const inventory = join(folder, 'inventory.json');
  const record = join(folder, 'record');
  const hosts = Object.fromEntries(options.hosts.map(({ name, vars }) => [name, vars]));
  await writeFile(inventory, JSON.stringify({ all: { hosts } }));
  await writeFile(record, '');
  await writeFile(join(folder, 'ansible.cfg'), '');
  const programs = programsOf(options.release);
  const { status, output } = await run(
    join(programs, 'ansible-playbook'),
    ['-i', options.inventory ?? inventory, '--forks', '10', ...(options.args ?? []), playbook],
    {
      ...process.env,
      PATH: [programs, process.env.PATH].join(delimiter),
      HOME: folder,
      LC_ALL: 'C.UTF-8',
      ANSIBLE_HOME: join(folder, 'ansible'),
      ANSIBLE_CONFIG: join(folder, 'ansible.cfg'),
      ANSIBLE_COLLECTIONS_PATH: options.collections,
      ANSIBLE_CALLBACK_PLUGINS: fileURLToPath(new URL('callback', import.meta.url)),
      ANSIBLE_CALLBACKS_ENABLED: 'record',
      ANSIBLE_RETRY_FILES_ENABLED: 'false',
      ANSIBLE_NOCOLOR: 'true',
      RECORD_TO: record,
      // For hosts that are this machine itself: theirs is in the inventory.
      ANSIBLE_REMOTE_TEMP: join(folder, 'remote'),
      ...options.env,
    },
  );
  const lines = (await readFile(record, 'utf8')).split('\n').filter((line) => line !== '');
  return { status, output, result: lookUp(lines, output) };
}

function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  return new Promise<{ status: number | null; output: string }>((resolve) => {
    const child = execFile(
      file,
      args,
      { env, timeout: 240_000, killSignal: 'SIGKILL', maxBuffer: 1 << 26 },
      (_failure, out, err) => {
        resolve({ status: child.exitCode, output: `${out}${err}` });
      },
    );
  });
}

/** Reads what the callback recorded; every answer of bellwether in it is held against its schema. */
function lookUp(lines: readonly string[], output: string): Played['result'] {
  const results = new Map<string, Result>();
  for (const line of lines) {
    const { host, task, status, result } = JSON.parse(line) as {
      host: string;
      task: string;
      status: Result['status'];
      result: Record<string, unknown>;
    };
    for (const op of [...OPERATIONS, 'answer']) {
      if (typeof result[op] === 'object' && result[op] !== null) expectValid(result[op]);
    }
    results.set(`${host} ${task}`, { msg: '', ...result, status });
  }
  return (host, task) => {
    const name = typeof host === 'string' ? host : host.name;
    const result = results.get(`${name} ${task}`);
    if (result === undefined) throw new Error(`no result of "${task}" on ${name}:\n${output.slice(-6000)}`);
    return result;
  };
}
