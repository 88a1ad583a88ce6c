import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { runCommand } from '../../../src/system/run-command.ts';
import { streamProgram } from '../../../src/system/stream-program.ts';

/** A zombie that nobody has waited for yet is dead. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a command that is run', () => {
  test('gives what it printed and how it ended', async () => {
    const result = await runCommand('sh', ['-c', 'echo out; echo err >&2; exit 3'], { accept: [0, 3] });
    expect(result).toEqual({ exit: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  test('sees nothing of our environment, and speaks C', async () => {
    const { stdout } = await runCommand('env', []);
    expect(stdout.split('\n').filter((line) => !/^(?:PATH|LC_ALL|HOME|PWD|SHLVL|_)=/.test(line))).toEqual(['']);
    expect(stdout).toMatch(/^LC_ALL=C$/m);
    expect(stdout).toMatch(/^PATH=\/usr\/local\/sbin:/m);
  });

  test('takes arguments as they are, and input', async () => {
    const { stdout } = await runCommand('printf', ['%s|', '$HOME', '; ls', '*']);
    expect(stdout).toBe('$HOME|; ls|*|');
    expect((await runCommand('cat', [], { input: 'text' })).stdout).toBe('text');
  });

  test('that is absent is an error that names it', async () => {
    await expect(runCommand('bellwether-has-no-such-program', [])).rejects.toMatchObject({
      code: 'program_absent',
      message: 'bellwether-has-no-such-program is not installed',
    });
  });

  test('that fails is an error with its last words', async () => {
    await expect(runCommand('sh', ['-c', 'echo why >&2; exit 2'])).rejects.toMatchObject({
      code: 'command_failed',
      message: 'sh failed: why',
      at: { command: ['sh', '-c', 'echo why >&2; exit 2'], exit: 2, log: ['why'] },
    });
  });

  test('that prints without end is ended', async () => {
    await expect(runCommand('yes', [], { maxOutput: 10_000 })).rejects.toMatchObject({
      code: 'command_failed',
      message: 'yes printed more than 10000 bytes',
    });
  });

  test('that prints much and fails is told by its last 20 lines, of both outputs', async () => {
    const error: unknown = await runCommand('sh', ['-c', 'seq 1 100; sleep 0.2; echo why >&2; exit 2']).catch(
      (thrown: unknown) => thrown,
    );
    const lines = [...Array.from({ length: 19 }, (_, index) => String(82 + index)), 'why'];
    expect(error).toMatchObject({ code: 'command_failed', at: { log: lines } });
  });

  test('tells each line as it comes, however it is cut', async () => {
    const seen: string[] = [];
    await runCommand('sh', ['-c', 'printf one; sleep 0.1; printf "\\n10%%\\r20%%\\r\\n\\nlast"; echo err >&2'], {
      onLine: (line) => seen.push(line),
    });
    expect(seen.filter((line) => line !== 'err')).toEqual(['one', '10%', '20%', 'last']);
    expect(seen).toContain('err');
  });

  test('that leaves a child behind which holds its output open does not hold us', async () => {
    const started = Date.now();
    const { stdout } = await runCommand('sh', ['-c', 'setsid sleep 30 & echo done']);
    expect(stdout).toBe('done\n');
    expect(Date.now() - started).toBeLessThan(15_000);
  });

  test('is ended by a signal with its reason, children and all, before we are told', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bellwether-command-'));
    const limit = new AbortController();
    const reason = new Error('the time is up');
    const running = runCommand('sh', ['-c', 'sleep 3000 & echo $! > "$1/pid"; echo ready; wait', 'sh', folder], {
      signal: limit.signal,
      onLine: () => {
        limit.abort(reason);
      },
    });
    await expect(running).rejects.toBe(reason);
    expect(isAlive(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(false);
    rmSync(folder, { recursive: true });
  });

  test('that outlives us is ended neither by a limit nor by the signal, however much it prints', async () => {
    const limit = new AbortController();
    const lines: string[] = [];
    const { stdout, stderr } = await runCommand('sh', ['-c', 'seq 1 9; sleep 2; echo end; echo err >&2'], {
      outlives: true,
      timeoutSeconds: 1,
      maxOutput: 30,
      signal: limit.signal,
      onLine: (line) => {
        lines.push(line);
        limit.abort(new Error('the time is up'));
      },
    });
    expect(stdout).toBe('1\n2\n3\n4\n5\n6\n7\n8\n9\nend\n');
    expect(stderr).toBe('err\n');
    expect(lines.sort()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', 'end', 'err']);
  });

  test('that outlives us and fails is told as any other, and what it left running goes on', async () => {
    const seen: string[] = [];
    const running = runCommand('sh', ['-c', 'sleep 20 & echo $!; echo why >&2; exit 2'], {
      outlives: true,
      onLine: (line) => seen.push(line),
    });
    await expect(running).rejects.toMatchObject({ code: 'command_failed', message: 'sh failed: why', at: { exit: 2 } });
    const pid = Number(seen.find((line) => /^\d+$/.test(line)));
    expect(isAlive(pid)).toBe(true);
    process.kill(pid);
  });

  test.each([false, true])('is ended by what it prints, where it is (outlives: %s)', async (outlives) => {
    const reason = new Error('it waits for another');
    const running = runCommand('sh', ['-c', 'echo waiting; sleep 3000'], {
      outlives,
      onLine: (line, end) => {
        if (line === 'waiting') end(reason);
      },
    });
    await expect(running).rejects.toBe(reason);
  });

  test('is not begun where the signal came before', async () => {
    const reason = new Error('too late');
    await expect(runCommand('true', [], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('that takes too long is killed with all its children', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bellwether-command-'));
    const running = runCommand('sh', ['-c', 'sleep 3000 & echo $! > "$1/pid"; wait', 'sh', folder], {
      timeoutSeconds: 1,
    });
    await expect(running).rejects.toMatchObject({ code: 'timed_out', message: 'sh did not end within 1 s' });
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    rmSync(folder, { recursive: true });
    let alive = true;
    for (let i = 0; i < 100 && alive; i++) {
      await sleep(50);
      alive = isAlive(pid);
    }
    expect(alive).toBe(false);
  }, 40_000);
});

describe('a program that filters a stream', () => {
  test('ends with its status and its last words', async () => {
    const program = streamProgram('sh', ['-c', 'cat; echo done >&2; exit 4']);
    const pieces: Buffer[] = [];
    program.stdout.on('data', (bytes: Buffer) => pieces.push(bytes));
    program.stdin?.end('text');
    expect(await program.ended).toEqual({ started: true, exit: 4, stderr: 'done\n' });
    expect(Buffer.concat(pieces).toString()).toBe('text');
  });

  test('that is absent is told, not thrown', async () => {
    const program = streamProgram('bellwether-has-no-such-program', []);
    program.stdout.resume();
    expect(await program.ended).toMatchObject({ started: false });
  });
});
