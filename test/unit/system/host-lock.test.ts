import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { withHostLock } from '../../../src/system/host-lock.ts';
import { ownIdentity } from '../../../src/system/host-lock/identity.ts';
import { lockPath } from '../../../src/system/host-lock/lock-path.ts';
import { openRunner } from '../../../src/system/runner.ts';

const SRC = fileURLToPath(new URL('../../../src/system/', import.meta.url));

/**
 * A process that takes the lock of the root `$1`, says so, and works: for `$2` ms, or, given a command, until that ends.
 * Refused, it prints the error's code.
 */
const TAKER = `
import { withHostLock } from '${SRC}host-lock.ts';
import { openRunner } from '${SRC}runner.ts';
const [root, ms, ...words] = process.argv.slice(2);
const outlives = words[0] === 'outlives';
const command = outlives ? words.slice(1) : words;
const until = new Promise((resolve) => process.stdin.on('data', resolve).on('end', resolve));
console.log('ready');
until.then(() => withHostLock(root, 'rebuild', async ({ started }) => {
  console.log('taken ' + process.pid);
  if (command.length > 0) await openRunner('/', started).run(command[0], command.slice(1), { outlives, onLine: (line) => console.log(line) });
  else await new Promise((resolve) => setTimeout(resolve, Number(ms)));
  console.log('given back');
})).catch((error) => console.log(error.code + ' ' + JSON.stringify(error.at))).then(() => process.exit());
`;

interface Taker {
  readonly lines: string[];
  readonly pid: number;
  /** Settles when it printed a line that begins in one of these ways. */
  says(...beginnings: string[]): Promise<string>;
  go(): void;
  kill(): Promise<void>;
  readonly ended: Promise<void>;
}

