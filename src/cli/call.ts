import { answerError } from '../ops/answer-error.ts';
import { perform } from '../ops/perform.ts';
import { BellwetherError } from '../protocol/errors.ts';
import type { Answer } from '../protocol/messages.ts';
import { MAX_REQUEST_BYTES, parseRequest } from '../protocol/parse-request.ts';
import { serialize } from '../protocol/serialize.ts';
import { write, type Streams } from './streams.ts';

/**
 * `bellwether call`: one JSON object in on standard input, one JSON object and a newline out, errors included.
 * @returns the exit status: whether the request was answered (0), not what the verdict is; 64, 69, 70, 75 on errors
 */
export async function runCall(streams: Streams): Promise<number> {
  const started = Date.now();
  let bytes: Uint8Array | null = null;
  let answer: Answer;
  let status = 0;
  try {
    bytes = await readRequest(streams.stdin);
    answer = await perform(parseRequest(bytes), started, streams.interrupted);
  } catch (error) {
    const known = error instanceof BellwetherError ? error : unexpected(error);
    status = known.exitCode;
    answer = answerError(known, bytes === null ? null : operationIn(bytes), Date.now() - started);
  }
  await write(streams.stdout, `${serialize(answer)}\n`);
  return status;
}

function unexpected(error: unknown): BellwetherError {
  const message = error instanceof Error ? error.message : String(error);
  const where = error instanceof Error ? (error.stack ?? '').split('\n')[1]?.trim() : undefined;
  return new BellwetherError('internal', `this is a defect of bellwether: ${message}`, {
    hint: 'report it, with the request and, if you can, with the output of "bellwether inspect --capture FILE.tar"',
    ...(where === undefined ? {} : { at: { where } }),
    cause: error,
  });
}

async function readRequest(stdin: NodeJS.ReadableStream): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    size += bytes.length;
    if (size > MAX_REQUEST_BYTES) {
      throw new BellwetherError('bad_request', `the request is longer than ${MAX_REQUEST_BYTES} bytes`, {
        at: { limit: MAX_REQUEST_BYTES },
      });
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** The operation that a refused request named, for the answer: null where even that cannot be read. */
function operationIn(bytes: Uint8Array): string | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    const op: unknown = typeof value === 'object' && value !== null && 'op' in value ? value.op : null;
    return typeof op === 'string' ? op.slice(0, 64) : null;
  } catch {
    return null;
  }
}
