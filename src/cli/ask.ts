import { createInterface } from 'node:readline';
import type { Streams } from './streams.ts';

/** Asks once on the terminal; only "y" or "yes" is consent. The end of the input is none. */
export function ask(question: string, { stdin, stderr }: Pick<Streams, 'stdin' | 'stderr'>): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: stderr });
  return new Promise((resolve) => {
    lines.on('SIGINT', () => {
      lines.close();
    });
    lines.on('close', () => {
      resolve(false);
    });
    lines.question(`${question} [y/N] `, (reply) => {
      resolve(/^y(?:es)?$/i.test(reply.trim()));
      lines.close();
    });
  });
}
