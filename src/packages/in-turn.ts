import type { Runner } from '../system/runner.ts';

/** Runs a program that bars its own like while it is at work: one at a time, in the order asked for; all else as it is. */
export function inTurn(program: string, runner: Runner): Runner {
  let last: Promise<unknown> = Promise.resolve();
  return {
    root: runner.root,
    run: (command, args, options) => {
      if (command !== program) return runner.run(command, args, options);
      const turn = last.then(() => runner.run(command, args, options));
      last = turn.catch(() => undefined); // how one ended is for those who asked for it, and not for the next
      return turn;
    },
  };
}
