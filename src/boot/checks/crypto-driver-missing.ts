import { isCryptoNeed } from '../drivers/crypto-needs.ts';
import { kernelDrivers, modulesOfKernel } from '../drivers/kernel-drivers.ts';
import { supplyOf } from '../drivers/supply.ts';
import { unmetOf } from '../drivers/unmet.ts';
import { walkRequired } from '../requirements/walk.ts';
import type { BootFacts, Check, Observation } from '../types.ts';

/** The kernel side of unlocking: device-mapper's crypt target and the cipher's algorithms. */
export const cryptoDriverMissing: Check = {
  code: 'crypto_driver_missing',
  checkpoint: 'drivers',
  severity: 'fatal',
  symptom: '"device-mapper: table: crypt: Error allocating crypto tfm"; the passphrase is right and nothing opens.',
  cause: 'The image was built where nothing was encrypted, or with the crypto modules left out to make it small.',
  cure: '`dracut --force --add crypt --add-drivers "xts" --kver K IMAGE`; with initramfs-tools, cryptsetup-initramfs and CRYPTSETUP=y.',
  repair: ['rebuild'],
  *observe(facts, requirements) {
    for (const observation of unmetOf(requirements.filter(isCryptoNeed), facts))
      yield observation.defect ? lessenedByCpu(observation, facts) : observation;
    yield* unknownCiphers(facts);
  },
};

/** These bring whole ciphers (xts(aes), cbc(aes)) for processors that have the instructions. */
const WHOLE_CIPHERS = new Set(['aesni_intel', 'aes_ce_blk', 'aes_neon_blk', 'aes_s390', 'vmx_crypto']);

function lessenedByCpu(observation: Observation & { defect: true }, facts: BootFacts): Observation {
  const { driver } = observation.evidence;
  const own = modulesOfKernel(facts).find(({ name }) => WHOLE_CIPHERS.has(name));
  if (own === undefined || (driver !== 'xts' && driver !== 'cbc' && driver !== 'aes')) return observation;
  return {
    ...observation,
    severity: 'warning',
    message: `${observation.message} ${own.name} will do in its place where the processor has AES instructions.`,
    evidence: { ...observation.evidence, in_its_place: own.name },
  };
}

/** Where the cipher is not known it most likely is cryptsetup's default, aes-xts: if that is there, nothing is said. */
function* unknownCiphers(facts: BootFacts): Iterable<Observation> {
  const drivers = kernelDrivers(facts);
  if (facts.image === null) return;
  for (const { node } of walkRequired(facts.host.storage)) {
    if (node.kind !== 'crypt' || node.details.length > 0 || /^(verity|integrity)$/.test(node.type)) continue;
    const absent = ['aes', 'xts'].filter((name) => {
      const supply = supplyOf({ kind: 'driver', name, modalias: `crypto-${name}`, because: '' }, drivers);
      return supply.state === 'not_in_image';
    });
    if (absent.length > 0)
      yield {
        defect: false,
        what: `whether the kernel has the cipher of ${node.name}`,
        reason: `its header could not be read, and the image lacks ${absent.join(' and ')} of the usual aes-xts`,
      };
  }
}
