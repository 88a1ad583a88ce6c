import { findLayer } from '../requirements/find-layer.ts';
import { hasWord, isOn, lastValue } from '../command-line.ts';
import type { Severity } from '../../protocol/messages.ts';
import { dracutArguments } from '../dracut-arguments.ts';
import { kernelDrivers } from '../drivers/kernel-drivers.ts';
import { readMultipathConf, valuesOf } from '../multipath-conf.ts';
import { isMultipathNamed } from '../requirements/multipath.ts';
import { neededNodes } from '../storage-stack.ts';
import { claimsPaths } from '../userspace/multipath-parts.ts';
import { observeLayer } from '../userspace/observe-layer.ts';
import { runsSystemd } from '../userspace/programs.ts';
import type { BootFacts, Check, Observation, Requirement } from '../types.ts';

/** LVM leaves a group alone that it finds on two disks at once, unless it knows by its own lists that they are paths of one. */
const ON_DUPLICATES: Observation = {
  defect: false,
  what: 'whether LVM activates the volume of / on one path of its disk',
  reason: 'without multipath it finds the same physical volume on each path, and may refuse to choose',
};

/** udev may leave nothing to be found on the paths, and nothing makes one device of them. */
const ON_CLAIMED: Observation = {
  defect: false,
  what: 'whether / is found on one path of its disk',
  reason:
    'the rules of the image have multipath tell which disks are paths, and nothing in it makes one device of them',
};

/** `/` is on a multipath disk, and the image lacks multipath or is told to leave it alone. By UUID the host still boots, on one path, unless udev keeps it from that. */
export const multipathMissing: Check = {
  code: 'multipath_missing',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom:
    '/dev/mapper/mpath… does not exist; or the host boots on one path, and multipathd cannot take the disk over.',
  cause:
    'The image was built host-only where multipath was not running, or device-mapper-multipath was not installed then; dracut did not find all of it (multipathd, its unit, what it checks paths with: Debian keeps them elsewhere); or the command line has nompath, multipath=off or rd.multipath=0.',
  cure: 'Install device-mapper-multipath (Debian: multipath-tools-boot), then `dracut --force --add multipath --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe(facts, requirements) {
    const named = isMultipathNamed(facts);
    const claims = facts.image === null || isLeftAlone(facts) ? 'none' : claimsPaths(facts.image.tree);
    const volumes = neededNodes(facts.host.storage).some(({ node, forRoot }) => forRoot && node.kind === 'lvm_lv');
    const severity = named || claims === 'all' ? 'fatal' : 'warning';
    for (const seen of [
      ...observeLayer('multipath', facts, requirements, severity),
      ...withoutSelector(facts, requirements, severity),
    ]) {
      yield seen;
      if (named || !seen.defect) continue;
      if (claims === 'some') yield ON_CLAIMED;
      else if (claims === 'none' && volumes) yield ON_DUPLICATES;
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

/** What the rules that tell paths ask for first (multipath-tools, 62-multipath.rules). */
function isLeftAlone({ cmdline }: BootFacts): boolean {
  return cmdline !== null && (hasWord(cmdline, 'nompath') || lastValue(cmdline, 'multipath') === 'off');
}

/** The table that multipathd makes names a path selector, which the kernel loads as a module of its own. */
function* withoutSelector(
  facts: BootFacts,
  requirements: readonly Requirement[],
  severity: Severity,
): Iterable<Observation> {
  const requirement = findLayer(requirements, 'multipath');
  if (facts.image === null || requirement === undefined) return;
  const drivers = kernelDrivers(facts);
  const conf = readMultipathConf(facts.host.files.multipathConf ?? '');
  const named = valuesOf(conf, 'path_selector').flatMap((value) => /^[\w-]+/.exec(value) ?? []);
  const modules = (named.length === 0 ? [DEFAULT_SELECTOR] : named).map((name) => `dm_${name.replaceAll('-', '_')}`);
  const there = modules.some((module) => drivers.isBuiltin(module) || drivers.inImage(module) !== null);
  if (there || !modules.some((module) => drivers.hasModule(module))) return;
  yield {
    defect: true,
    severity,
    message: `The image has no ${modules.join(' or ')}, by which multipath chooses among paths: ${requirement.because}.`,
    evidence: { missing: modules, because: requirement.because },
    repair: ['rebuild'],
  };
}

/** multipath.conf(5), path_selector. */
const DEFAULT_SELECTOR = 'service-time';

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
