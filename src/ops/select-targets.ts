import type { HostFacts, KernelFacts, LoaderEntry, LoaderPath } from '../host/types.ts';
import { BellwetherError } from '../protocol/errors.ts';
import type { CheckRequest } from '../protocol/messages.ts';

/** One kernel to judge, with the entry that boots it and the images that the entry loads. */
export interface Target {
  readonly kernel: string;
  readonly entry: LoaderEntry | null;
  readonly isDefault: boolean;
  /** Paths on the host, in loading order. */
  readonly images: readonly string[];
  /** True where the request named the image by its path on this machine. */
  readonly imageAsked: boolean;
}

/** What of the host's facts the choice needs. */
export type Choices = Pick<HostFacts, 'loader' | 'running'> & {
  readonly kernels: readonly Pick<KernelFacts, 'kernel' | 'images'>[];
};

type Selector = CheckRequest['params']['kernels'];

/**
 * The one kernel whose image the request names by path: what boots with it is that file, not what the entry loads.
 * @throws BellwetherError `bad_request` where the request selects more kernels than one
 */
export function withImage(targets: readonly Target[], image: string): readonly Target[] {
  if (targets.length > 1) {
    throw new BellwetherError(
      'bad_request',
      `"params.image" is "${image}", but "params.kernels" selects ${targets.length} kernels`,
      {
        hint: 'name the one kernel that the image is for',
      },
    );
  }
  return targets.map((target) => ({ ...target, images: [image], imageAsked: true }));
}

/**
 * The kernels that a request selects. `default` is what the loader boots next; where nothing says what that is, the
 * newest kernel stands in, marked as no default, so that a verdict on the likeliest is at hand beside the finding.
 * @throws BellwetherError `kernel_absent` naming the kernel and those that are there
 */
export function selectTargets(host: Choices, selector: Selector): readonly Target[] {
  if (selector === 'default') return selectDefault(host);
  return namesOf(host, selector).map((kernel) => targetOf(host, kernel));
}

function selectDefault(host: Choices): readonly Target[] {
  const entry = defaultEntry(host);
  if (entry !== null && entry.kernel !== null) return [targetFor(host, entry.kernel, entry)];
  const newest = host.kernels[host.kernels.length - 1];
  return newest === undefined ? [] : [targetOf(host, newest.kernel)];
}

function namesOf(host: Choices, selector: Exclude<Selector, 'default'>): readonly string[] {
  const known = knownKernels(host);
  if (selector === 'all') return known;
  if (selector === 'running' && host.running === null) {
    throw new BellwetherError(
      'kernel_absent',
      '"params.kernels" is "running", but these facts do not tell which kernel is running',
      {
        hint: 'name the kernel, or ask for "default" or "all"',
      },
    );
  }
  const names = selector === 'running' ? [host.running ?? ''] : [...new Set(selector)];
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new BellwetherError(
      'kernel_absent',
      `kernel "${name}" is not installed here (${known.length === 0 ? 'no kernel is' : `installed: ${known.join(', ')}`})`,
      {
        at: { kernel: name, installed: known },
      },
    );
  }
  return names;
}

/** Installed kernels, then those that entries alone still name. */
function knownKernels(host: Choices): readonly string[] {
  const named = host.loader.entries.filter((entry) => !entry.rescue).map((entry) => entry.kernel);
  return [...new Set([...host.kernels.map((facts) => facts.kernel), ...named.filter((kernel) => kernel !== null)])];
}

function targetOf(host: Choices, kernel: string): Target {
  const byDefault = defaultEntry(host);
  const entry =
    byDefault?.kernel === kernel
      ? byDefault
      : (host.loader.entries.find((candidate) => candidate.kernel === kernel && !candidate.rescue) ?? null);
  return targetFor(host, kernel, entry);
}

function targetFor(host: Choices, kernel: string, entry: LoaderEntry | null): Target {
  return {
    kernel,
    entry,
    isDefault: entry !== null && entry === defaultEntry(host),
    images: imagesOf(host, kernel, entry),
    imageAsked: false,
  };
}

/** What the entry loads; without an entry, the image that has the usual name. */
function imagesOf(host: Choices, kernel: string, entry: LoaderEntry | null): readonly string[] {
  if (entry === null) return (host.kernels.find((facts) => facts.kernel === kernel)?.images ?? []).slice(0, 1);
  const initrds = entry.initrds.map(nameOf);
  if (entry.type !== 'uki' || entry.linux === null) return initrds;
  // A unified image brings its own: the entry may name the one file as both.
  const unified = nameOf(entry.linux);
  return [unified, ...initrds.filter((path) => path !== unified)];
}

const nameOf = ({ path, raw }: LoaderPath): string => path ?? raw;

function defaultEntry(host: Choices): LoaderEntry | null {
  const { defaultEntry: index, entries } = host.loader;
  return index === null ? null : (entries[index] ?? null);
}
