/** e_machine of the ELF files that an architecture's kernel loads as modules, and of those that it also runs as programs. */
interface Machine {
  readonly own: number;
  readonly alsoRuns: readonly number[];
}

const MACHINES: Readonly<Record<string, Machine>> = {
  x86_64: { own: 62, alsoRuns: [3] },
  i386: { own: 3, alsoRuns: [] },
  aarch64: { own: 183, alsoRuns: [40] },
  arm: { own: 40, alsoRuns: [] },
  riscv64: { own: 243, alsoRuns: [] },
  s390x: { own: 22, alsoRuns: [] },
  ppc64: { own: 21, alsoRuns: [20] },
  loongarch64: { own: 258, alsoRuns: [] },
  mips64: { own: 8, alsoRuns: [] },
};

/** By the name that `uname -m` prints; null for one that is not known here. */
export function machineOf(arch: string): Machine | null {
  const name = arch
    .replace(/^i[3-6]86$/, 'i386')
    .replace(/^(x86|amd)-?64$/, 'x86_64')
    .replace(/^arm64$/, 'aarch64')
    .replace(/^arm(v\d.*|hf)$/, 'arm')
    .replace(/^ppc64(le|el)$/, 'ppc64');
  return MACHINES[name] ?? null;
}

export function machineName(machine: number): string {
  return Object.entries(MACHINES).find(([, { own }]) => own === machine)?.[0] ?? `ELF machine ${machine}`;
}
