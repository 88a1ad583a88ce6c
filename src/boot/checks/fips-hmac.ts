import { hasWord, isOn, lastValue } from '../command-line.ts';
import { lookUpDevice } from '../device-names.ts';
import { dracutArguments } from '../dracut-arguments.ts';
import type { BootFacts, Check, CommandLine, Observation } from '../types.ts';

/** FIPS mode: dracut halts unless the kernel file matches the checksum beside it. */
export const fipsHmac: Check = {
  code: 'fips_hmac',
  checkpoint: 'root',
  severity: 'fatal',
  symptom: '"FATAL: FIPS integrity test failed", and the machine halts.',
  cause: '.vmlinuz-K.hmac is absent or of another kernel, or boot= does not name the file system that holds /boot.',
  cure: 'Reinstall the kernel for its .hmac file; set boot=UUID=… to what `findmnt -no UUID /boot` shows.',
  repair: ['reinstall', 'configure'],
  *observe(facts) {
    const { image, kernel } = facts;
    const words = dracutArguments(facts);
    if (words === null || image === null) return;
    // Without dracut's module nobody looks; in a unified image there is no kernel file to look at.
    if (image.uki !== null || !(image.dracut?.modules ?? []).includes('fips')) return;
    if (!isOn(words, 'fips', false) || hasWord(words, 'rd.fips.skipkernel')) return;
    yield* judgeChecksum(facts);
    yield* judgeBoot(words, facts, kernel.kernel);
  },
};

function* judgeChecksum({ kernel }: BootFacts): Iterable<Observation> {
  if (kernel.vmlinuz === null) return;
  const { path, hmac } = kernel.vmlinuz;
  if (hmac === null) {
    yield {
      defect: true,
      message: `FIPS mode is on and ${path} has no checksum file beside it.`,
      evidence: { kernel_file: path, expected: path.replace(/([^/]+)$/, '.$1.hmac') },
      repair: ['reinstall'],
    };
  } else if (hmac.matches === false) {
    yield {
      defect: true,
      message: `FIPS mode is on and ${path} does not match ${hmac.path}.`,
      evidence: { kernel_file: path, checksum_file: hmac.path },
      repair: ['reinstall'],
    };
  } else if (hmac.matches === null) {
    yield {
      defect: false,
      what: `whether ${path} matches ${hmac.path}`,
      reason: 'the checksum could not be worked out',
    };
  }
}

function* judgeBoot(words: CommandLine, { host }: BootFacts, kernel: string): Iterable<Observation> {
  const boot = lastValue(words, 'boot');
  const mount = host.boot.mounts.find(({ mountPoint }) => mountPoint === '/boot');
  if (boot === null) {
    if (mount === undefined) return;
    yield {
      defect: true,
      message: `FIPS mode is on, /boot is a file system of its own (${mount.spec}), and the command line has no boot=.`,
      evidence: { kernel, boot_spec: mount.spec, expected: `boot=${mount.spec}` },
      repair: ['configure'],
    };
    return;
  }
  switch (lookUpDevice(boot, host.storage)) {
    case 'known':
      return;
    case 'undecided':
      if (mount?.spec !== boot)
        yield {
          defect: false,
          what: `whether boot=${boot} is there`,
          reason: 'not all devices of this host are known by name',
        };
      return;
    case 'absent':
      yield {
        defect: true,
        message: `FIPS mode is on and boot=${boot} names a device that this host does not have.`,
        evidence: { boot, boot_spec: mount?.spec ?? null },
        repair: ['configure'],
      };
  }
}
