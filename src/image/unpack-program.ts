import { streamProgram } from '../system/stream-program.ts';
import type { DecoderProgram } from './decoder-program.ts';
import { toError } from './error-text.ts';
import type { ImageBytes } from './image-bytes.ts';
import { drain, feed } from './pump.ts';
import type { Take } from './pump.ts';
import type { StreamFault, Unpacked } from './unpacked.ts';

/** Unpacks a stretch of the image, whose end is known, with one of the host's own programs. */
export async function unpackWithProgram(
  { command, args }: DecoderProgram,
  image: ImageBytes,
  from: number,
  to: number,
  take: Take,
): Promise<Unpacked> {
  // Most images end with their one compressed stream: the program then reads the file itself.
  const input = image.descriptorOf(from, to);
  const program = streamProgram(command, args, input);
  let size = 0;
  const stop = (): void => {
    program.kill();
    program.stdout.destroy(); // what is left in it would keep its end from being seen
  };
  const fed = program.stdin === null ? Promise.resolve() : feed(image, from, to, program.stdin);
  const feeding = fed.then(
    () => null,
    (error: unknown) => {
      stop();
      return toError(error);
    },
  );
  const draining = drain(program.stdout, (bytes) => {
    size += bytes.length;
    return take(bytes);
  });
  const wanted = await draining.catch(toError);
  if (wanted !== true) stop();
  const end = await program.ended;
  program.stdin?.destroy();
  const unreadable = await feeding;
  if (unreadable !== null) throw unreadable;
  if (wanted instanceof Error) throw wanted;
  if (!wanted) return { end: to };
  return { end: to, ...describeEnd(command, end, from, size) };
}

type ProgramEnd = Awaited<ReturnType<typeof streamProgram>['ended']>;

function describeEnd(command: string, end: ProgramEnd, at: number, size: number): { fault?: StreamFault } {
  if (!end.started)
    return { fault: { kind: 'program_absent', at, detail: `there is no ${command} here to unpack it with` } };
  if (end.exit === 0) return {};
  const words = end.stderr.trim().split('\n').pop() ?? '';
  if (/memory usage limit|too much memory|Frame requires/i.test(end.stderr))
    return { fault: { kind: 'limit', at, detail: `${command}: ${words}` } };
  const truncated = /unexpected end|premature|ends unexpectedly/i.test(end.stderr);
  return {
    fault: {
      kind: truncated ? 'truncated' : 'corrupt',
      at: null,
      detail: `${words === '' ? `${command} ended with ${String(end.exit)}` : words}, after ${size} bytes unpacked`,
    },
  };
}
