import { Command, Option } from 'commander';
import { capture, type Captured } from '../ops/capture.ts';
import { perform } from '../ops/perform.ts';
import { BellwetherError } from '../protocol/errors.ts';
import { validateRequest } from '../protocol/parse-request.ts';
import { serialize } from '../protocol/serialize.ts';
import { absolutePath, collectKernel, refuse, type Finished } from './options.ts';
import { renderInspect } from './render/inspect-text.ts';
import { styleFor } from './render/style.ts';
import { write, type Streams } from './streams.ts';

const NOT_ANSWERED = 3;

interface InspectOptions {
  readonly root: string;
  readonly all?: boolean;
  readonly kernel?: readonly string[];
  readonly format: 'text' | 'json';
  readonly detail: 'summary' | 'full';
  readonly capture?: string;
  readonly images: boolean;
}

/** `bellwether inspect`: what is seen of a host, without a verdict; or, with `--capture`, written down for another machine. */
export function inspectCommand(streams: Streams, finished: Finished): Command {
  return new Command('inspect')
    .summary('what bellwether sees of this host')
    .description('Shows the facts that a verdict is made from: kernels, boot entries, storage stack, image.')
    .option('--root <dir>', 'inspect the host whose root is mounted here', absolutePath, '/')
    .addOption(new Option('--all', 'look inside every kernel and image').conflicts('kernel'))
    .option('--kernel <version>', 'look inside this kernel and its image; may be repeated', collectKernel)
    .addOption(new Option('--format <format>', 'how to say it').choices(['text', 'json']).default('text'))
    .addOption(new Option('--detail <detail>', 'how much to say').choices(['summary', 'full']).default('full'))
    .option('--capture <file.tar>', 'write what a second machine needs to judge this host to this file', absolutePath)
    .option('--no-images', 'leave the images out of the capture: they may hold keys, and are large')
    .addHelpText('after', HELP)
    .action(async (options: InspectOptions) => {
      finished.status = await runInspect(options, streams);
    });
}

async function runInspect(options: InspectOptions, streams: Streams): Promise<number> {
  try {
    refuseUnheeded(options);
    const request = validateRequest(requestOf(options));
    if (request.op === 'inspect' && options.capture !== undefined) {
      const taken = await capture(request, options.capture, options.images, streams.interrupted);
      await write(streams.stderr, describeCapture(options.capture, taken));
      return 0;
    }
    const answer = await perform(request, Date.now(), streams.interrupted);
    if (answer.error !== null || answer.op !== 'inspect')
      throw new Error(`inspect was answered by ${String(answer.op)}`);
    const text =
      options.format === 'json'
        ? `${serialize(answer)}\n`
        : renderInspect(answer, styleFor(streams.isTerminal, streams.columns, streams.env));
    await write(streams.stdout, text);
    return 0;
  } catch (error) {
    if (!(error instanceof BellwetherError)) throw error;
    return refuse(error, streams, NOT_ANSWERED);
  }
}

/** What would not be heeded is refused: who gave it believes that it is. */
function refuseUnheeded({ capture: file, format, images }: InspectOptions): void {
  if (file === undefined && !images)
    throw new BellwetherError('bad_usage', '--no-images is about a capture, and none is asked for', {
      hint: 'add --capture FILE.tar, or leave it out',
    });
  if (file !== undefined && format === 'json')
    throw new BellwetherError(
      'bad_usage',
      '--capture writes a file, and prints nothing that --format json could be about',
      {
        hint: 'leave one of them out',
      },
    );
}

function requestOf({ root, all, kernel, detail }: InspectOptions): object {
  const kernels = all === true ? 'all' : (kernel ?? 'default');
  return { protocol: 1, op: 'inspect', root, detail, params: { kernels } };
}

function describeCapture(file: string, { kernels, images }: Captured): string {
  const held = kernels.length === 0 ? 'no kernel' : kernels.join(', ');
  const warning =
    images.length === 0
      ? ', without images: what is in them will be unknown'
      : `\n  with ${images.join(', ')}: an image may hold keys, look before you share it`;
  return `${file}: what judging ${held} reads${warning}\n`;
}

const HELP = `
Examples:
  bellwether inspect
  bellwether inspect --format json | jq .facts.storage
  bellwether inspect --capture /tmp/sheep.tar    a report; to judge elsewhere:
    mkdir sheep; tar -xf /tmp/sheep.tar -C sheep; bellwether check --root sheep
`;
