import type { ElfFacts } from '../../image/types.ts';
import { machineOf, machineName } from '../drivers/machines.ts';
import { modulesOfKernel } from '../drivers/kernel-drivers.ts';
import { neededModules } from '../drivers/needed-modules.ts';
import type { BootFacts, Check, Observation, Requirement } from '../types.ts';

/** Init or modules are for another processor than the kernel. */
export const wrongArch: Check = {
  code: 'wrong_arch',
  checkpoint: 'loader',
  severity: 'fatal',
  symptom: '"Failed to execute /init (error -8)", "Exec format error", then a panic.',
  cause: 'The image was built on, or copied from, a machine of another architecture.',
  cure: 'Build the image on this host: `dracut --force --kver K IMAGE`.',
  repair: ['rebuild'],
  *observe(facts, requirements) {
    const arch = facts.kernel.vmlinuz?.arch ?? facts.host.arch;
    const machine = machineOf(arch);
    if (machine === null || facts.image === null) return;
    yield* initOf(facts, arch, machine);
    yield* modulesOf(facts, requirements, arch, machine);
  },
};

function* initOf(facts: BootFacts, arch: string, machine: Machine): Iterable<Observation> {
  const told = facts.cmdline?.words.filter(({ key }) => key === 'rdinit').pop()?.value ?? '/init';
  const init = facts.image?.tree.resolve(told);
  if (init?.found !== true) return; // another rule's matter
  const program =
    init.entry.interpreter === undefined ? init : facts.image?.tree.resolve(init.entry.interpreter.split(' ')[0] ?? '');
  if (program?.found !== true || program.entry.elf === undefined || runs(program.entry.elf, machine)) return;
  yield {
    defect: true,
    message: `/${program.entry.path} in the image is for ${machineName(program.entry.elf.machine)}, the kernel for ${arch}.`,
    evidence: {
      path: program.entry.path,
      machine: program.entry.elf.machine,
      class: program.entry.elf.class,
      kernel_arch: arch,
    },
  };
}

type Machine = NonNullable<ReturnType<typeof machineOf>>;

function runs(elf: ElfFacts, { own, alsoRuns }: Machine): boolean {
  return elf.malformed !== undefined || elf.machine === own || alsoRuns.includes(elf.machine);
}

function* modulesOf(
  facts: BootFacts,
  requirements: readonly Requirement[],
  arch: string,
  { own }: Machine,
): Iterable<Observation> {
  const foreign = modulesOfKernel(facts).filter((module) => module.machine !== undefined && module.machine !== own);
  const [first] = foreign;
  if (first === undefined) return;
  const names = new Set(foreign.map(({ name }) => name));
  const needed = neededModules(facts, requirements).find(({ name }) => names.has(name));
  yield {
    defect: true,
    ...(needed === undefined ? { severity: 'warning' } : {}),
    message: `${foreign.length} modules in the image are for ${machineName(first.machine ?? 0)}, the kernel for ${arch}.`,
    evidence: {
      path: first.path,
      machine: first.machine ?? null,
      modules: foreign.length,
      kernel_arch: arch,
      ...(needed === undefined ? {} : { requirement: needed.requirement.because }),
    },
  };
}
