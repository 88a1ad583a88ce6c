import type { Doing, Progress } from '../ops/progress.ts';
import { printable } from './render/style.ts';
import type { Streams } from './streams.ts';

/** A line on the terminal that tells what is being done, for how long, and what was printed last. */
export interface ProgressLine {
  readonly progress: Progress;
  /** Takes the line away. */
  end(): void;
}

const REDRAW_MS = 500;
const ERASE = '\r\u001b[K';

/** Live progress on standard error; nothing at all where that is no terminal. */
export function showProgress({ stderr, isErrorTerminal, columns, env }: Streams, now = Date.now): ProgressLine {
  if (!isErrorTerminal || env.TERM === 'dumb') return { progress: () => undefined, end: () => undefined };
  let doing: Doing | null = null;
  let since = now();
  const draw = () => {
    if (doing !== null) stderr.write(`${ERASE}${progressText(doing, now() - since, (columns ?? 80) - 1)}`);
  };
  const timer = setInterval(draw, REDRAW_MS);
  return {
    progress: (next) => {
      if (next.what !== doing?.what) since = now();
      doing = next;
      draw();
    },
    end: () => {
      clearInterval(timer);
      if (doing !== null) stderr.write(ERASE);
    },
  };
}

/** What is being done, the time since it began as minutes and seconds, and the last line, in one line of a width. */
export function progressText({ what, line }: Doing, elapsedMs: number, width: number): string {
  const seconds = Math.floor(elapsedMs / 1000);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const last = line === undefined ? '' : `  ${line}`;
  return printable(`${clock}  ${what}${last}`.replace(/\s/g, ' ')).slice(0, width);
}
