import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { makeFileRoot, SALT_FILES } from './places.ts';
import { programOf, type Release } from './releases.ts';

/** The `bellwether:` part of the minion configuration. */
export interface Settings {
  readonly executable?: string;
  readonly node?: string;
  readonly source?: string;
  readonly source_hash?: string;
  readonly check?: Readonly<Record<string, unknown>>;
  readonly repair?: Readonly<Record<string, unknown>>;
  readonly lock?: Readonly<Record<string, unknown>>;
}

export interface Call {
  readonly settings?: Settings;
  /** PATH of the whole call, where it is not this process's own. */
  readonly path?: string;
  /** Its one `pillar_roots` folder; no pillar without it. */
  readonly pillar?: string;
  /** Whether it is configured as a proxy minion, of something that is no machine. */
  readonly proxy?: boolean;
}

interface Reply {
  readonly status: number;
  /** What the function returned; undefined where Salt printed an error in its stead. */
  readonly value: unknown;
  readonly stderr: string;
}

/** What a state run says of one state. */
export interface StateReply {
  readonly result: boolean | null;
  readonly comment: string;
  readonly changes: unknown;
}

export interface Minion {
  readonly folder: string;
  call(fun: string, args?: readonly string[], options?: Call): Promise<Reply>;
  /** Runs this one state alone. */
  state(fun: string, args?: readonly string[], options?: Call): Promise<StateReply>;
  /** Asserts `bellwether.healthy` alone. */
  healthy(args?: readonly string[], options?: Call): Promise<StateReply>;
  dispose(): Promise<void>;
}

/**
 * A masterless minion of one release: every call is a real `salt-call --local`. Its `file_roots` are the Salt files of
 * this project and a folder with the executable, unless an installed extension in `pythonPath` takes their place.
 */
export async function createMinion(release: Release, pythonPath?: string): Promise<Minion> {
  const folder = await mkdtemp(join(tmpdir(), `bellwether-salt-${release}-`));
  const fileRoots = pythonPath === undefined ? [SALT_FILES, await makeFileRoot(folder)] : [];
  let calls = 0;

  const call = async (fun: string, args: readonly string[] = [], { settings = {}, path, pillar, proxy }: Call = {}) => {
    calls += 1;
    const config = join(folder, `conf-${calls}`);
    await mkdir(config);
    // JSON is YAML enough for Salt.
    await writeFile(
      join(config, 'minion'),
      JSON.stringify({
        id: 'sheep',
        root_dir: join(folder, 'root'),
        file_client: 'local',
        file_roots: { base: fileRoots },
        pillar_roots: { base: pillar === undefined ? [] : [pillar] },
        ...(proxy && { proxy: { proxytype: 'dummy' } }),
        bellwether: settings,
      }),
    );
    const { exitCode, stdout, stderr } = await execa(
      programOf(release, 'salt-call'),
      [
        '--local',
        '--config-dir',
        config,
        '--out',
        'json',
        '--log-level',
        'error',
        '--retcode-passthrough',
        fun,
        ...args,
      ],
      {
        reject: false,
        timeout: 120_000,
        env: { ...(path && { PATH: path }), ...(pythonPath && { PYTHONPATH: pythonPath }) },
      },
    );
    return { status: exitCode, value: replyOf('local', stdout), stderr };
  };

  await call('saltutil.sync_all');
  return { folder, ...statesOf(call), call, dispose: () => rm(folder, { recursive: true, force: true }) };
}

/** Single states of a minion that is called like this. */
export function statesOf(call: Minion['call']): Pick<Minion, 'state' | 'healthy'> {
  const state: Minion['state'] = async (fun, args = [], options = {}) => {
    const { value, stderr } = await call('state.single', [fun, 'name=this host will boot', ...args], options);
    const states = stateReplies(value);
    if (states.length !== 1) throw new Error(`one state was asked for, not this: ${JSON.stringify(value)} ${stderr}`);
    return states[0]!;
  };
  return { state, healthy: (args, options) => state('bellwether.healthy', args, options) };
}

/** The states of one run, in the order that they ran. */
export function stateReplies(value: unknown): readonly StateReply[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`no states ran: ${JSON.stringify(value)}`);
  }
  return Object.values<unknown>({ ...value })
    .map((state) => ({ order: orderOf(state), reply: stateReply(state) }))
    .sort((a, b) => a.order - b.order)
    .map(({ reply }) => reply);
}

/** What a state returned, which must have the shape that Salt asks of it. */
export function stateReply(value: unknown): StateReply {
  if (typeof value === 'object' && value !== null && 'result' in value && 'comment' in value && 'changes' in value) {
    const { result, comment, changes } = value;
    if ((typeof result === 'boolean' || result === null) && typeof comment === 'string') {
      return { result, comment, changes };
    }
  }
  throw new Error(`not what a state returns: ${JSON.stringify(value)}`);
}

const orderOf = (state: unknown) =>
  typeof state === 'object' && state !== null && '__run_num__' in state ? Number(state.__run_num__) : 0;

/** What one minion returned, of what Salt printed as JSON; undefined where it printed nothing of it. */
export function replyOf(id: string, stdout: string): unknown {
  if (stdout.trim() === '') return undefined;
  const printed: unknown = JSON.parse(stdout);
  return typeof printed === 'object' && printed !== null
    ? new Map(Object.entries<unknown>({ ...printed })).get(id)
    : undefined;
}