describe('the lock of a host', () => {
  let work: string;
  let script: string;
  let root: string;
  const takers: Taker[] = [];

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'bellwether-lock-'));
    script = join(work, 'taker.cjs');
    const made = { outfile: script, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' } as const;
    await build({ stdin: { contents: TAKER, resolveDir: SRC, loader: 'ts' }, ...made });
  });
  beforeEach(() => {
    root = mkdtempSync(join(work, 'root-'));
    mkdirSync(join(root, 'run'));
  });
  afterEach(async () => {
    await Promise.all(takers.splice(0).map((taker) => taker.kill()));
  });
  afterAll(() => {
    rmSync(work, { recursive: true });
  });

  function start(ms: number, ...command: string[]): Taker {
    const child = spawn(process.execPath, [script, root, String(ms), ...command]);
    const lines: string[] = [];
    let begun = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const parts = (begun + text).split('\n');
      begun = parts.pop() ?? '';
      lines.push(...parts);
    });
    const ended = new Promise<void>((resolve) => {
      child.on('exit', () => {
        resolve();
      });
    });
    const taker: Taker = {
      lines,
      pid: child.pid!,
      ended,
      says: async (...beginnings) => {
        for (let tries = 0; tries < 1000; tries++) {
          const line = lines.find((text) => beginnings.some((each) => text.startsWith(each)));
          if (line !== undefined) return line;
          await sleep(20);
        }
        throw new Error(`never said ${beginnings.join(' or ')}: ${lines.join('; ')}`);
      },
      go: () => {
        child.stdin.write('go');
      },
      kill: async () => {
        child.kill('SIGKILL');
        await ended;
      },
    };
    takers.push(taker);
    return taker;
  }

  const left = (): string[] => readdirSync(join(root, 'run'));

  test('is held while the work is done, and nothing is left of it', async () => {
    const seen = await withHostLock(root, 'lock', () => Promise.resolve(left()));
    expect(seen).toEqual(['bellwether.lock']);
    expect(left()).toEqual([]);
  });

  test('is given back when the work fails', async () => {
    const failing = withHostLock(root, 'lock', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(left()).toEqual([]);
  });

  test('that another process holds is refused, with its number, operation and age', async () => {
    const holder = start(60_000);
    holder.go();
    await holder.says('taken');
    await sleep(1100);
    await expect(withHostLock(root, 'lock', () => Promise.resolve())).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringMatching(
        new RegExp(`^another run is at work on this host: rebuild, pid ${holder.pid}, for \\d s$`),
      ),
      at: { pid: holder.pid, op: 'rebuild', age_s: expect.any(Number), lock: join(root, 'run/bellwether.lock') },
    });
    expect(left()).toEqual(['bellwether.lock']);
  });

  test('of a process that was killed is taken over', async () => {
    const holder = start(60_000);
    holder.go();
    await holder.says('taken');
    await holder.kill();
    expect(left()).toEqual(['bellwether.lock']);
    await withHostLock(root, 'lock', () => Promise.resolve());
    expect(left()).toEqual([]);
  });

  test('of a process that was killed is taken over after what it left running is ended', async () => {
    const holder = start(0, 'sh', '-c', 'sleep 3000 & echo child $!; wait');
    holder.go();
    const child = Number((await holder.says('child')).split(' ')[1]);
    await holder.kill();
    const alive = (): boolean => openedStatus(child) !== null;
    expect(alive()).toBe(true);
    expect(await withHostLock(root, 'lock', () => Promise.resolve(alive()))).toBe(false);
  });

  test('of a process that was killed is held by what it began and nobody may end, until that has ended', async () => {
    const script = 'echo begun $$; until [ -e "$1/on" ]; do echo at work; sleep 0.1; done; echo more; : > "$1/ended"';
    const holder = start(0, 'outlives', 'sh', '-c', script, 'sh', root);
    holder.go();
    const pid = Number((await holder.says('begun')).split(' ')[1]);
    await holder.kill();
    await sleep(500);
    const taking = (): Promise<boolean> => withHostLock(root, 'lock', () => Promise.resolve(true));
    await expect(taking()).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringContaining(`what it began is still at work on this host: sh -c`),
      at: { pid, op: 'rebuild', command: expect.stringMatching(/^sh -c echo begun/) },
    });
    await expect(taking()).rejects.toMatchObject({ code: 'busy' });
    writeFileSync(join(root, 'on'), '');
    for (let tries = 0; tries < 200 && openedStatus(pid) !== null; tries++) await sleep(50);
    expect(readdirSync(root)).toContain('ended');
    expect(await taking()).toBe(true);
    expect(left()).toEqual([]);
  });

  test('notes programs as they start and end', async () => {
    const groupsNoted = (): unknown[] => {
      const value: unknown = JSON.parse(readFileSync(join(root, 'run/bellwether.lock'), 'utf8'));
      return typeof value === 'object' && value !== null && 'groups' in value && Array.isArray(value.groups)
        ? value.groups
        : [];
    };
    await withHostLock(root, 'lock', async ({ started }) => {
      const during: number[] = [];
      await openRunner('/', started).run('echo', ['x'], { onLine: () => during.push(groupsNoted().length) });
      expect(during).toEqual([1]);
      expect(groupsNoted()).toEqual([]);
    });
  });

  test.each([
    ['a process of another boot', { boot: 'another' }],
    ['an earlier process with the number of one that runs', { started: '1' }],
    ['a process that is no more', { pid: 4_194_303 }],
  ])('of %s is taken over', async (_name, differs) => {
    const record = { ...ownIdentity(), ...differs, id: 'abc', op: 'rebuild', since: 0, groups: [] };
    writeFileSync(join(root, 'run/bellwether.lock'), JSON.stringify(record));
    expect(await withHostLock(root, 'lock', () => Promise.resolve('done'))).toBe('done');
    expect(left()).toEqual([]);
  });

  test('that the machine went down with, half written, is taken over', async () => {
    writeFileSync(join(root, 'run/bellwether.lock'), '{"pid": 12');
    expect(await withHostLock(root, 'lock', () => Promise.resolve('done'))).toBe('done');
  });

  test('of a process of another pid namespace is respected: it cannot be looked for from here', async () => {
    const record = { ...ownIdentity(), namespace: 'pid:[1]', id: 'abc', op: 'rebuild', since: 0, groups: [] };
    writeFileSync(join(root, 'run/bellwether.lock'), JSON.stringify(record));
    await expect(withHostLock(root, 'lock', () => Promise.resolve())).rejects.toMatchObject({
      code: 'busy',
      hint: expect.stringContaining(join(root, 'run/bellwether.lock')),
    });
  });

  test('that a process was killed while taking over is taken over all the same', async () => {
    const dead = { ...ownIdentity(), pid: 4_194_303, op: 'rebuild', since: 0, groups: [] };
    const put = (name: string, id: string): void => {
      writeFileSync(join(root, 'run', name), JSON.stringify({ ...dead, id }));
    };
    put('bellwether.lock', 'first');
    put('bellwether.lock.after-first', 'second');
    put('bellwether.lock.after-second', 'third');
    put('bellwether.lock.new-4194303-fourth', 'fourth');
    expect(await withHostLock(root, 'lock', () => Promise.resolve(left()))).toEqual(['bellwether.lock']);
    expect(left()).toEqual([]);
  });

  test.each([
    ['that nobody held', false],
    ['of a dead process', true],
  ])('%s goes to exactly one of 50 who want it at once', async (_name, stale) => {
    if (stale) {
      const dead = { ...ownIdentity(), pid: 4_194_303, id: 'abc', op: 'rebuild', since: 0, groups: [] };
      writeFileSync(join(root, 'run/bellwether.lock'), JSON.stringify(dead));
    }
    const racers = Array.from({ length: 50 }, () => start(60_000));
    await Promise.all(racers.map((racer) => racer.says('ready')));
    for (const racer of racers) racer.go();
    const words = await Promise.all(racers.map((racer) => racer.says('taken', 'busy')));
    const winners = words.filter((word) => word.startsWith('taken'));
    expect(winners).toHaveLength(1);
    expect(words.filter((word) => word.startsWith('busy'))).toHaveLength(49);
    expect(left()).toEqual(['bellwether.lock']);
  });

  test('is never held by two of those who take it and give it back without end', async () => {
    // Each run of work makes a folder that must not be there, and takes it away: two at once would collide.
    const body = 'mkdir "$0/at-work" || echo COLLISION; rmdir "$0/at-work"';
    const rounds = Array.from({ length: 8 }, async () => {
      for (let round = 0; round < 3; round++) {
        const racer = start(0, 'sh', '-c', body, root);
        await racer.says('ready');
        racer.go();
        if (round % 2 === 0 && (await racer.says('taken', 'busy')).startsWith('taken')) await racer.kill();
        await racer.ended;
      }
    });
    await Promise.all(rounds);
    expect(takers.flatMap(({ lines }) => lines).filter((line) => line.includes('COLLISION'))).toEqual([]);
    expect(await withHostLock(root, 'lock', () => Promise.resolve(left()))).toEqual(['bellwether.lock']);
  });
});

