import type { ModuleFacts } from '../../image/types.ts';
import type { BootFacts } from '../types.ts';
import { matchesAlias, normaliseAlias } from './alias-match.ts';
import { kernelDrivers, modulesOfKernel } from './kernel-drivers.ts';
import type { NeededModule } from './needed-modules.ts';

/** A needed module that asks the crypto interface for crc32c, where no module in the image answers. */
interface UnansweredChecksum {
  readonly module: NeededModule;
  /**
   * libcrc32c (xfs, btrfs) does not start without. ext4 and jbd2 ask for it only where the file system has checksums
   * (metadata_csum, what mkfs.ext4 makes by default since 2016), and then refuse it: "Cannot load crc32c driver".
   */
  readonly certain: boolean;
}

const ALIASES: readonly string[] = ['crypto-crc32c', 'crc32c'];

/**
 * Soft dependencies are hints, and a kernel does without most of them; this one it cannot do without. Kernels from 6.14
 * on compute it by themselves, and their modules do not ask.
 */
export function unansweredChecksum(facts: BootFacts, needed: readonly NeededModule[]): UnansweredChecksum | null {
  const drivers = kernelDrivers(facts);
  const asking = needed.filter(({ name }) =>
    drivers.softdepsOf(name).some((wanted) => ALIASES.includes(wanted.replaceAll('_', '-'))),
  );
  const strict = asking.find(({ name }) => name !== 'ext4' && name !== 'jbd2');
  const module = strict ?? asking[0];
  if (module === undefined || isAnswered(facts)) return null;
  return { module, certain: strict !== undefined };
}

/** True also where the kernel has no module for it: it is built in then. */
function isAnswered(facts: BootFacts): boolean {
  const drivers = kernelDrivers(facts);
  const answers = ({ aliases }: ModuleFacts): boolean => aliases.some((alias) => ALIASES.includes(alias));
  if (modulesOfKernel(facts).some((module) => answers(module) && suitsProcessor(module, facts))) return true;
  if (ALIASES.some((alias) => drivers.builtinFor(alias) !== null)) return true;
  return ALIASES.every((alias) => drivers.modulesFor(alias).length === 0);
}

/** A module made for a feature of processors starts where there is one that has it. Of another machine nothing is known. */
function suitsProcessor({ aliases }: ModuleFacts, { host: { cpu }, platform }: BootFacts): boolean {
  const features = aliases.filter((alias) => alias.startsWith('cpu:'));
  if (features.length === 0 || cpu === null || platform !== null) return true;
  return features.some((pattern) => matchesAlias(normaliseAlias(pattern), normaliseAlias(cpu)));
}
