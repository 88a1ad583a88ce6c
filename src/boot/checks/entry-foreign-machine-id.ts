import type { Check } from '../types.ts';

/** What boots next is an entry that bears another machine's id: new kernels of this machine sort beside it, not above it. */
export const entryForeignMachineId: Check = {
  code: 'entry_foreign_machine_id',
  checkpoint: 'loader',
  severity: 'warning',
  symptom: 'The host stays on the kernel of the disk image that it was made from, whatever is installed.',
  cause:
    'The disk was cloned: the entries bear the machine-id of the template, and kernel-install writes and replaces entries of the present one only.',
  cure: 'Rename /boot/loader/entries/OLD-ID-*.conf to the id in /etc/machine-id, or reinstall the kernel and remove the old entries.',
  repair: ['configure'],
  *observe({ host, entry, isDefault, kernel }) {
    if (!isDefault || entry === null || entry.rescue) return;
    if (entry.machineId === null || host.machineId === null || entry.machineId === host.machineId) return;
    // Another system on the same loader has its own id and its own kernels: that is no defect of this one.
    if (kernel.modulesDir === null) return;
    const own = host.loader.entries.filter((other) => other.machineId === host.machineId);
    yield {
      defect: true,
      message: `The default entry "${entry.title}" bears the machine-id ${entry.machineId}; this machine is ${host.machineId}.`,
      evidence: {
        entry: entry.id,
        entry_source: entry.source,
        entry_machine_id: entry.machineId,
        machine_id: host.machineId,
        own_entries: own.map(({ id }) => id),
      },
    };
  },
};
