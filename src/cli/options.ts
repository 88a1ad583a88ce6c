import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { BellwetherError } from '../protocol/errors.ts';
import { PLATFORMS } from '../protocol/words.ts';
import { printable } from './render/style.ts';
import { write, type Streams } from './streams.ts';

/** Where a command leaves its exit status. */
export interface Finished {
  status: number;
}

/** Which kernels a command is about. */
export interface KernelOptions {
  readonly all?: boolean;
  readonly running?: boolean;
  readonly kernel?: readonly string[];
}

/** By what a host is judged beside its own facts. */
export interface TermOptions {
  readonly platform: string;
  readonly ignore?: readonly string[];
}

/** The options that say so. */
export function withTermOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--platform <name>', 'require what this platform needs, too')
        .choices(['auto', ...PLATFORMS])
        .default('auto'),
    )
    .option('--ignore <code>', 'accept findings of this code; may be repeated', collect);
}

/** The same as a request says it. */
export function termsOf({ platform, ignore }: TermOptions): { platform: string; ignore: readonly string[] } {
  return { platform, ignore: ignore ?? [] };
}

/** EX_USAGE */
const BAD_USAGE = 64;

/** The options that choose kernels. */
export function withKernelOptions(command: Command): Command {
  return command
    .addOption(new Option('--all', 'every kernel that is installed').conflicts(['kernel', 'running']))
    .addOption(new Option('--running', 'the kernel that runs now').conflicts(['kernel', 'all']))
    .option('--kernel <version>', 'this kernel, as "uname -r" prints it; may be repeated', collectKernel);
}

/** The same as a request says it. */
export function kernelsOf({ all, running, kernel }: KernelOptions): 'default' | 'all' | 'running' | readonly string[] {
  if (all === true) return 'all';
  return running === true ? 'running' : (kernel ?? 'default');
}

/** For options that may be repeated. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** For those that are kernels: what can be none is refused by the option's name. */
export function collectKernel(value: string, before: readonly string[] | undefined): readonly string[] {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.+~:-]{0,127}$/.test(value))
    throw new InvalidArgumentError('It is no kernel version as "uname -r" prints one.');
  return collect(value, before);
}

/** For options that are a time in seconds. */
export function seconds(value: string): number {
  const time = Number(value);
  if (!Number.isFinite(time) || time < 1 || time > 86400)
    throw new InvalidArgumentError('It is a number from 1 to 86400.');
  return time;
}

/**
 * For options that are a path, as the user means it: relative to the folder that the command runs in. Nothing at all
 * is refused: it is a variable that was never set, and would stand for that folder.
 */
export function absolutePath(path: string): string {
  if (path === '') throw new InvalidArgumentError('It is empty.');
  return resolve(path);
}

/** For the option that is a path, or a word that stands for one. */
export function imageOrRescue(path: string): string {
  return path === 'rescue' ? path : absolutePath(path);
}

/**
 * Says on standard error why there is no answer.
 * @returns 64 where the request was at fault, else `status`
 */
export async function refuse(error: BellwetherError, streams: Streams, status: number): Promise<number> {
  await write(
    streams.stderr,
    printable(
      `bellwether: ${oneLine(error.message)}\n${error.hint === undefined ? '' : `  hint: ${oneLine(error.hint)}\n`}`,
    ),
  );
  return error.exitCode === BAD_USAGE ? BAD_USAGE : status;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
