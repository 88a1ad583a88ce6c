import { BellwetherError } from '../protocol/errors.ts';
import type { BuildJob } from './types.ts';

/** As the protocol has them. Nothing that starts like an option, and nothing that a shell or a list would split. */
const KERNEL = /^[A-Za-z0-9_][A-Za-z0-9_.+~:-]*$/;
const MODULE = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const FILE = /^\/[^\0\n]*$/;

/**
 * Refuses names that could be taken for something else on a command line or in a list of words.
 * @throws BellwetherError `bad_request`, naming what it was and the value
 */
export function refuseBadNames(job: BuildJob): void {
  demand('the kernel', job.kernel, KERNEL);
  demand('the image', job.output, FILE);
  demand('the temporary folder', job.tmpdir, FILE);
  for (const [what, names] of [
    ['params.add_drivers', job.addDrivers],
    ['params.omit_drivers', job.omitDrivers],
    ['params.add_modules', job.addModules],
    ['params.omit_modules', job.omitModules],
  ] as const)
    for (const name of names) demand(`a name in "${what}"`, name, MODULE);
}

function demand(what: string, value: string, form: RegExp): void {
  if (form.test(value)) return;
  throw new BellwetherError('bad_request', `${what} is ${JSON.stringify(value)}: not of the form ${form.source}`);
}
