import type { KernelDrivers } from './kernel-drivers.ts';

/** Whether K can load a driver from its image with all that it depends on, or has it built in. */
export function isReady(name: string, drivers: KernelDrivers): boolean {
  const seen = new Set<string>();
  const visit = (module: string): boolean => {
    if (seen.has(module) || drivers.isBuiltin(module)) return true;
    seen.add(module);
    return drivers.inImage(module) !== null && drivers.dependsOn(module).every(visit);
  };
  return visit(name);
}
