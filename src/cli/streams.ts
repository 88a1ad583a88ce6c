/** What a command of ours is given of the process that it runs in. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Effective user, -1 where the system has none. */
  readonly uid: number;
  /** Columns of the terminal, undefined where standard output is none. */
  readonly columns: number | undefined;
  readonly isTerminal: boolean;
  /** Aborted by the signal that asks the process to end, whose name is the reason. */
  readonly interrupted: AbortSignal;
  /** Whether a person can be asked (standard input and error are a terminal), and told what is going on. */
  readonly canAsk: boolean;
  readonly isErrorTerminal: boolean;
}

/** Writes text and waits until it is handed over. */
export function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
