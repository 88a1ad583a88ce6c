import { describe, expect, it } from '@jest/globals';
import { inTurn } from '../../../src/packages/in-turn.ts';
import type { CommandResult } from '../../../src/system/run-command.ts';

const DONE: CommandResult = { exit: 0, stdout: '', stderr: '' };

describe('programs that bar their own like', () => {
  it('run one after the other, whatever comes of the one before; others run beside them', async () => {
    const log: string[] = [];
    const runner = inTurn('dnf', {
      root: '/',
      run: async (command, [arg = '']) => {
        log.push(`${command} ${arg} begins`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        log.push(`${command} ${arg} ends`);
        if (arg === 'fails') throw new Error('refused');
        return DONE;
      },
    });
    const first = runner.run('dnf', ['fails']);
    const second = runner.run('dnf', ['list']);
    const beside = runner.run('rpm', ['-q']);
    await expect(first).rejects.toThrow('refused');
    await expect(Promise.all([second, beside])).resolves.toEqual([DONE, DONE]);
    expect(log.filter((line) => line.startsWith('dnf'))).toEqual([
      'dnf fails begins',
      'dnf fails ends',
      'dnf list begins',
      'dnf list ends',
    ]);
    expect(log.indexOf('rpm -q begins')).toBeLessThan(log.indexOf('dnf fails ends'));
  });
});
