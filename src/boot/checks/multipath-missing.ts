import { lastValue } from '../command-line.ts';
import { neededNodes } from '../storage-stack.ts';
import { observeLayer } from '../userspace/observe-layer.ts';
import type { BootFacts, Check } from '../types.ts';

/** `/` is on a multipath disk, and the image lacks multipath. By UUID the host still boots, on one path. */
export const multipathMissing: Check = {
  code: 'multipath_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom:
    '/dev/mapper/mpath… does not exist; or the host boots on one path, and multipathd cannot take the disk over.',
  cause:
    'The image was built host-only where multipath was not running, or device-mapper-multipath was not installed then.',
  cure: 'Install device-mapper-multipath (Debian: multipath-tools-boot), then `dracut --force --add multipath --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    yield* observeLayer('multipath', facts, requirements, isNamed(facts) ? 'fatal' : 'warning');
  },
};

/** Whether `root=` names the multipath device or a partition of it, which only multipath makes. */
function isNamed({ cmdline, host }: BootFacts): boolean {
  const root = cmdline === null ? null : lastValue(cmdline, 'root');
  return neededNodes(host.storage).some(
    ({ node }) => node.kind === 'multipath' && root?.startsWith(node.name) === true,
  );
}
