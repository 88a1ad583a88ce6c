import { isOn, lastValue } from '../command-line.ts';
import { dracutArguments } from '../dracut-arguments.ts';
import { isMultipathNamed } from '../requirements/multipath.ts';
import { neededNodes } from '../storage-stack.ts';
import { observeLayer } from '../userspace/observe-layer.ts';
import { runsSystemd } from '../userspace/programs.ts';
import type { BootFacts, Check, Observation } from '../types.ts';

/** LVM leaves a group alone that it finds on two disks at once, unless it knows by its own lists that they are paths of one. */
const ON_DUPLICATES: Observation = {
  defect: false,
  what: 'whether LVM activates the volume of / on one path of its disk',
  reason: 'without multipath it finds the same physical volume on each path, and may refuse to choose',
};

/** `/` is on a multipath disk, and the image lacks multipath or is told to leave it alone. By UUID the host still boots, on one path. */
export const multipathMissing: Check = {
  code: 'multipath_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom:
    '/dev/mapper/mpath… does not exist; or the host boots on one path, and multipathd cannot take the disk over.',
  cause:
    'The image was built host-only where multipath was not running, device-mapper-multipath was not installed then, or the command line has nompath, multipath=off or rd.multipath=0.',
  cure: 'Install device-mapper-multipath (Debian: multipath-tools-boot), then `dracut --force --add multipath --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const named = isMultipathNamed(facts);
    const volumes = neededNodes(facts.host.storage).some(({ node, forRoot }) => forRoot && node.kind === 'lvm_lv');
    for (const seen of observeLayer('multipath', facts, requirements, named ? 'fatal' : 'warning')) {
      yield seen;
      if (!named && volumes && seen.defect) yield ON_DUPLICATES;
    }
    const off = named ? wordThatStops(facts) : null;
    if (off === null) return;
    yield {
      defect: true,
      message: `root= names a multipath device, and ${off} on the command line has multipath left alone.`,
      evidence: { word: off, root: facts.cmdline === null ? null : lastValue(facts.cmdline, 'root') },
      repair: ['configure'],
    };
  },
};

/** What keeps dracut from multipath: the conditions of its unit where systemd starts it, else what its script asks for. */
function wordThatStops(facts: BootFacts): string | null {
  const { image, cmdline } = facts;
  const words = dracutArguments(facts);
  if (image === null || cmdline === null || words === null) return null;
  if (!runsSystemd(image.tree)) return isOn(words, 'rd.multipath', true) ? null : 'rd.multipath=0';
  const unit = image.tree.text('usr/lib/systemd/system/multipathd.service') ?? '';
  const barred = [...unit.matchAll(/^\s*ConditionKernelCommandLine\s*=\s*!(\S+)\s*$/gm)].map(([, word = '']) => word);
  const given = cmdline.words.map(({ key, value }) => (value === null ? key : `${key}=${value}`));
  return barred.find((word) => given.some((each) => each === word || each.startsWith(`${word}=`))) ?? null;
}
