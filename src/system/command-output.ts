import type { Readable } from 'node:stream';

/** Lines that an error keeps of what a program printed. */
const LINES_KEPT = 20;
const STDERR_KEPT = 4096;
/** A line that is longer is told in pieces. */
const LINE_LENGTH = 4096;
/** A child that it left behind may hold its output open for ever: after its end, this is waited for the rest. */
const REST_MS = 2000;

/** What a program prints, as it comes. */
export interface CommandOutput {
  readonly stdout: () => string;
  /** Its last 4 KiB. */
  readonly stderr: () => string;
  /** The last 20 lines of both. */
  readonly log: () => readonly string[];
  /** To be called when the program has ended: settles when its output is read. */
  readonly rest: () => Promise<void>;
}

interface Listening {
  /** Bytes of one stream beyond which `onFull` is called, and nothing more is kept. */
  readonly maxOutput: number;
  readonly onFull: () => void;
  readonly onLine: ((line: string) => void) | undefined;
}

/** Listens to both outputs of a program. */
export function listen(
  program: { readonly stdout: Readable | null; readonly stderr: Readable | null },
  { maxOutput, onFull, onLine }: Listening,
): CommandOutput {
  const kept = { stdout: '', stderr: '' };
  const log: string[] = [];
  const tell = (line: string): void => {
    if (line.trim() === '') return;
    log.push(line);
    if (log.length > LINES_KEPT) log.shift();
    onLine?.(line);
  };
  const streams = [program.stdout, program.stderr].filter((stream) => stream !== null);
  const closed = streams.map((stream) => {
    const lines = lineSplitter(tell);
    let length = 0;
    stream.setEncoding('utf8').on('data', (text: string) => {
      length += Buffer.byteLength(text);
      if (length > maxOutput) {
        onFull();
        return;
      }
      if (stream === program.stdout) kept.stdout += text;
      else kept.stderr = (kept.stderr + text).slice(-STDERR_KEPT);
      lines.push(text);
    });
    return new Promise<void>((resolve) => {
      stream
        .on('error', () => undefined) // followed by `close`
        .on('close', () => {
          lines.end();
          resolve();
        });
    });
  });
  return {
    stdout: () => kept.stdout,
    stderr: () => kept.stderr,
    log: () => log,
    rest: async () => {
      const clock = setTimeout(() => {
        for (const stream of streams) stream.destroy();
      }, REST_MS);
      await Promise.all(closed);
      clearTimeout(clock);
    },
  };
}

/** Carriage returns end lines too: that is how programs show how far they are. */
function lineSplitter(tell: (line: string) => void) {
  let begun = '';
  return {
    push: (text: string): void => {
      const lines = (begun + text).split(/\r\n|[\r\n]/);
      begun = lines.pop() ?? '';
      lines.forEach(tell);
      if (begun.length > LINE_LENGTH) {
        tell(begun);
        begun = '';
      }
    },
    end: (): void => {
      if (begun !== '') tell(begun);
      begun = '';
    },
  };
}
