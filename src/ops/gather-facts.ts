import { lastValue, parseCommandLine } from '../boot/command-line.ts';
import { asBooted } from '../boot/first-try.ts';
import type { BootFacts } from '../boot/types.ts';
import type { HostFacts, KernelFacts } from '../host/types.ts';
import type { ImageFacts } from '../image/types.ts';
import type { Platform } from '../protocol/messages.ts';
import type { Target } from './select-targets.ts';

/** An image as a request meets it: read, or the reason why not. */
export interface ReadImage {
  readonly facts: ImageFacts | null;
  readonly error: BootFacts['imageError'];
}

/** What is told of those files of an image alone that the other facts show to be needed. */
export type Proofs = Pick<BootFacts, 'signatures' | 'copies'>;

/** Puts together what the verdict on one kernel is made from. */
export function gatherFacts(
  host: HostFacts,
  target: Target,
  image: ReadImage,
  siblings: BootFacts['siblings'],
  platform: Platform | null,
  locksAsked: BootFacts['locksAsked'] = [],
  { signatures, copies }: Proofs = { signatures: new Map(), copies: new Map() },
): BootFacts {
  const cmdline =
    target.entry?.cmdline ?? image.facts?.uki?.cmdline ?? host.cmdlines.kernelInstall ?? runningCmdline(host, target);
  const words = cmdline === null ? null : parseCommandLine(cmdline);
  return asBooted({
    host: resumingFrom(host, words === null ? null : lastValue(words, 'resume')),
    kernel: host.kernels.find((facts) => facts.kernel === target.kernel) ?? absentKernel(target.kernel),
    entry: target.imageAsked ? null : target.entry,
    isDefault: target.isDefault,
    cmdline: words,
    image: image.facts,
    imageError: image.error,
    siblings,
    platform,
    imageAsked: target.imageAsked,
    locksAsked,
    signatures,
    copies,
  });
}

/** The host as one kernel needs it: what other kernels resume from is not needed. */
function resumingFrom(host: HostFacts, resume: string | null): HostFacts {
  const required = host.storage.required.filter((node) => node.resume === undefined || node.resume === resume);
  if (required.length === host.storage.required.length) return host;
  return { ...host, storage: { ...host.storage, required } };
}

function runningCmdline(host: HostFacts, target: Target): string | null {
  return target.kernel === host.running ? host.cmdlines.running : null;
}

/** A kernel that an entry alone names: nothing of it is on disk. */
function absentKernel(kernel: string): KernelFacts {
  return {
    kernel,
    vmlinuz: null,
    modulesDir: null,
    modules: [],
    index: null,
    config: null,
    configSource: null,
    images: [],
  };
}
