import { appendFile, mkdir, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BellwetherError } from '../../protocol/errors.ts';
import { errorCode } from '../../system/error-code.ts';
import { buildPath } from '../../system/images/names.ts';
import { roomAt } from '../../system/room-at.ts';
import type { Runner } from '../../system/runner.ts';
import { WORK_FOLDER } from '../../system/work-folder.ts';
import type { Tools } from '../progress.ts';
import type { PlannedImage } from './types.ts';

/** What a generator took, and its last words. */
export interface Built {
  /** Milliseconds. */
  readonly time: number;
  /** Its last 20 lines. */
  readonly log: readonly string[];
}

const LINES = 20;
/** The request's own limit ends a generator; this is only more than that may be. */
const NO_LIMIT_S = 2 * 86_400;
const LITTLE = 1 << 20;

/**
 * Has the generator build one image beside its final place. What it wrote there is left to the caller.
 * @param work the folder for temporary files, as this machine names it; empty
 * @throws BellwetherError `generator_absent`, `boot_full`, `boot_read_only`, `command_failed` with the last 20 lines,
 *   `not_effective` where it ended well and made nothing; the reason of the tools' signal
 */
export async function buildImage(image: PlannedImage, work: string, runner: Runner, tools: Tools): Promise<Built> {
  const { site, path, builder } = image;
  const output = buildPath(site.outside);
  const log: string[] = [];
  const what = `building ${path} with ${builder.name}`;
  const onLine = (line: string): void => {
    log.push(line);
    if (log.length > LINES) log.shift();
    tools.progress({ what, line });
  };
  tools.progress({ what });
  const { command, env, copies, files } = image.command;
  const [program, ...args] = command;
  for (const [to, from] of copies) await runner.run('cp', ['-a', '--', from, `${WORK_FOLDER}/${to}`], tools);
  for (const [file, text] of files) {
    await mkdir(dirname(join(work, file)), { recursive: true });
    await appendFile(join(work, file), text);
  }
  const start = Date.now();
  try {
    await runner.run(program, args, { env, onLine, scope: true, signal: tools.signal, timeoutSeconds: NO_LIMIT_S });
  } catch (error) {
    await thaw(image, runner);
    throw await explain(error, image);
  }
  if ((await sizeOf(output)) === 0)
    throw new BellwetherError('not_effective', `${builder.name} ended well and wrote no image for ${image.kernel}`, {
      hint: 'look at its last lines, and at its configuration',
      at: { path, command: [...command], log },
    });
  return { time: Date.now() - start, log };
}

/**
 * On a host that runs systemd, dracut freezes the file system that it has written to, and thaws it at once. Ended in
 * between it leaves it frozen, and whoever writes there next waits for ever. One that is not frozen stays as it is.
 */
export async function thaw({ site }: Pick<PlannedImage, 'site'>, runner: Runner): Promise<void> {
  if (!existsSync(join(runner.root, 'run/systemd/system'))) return;
  try {
    await runner.run('fsfreeze', ['--unfreeze', dirname(site.real)], { accept: [0, 1], timeoutSeconds: 10 });
  } catch (error) {
    if (!(error instanceof BellwetherError) || error.code !== 'program_absent') throw error;
  }
}

/** What a failed build means; `/boot` is looked at before anything is cleared away. */
async function explain(error: unknown, { site, path, kernel, builder }: PlannedImage): Promise<unknown> {
  if (!(error instanceof BellwetherError)) return error;
  const at = { ...error.at, path, kernel };
  if (error.code === 'program_absent')
    return new BellwetherError('generator_absent', `${builder.name} is not installed: ${error.message}`, {
      hint: `install ${builder.name}`,
      at,
      cause: error,
    });
  if (error.code !== 'command_failed') return error;
  const log = Array.isArray(error.at?.log) ? error.at.log.map(String) : [];
  const about = (words: RegExp): string | undefined => log.find((line) => words.test(line));
  const { free } = await roomAt(dirname(site.outside));
  const full = about(/No space left on device/i);
  if (full !== undefined && (full.includes(buildPath(site.real)) || free < LITTLE))
    return new BellwetherError('boot_full', `there was no room for ${path}: ${full.trim()}`, {
      at: { ...at, folder: dirname(site.real), free, image: site.file?.size ?? null },
      cause: error,
    });
  const locked = about(/Read-only file system/i);
  if (locked?.includes(dirname(site.real)) === true)
    return new BellwetherError('boot_read_only', `${path} could not be written: ${locked.trim()}`, {
      hint: 'look in the kernel log for why it became read-only',
      at,
      cause: error,
    });
  return new BellwetherError('command_failed', `${builder.name} could not build ${path}: ${lastWord(log, error)}`, {
    hint:
      full === undefined
        ? 'its last lines say why; the old image is as it was'
        : `make room where it works, in ${WORK_FOLDER}; the old image is as it was`,
    at,
    cause: error,
  });
}

function lastWord(log: readonly string[], { message }: BellwetherError): string {
  return log[log.length - 1]?.trim() ?? message;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
