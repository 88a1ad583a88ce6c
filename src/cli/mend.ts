import { Option, type Command } from 'commander';
import { perform } from '../ops/perform.ts';
import { BellwetherError } from '../protocol/errors.ts';
import type { MendAnswer } from '../protocol/messages.ts';
import { validateRequest } from '../protocol/parse-request.ts';
import { serialize } from '../protocol/serialize.ts';
import { ask } from './ask.ts';
import { absolutePath, refuse, seconds, type Finished } from './options.ts';
import { renderMend, renderPlan } from './render/mend-text.ts';
import { styleFor } from './render/style.ts';
import { showProgress } from './show-progress.ts';
import { write, type Streams } from './streams.ts';

/** What every command that may change the host is told. */
export interface MendOptions {
  readonly root: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly format: 'text' | 'json';
  readonly detail: 'summary' | 'full';
  readonly timeout: number;
}

export type MendOperation = MendAnswer['op'];

const DONE = 0;
const STILL_UNHEALTHY = 2;
const NOT_DONE = 3;

/** The options that all of these commands have, and how their exit status reads. */
export function withMendOptions(command: Command): Command {
  return command
    .option('--root <dir>', 'mend the host whose root is mounted here', absolutePath, '/')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--yes', 'do it without asking')
    .addOption(new Option('--format <format>', 'how to say it').choices(['text', 'json']).default('text'))
    .addOption(new Option('--detail <detail>', 'how much to say').choices(['summary', 'full']).default('summary'))
    .option('--timeout <seconds>', 'give up after this many seconds', seconds, 600)
    .addHelpText('after', HELP);
}

const HELP = `
Exit status: 0 it is as asked, or a dry run told the plan; 2 the host is still
unhealthy (rebuild, repair), 3 it was not done or cannot be told, 64 bad usage.
Ended early, it clears away what it began; a transaction of the package manager
that is at work is never ended, but waited for.
`;

/**
 * Shows the plan, asks once on a terminal, does it, and says what the check says now.
 * Leaves the exit status: 0 it is as asked, 2 the host is not healthy after a rebuild or a repair, 3 it was not done,
 * 64 bad usage.
 */
export async function runMend(
  op: MendOperation,
  params: object,
  options: MendOptions,
  streams: Streams,
  finished: Finished,
): Promise<void> {
  const style = styleFor(streams.isTerminal, streams.columns, streams.env);
  try {
    if (options.dryRun !== true && options.yes !== true) {
      if (!streams.canAsk)
        throw new BellwetherError('bad_usage', `${op} changes this host, and there is no terminal to ask on`, {
          hint: 'add --yes to do it, or --dry-run to see what it would do',
        });
      const planned = await request(op, params, options, true, streams);
      if (planned.steps.length > 0) {
        await write(streams.stderr, renderPlan(planned, style));
        if (!(await ask('Do this?', streams))) {
          await write(streams.stderr, 'Nothing was done.\n');
          finished.status = NOT_DONE;
          return;
        }
      }
    }
    const answer = await request(op, params, options, options.dryRun === true, streams);
    await write(
      streams.stdout,
      options.format === 'json' ? `${serialize(answer)}\n` : renderMend(answer, style, options.root),
    );
    finished.status = statusOf(answer);
  } catch (error) {
    if (!(error instanceof BellwetherError)) throw error;
    finished.status = await refuse(error, streams, NOT_DONE);
  }
}

async function request(
  op: MendOperation,
  params: object,
  options: MendOptions,
  dryRun: boolean,
  streams: Streams,
): Promise<MendAnswer> {
  const line = showProgress(streams);
  try {
    const answer = await perform(
      validateRequest({
        protocol: 1,
        op,
        root: options.root,
        dry_run: dryRun,
        detail: options.detail,
        timeout_s: options.timeout,
        params,
      }),
      Date.now(),
      streams.interrupted,
      line.progress,
    );
    if (answer.error !== null || answer.op === 'version' || answer.op === 'inspect' || answer.op === 'check')
      throw new Error(`${op} was answered by ${String(answer.op)}`);
    return answer;
  } finally {
    line.end();
  }
}

/** A plan is as asked; a lock or a package does not promise that the host boots. */
function statusOf(answer: MendAnswer): number {
  if (answer.dry_run || answer.op === 'lock' || answer.op === 'reinstall') return DONE;
  switch (answer.verdict) {
    case 'healthy':
      return DONE;
    case 'unhealthy':
      return STILL_UNHEALTHY;
    case 'unknown':
      return NOT_DONE;
  }
}
