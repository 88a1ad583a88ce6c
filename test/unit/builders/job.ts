import type { BuildJob } from '../../../src/builders/types.ts';

/** An image with nothing asked for. */
export const JOB: BuildJob = {
  kernel: '6.1.0-1',
  output: '/boot/.new',
  tmpdir: '/var/lib/bellwether/build',
  hostonly: null,
  addDrivers: [],
  omitDrivers: [],
  addModules: [],
  omitModules: [],
  compress: null,
  repeated: [],
};
