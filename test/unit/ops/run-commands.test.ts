import { describe, expect, test } from '@jest/globals';
import { runCommands } from '../../../src/ops/mending/run-commands.ts';
import type { PlannedCommand } from '../../../src/packages/types.ts';
import { BellwetherError } from '../../../src/protocol/errors.ts';
import { inMemory, newStore } from './in-memory-packages.ts';

const PLAN: readonly PlannedCommand[] = [
  { action: 'download', what: 'toy', command: ['pm', 'download'] },
  { action: 'unlock', what: 'toy', command: ['pm', 'release'] },
  { action: 'install', what: 'toy', command: ['pm', 'install'] },
  { action: 'lock', what: 'toy', command: ['pm', 'hold'], restores: true },
  { action: 'clean_cache', what: 'all', command: ['pm', 'clean'] },
];

/** Runs the plan where each command does what is said of it, and tells what was run and how that ended. */
async function run(does: (verb: string, abort: (reason: Error) => void) => void) {
  const limit = new AbortController();
  const ran: string[] = [];
  const told: string[] = [];
  const packages = inMemory(newStore());
  const tools = { signal: limit.signal, progress: ({ what }: { what: string }) => void told.push(what) };
  const error: unknown = await runCommands(
    { tools },
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
      message: 'no; lost, and to be put back by hand: pm hold (held by another)',
      at: { exit: 1, lost: [expect.stringContaining('pm hold')] },
    });
  });
});