function openedStatus(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return /^State:\s+Z/m.test(text) ? null : text;
  } catch {
    return null;
  }
}

describe('where the lock lies', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bellwether-lock-path-'));
  });
  afterEach(() => {
    chmodSync(root, 0o755);
    rmSync(root, { recursive: true });
  });

  test('is below /run', () => {
    mkdirSync(join(root, 'run'));
    mkdirSync(join(root, 'var/lock'), { recursive: true });
    expect(lockPath(root)).toBe(join(root, 'run/bellwether.lock'));
  });

  test('is below /var/lock where there is no /run', () => {
    mkdirSync(join(root, 'var/lock'), { recursive: true });
    expect(lockPath(root)).toBe(join(root, 'var/lock/bellwether.lock'));
  });

  test('is never by way of a link, which would lead out of the root', () => {
    symlinkSync('/run', join(root, 'run'));
    mkdirSync(join(root, 'var/lock'), { recursive: true });
    expect(lockPath(root)).toBe(join(root, 'var/lock/bellwether.lock'));
  });

  test('is made where there is neither', () => {
    expect(lockPath(root)).toBe(join(root, 'run/bellwether.lock'));
    expect(readdirSync(root)).toEqual(['run']);
  });

  test('that may not be written is an error that says who may', async () => {
    // Even root cannot make a folder where a file is.
    writeFileSync(join(root, 'run'), '');
    await expect(withHostLock(root, 'lock', () => Promise.resolve())).rejects.toMatchObject({
      code: 'not_permitted',
      hint: 'run it as root',
    });
  });
});
