import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { noteReleased, readReleased } from '../../../src/ops/keeping/released-locks.ts';
import { runCommands } from '../../../src/ops/mending/run-commands.ts';
import type { PlannedCommand } from '../../../src/packages/types.ts';
import { BellwetherError } from '../../../src/protocol/errors.ts';
import { inMemory, newStore } from './in-memory-packages.ts';

const PLAN: readonly PlannedCommand[] = [
  { action: 'download', what: 'toy', command: ['pm', 'download'] },
  { action: 'unlock', what: 'toy', command: ['pm', 'release'] },
  { action: 'install', what: 'toy', command: ['pm', 'install'] },
  { action: 'lock', what: 'toy', command: ['pm', 'hold'], restores: ['toy'] },
  { action: 'clean_cache', what: 'all', command: ['pm', 'clean'] },
];

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bellwether-'));
  mkdirSync(join(root, 'var/lib'), { recursive: true });
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

/** Runs the plan where each command does what is said of it, and tells what was run and how that ended. */
async function run(does: (verb: string, abort: (reason: Error) => void) => void) {
  const limit = new AbortController();
  const ran: string[] = [];
  const told: string[] = [];
  const packages = inMemory(newStore());
  const tools = { signal: limit.signal, progress: ({ what }: { what: string }) => void told.push(what) };
  const error: unknown = await runCommands(
    { root, tools },
    {
      ...packages,
      execute: ({ command }) => {
        const verb = command[1] ?? '';
        ran.push(verb);
        does(verb, (reason) => {
          limit.abort(reason);
        });
        return Promise.resolve();
      },
    },
    PLAN,
  ).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { ran, told, error };
}

describe('the commands of a plan', () => {
  test('are run in their order', async () => {
    const { ran, error } = await run(() => undefined);
    expect({ ran, error }).toEqual({ ran: ['download', 'release', 'install', 'hold', 'clean'], error: null });
  });

  test('put back what they took away, though one of them fails', async () => {
    const failure = new BellwetherError('command_failed', 'no');
    const { ran, error } = await run((verb) => {
      if (verb === 'install') throw failure;
    });
    expect(ran).toEqual(['download', 'release', 'install', 'hold']);
    expect(error).toBe(failure);
  });

  test('put back what they took away, though the time is up: the transaction is waited for, and it is said so', async () => {
    const late = new BellwetherError('timed_out', 'late');
    const { ran, told, error } = await run((verb, abort) => {
      if (verb === 'install') abort(late);
    });
    expect(ran).toEqual(['download', 'release', 'install', 'hold']);
    expect(told).toContain('installing toy: no longer wanted, but not to be ended halfway');
    expect(error).toBe(late);
  });

  test('that could not put it back say what is lost', async () => {
    const { error } = await run((verb) => {
      if (verb === 'install') throw new BellwetherError('command_failed', 'no', { at: { exit: 1 } });
      if (verb === 'hold') throw new BellwetherError('busy', 'held by another');
    });
    expect(error).toMatchObject({
      code: 'command_failed',
      message: 'no; not put back, for the next run to do: pm hold (held by another)',
      at: { exit: 1, lost: [expect.stringContaining('pm hold')] },
    });
    expect(readReleased(root)).toEqual(['toy']);
  });

  test('have what they put back on record from before they take it away until it is back', async () => {
    const seen: [verb: string, names: readonly string[]][] = [];
    await noteReleased(root, ['other']);
    await run((verb) => seen.push([verb, readReleased(root)]));
    expect(seen.map(([verb]) => verb)).toEqual(['download', 'release', 'install', 'hold', 'clean']);
    expect(seen.slice(0, 4).map(([, names]) => names)).toEqual(Array(4).fill(['other', 'toy']));
    expect(seen[4]?.[1]).toEqual(['other']);
  });

  test('leave no record', async () => {
    await run(() => undefined);
    expect(readdirSync(join(root, 'var/lib'))).toEqual([]);
  });

  test('are not begun where that cannot be put on record', async () => {
    rmSync(join(root, 'var/lib'), { recursive: true });
    const { ran, error } = await run(() => undefined);
    expect({ ran, error }).toMatchObject({ ran: [], error: { code: 'not_supported' } });
  });
});
