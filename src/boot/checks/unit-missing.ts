import type { ImageFacts } from '../../image/types.ts';
import { isDracut } from '../dracut-arguments.ts';
import { initPathOf } from '../userspace/start-init.ts';
import { execute } from '../userspace/init-program.ts';
import { runsSystemd } from '../userspace/programs.ts';
import { startedUnits } from '../userspace/started-units.ts';
import type { Command } from '../userspace/systemd-units.ts';
import type { Check } from '../types.ts';

/** systemd starts in the image, and no chain of units leads to udev, or to the root that it should switch to. */
export const unitMissing: Check = {
  code: 'unit_missing',
  checkpoint: 'init',
  severity: 'fatal',
  symptom:
    '"Failed to isolate default target", "Unit … not found", "Timed out waiting for device", or a boot that stops without a word after "Reached target".',
  cause: 'The build was broken off, or systemd was being replaced while the image was made.',
  cure: 'Reinstall systemd and dracut, then `dracut --force --kver K IMAGE`.',
  repair: ['reinstall', 'rebuild'],
  *observe({ image, cmdline }) {
    if (image === null || image.unread.length > 0 || !isDracut(image) || !runsSystemd(image.tree)) return;
    if (!startsSystemd(image, initPathOf(cmdline))) return;
    // A site that names its own first unit goes its own way.
    if (cmdline?.words.some(({ key }) => key === 'rd.systemd.unit') === true) return;
    const started = startedUnits(image.tree, cmdline);
    if (started === null) {
      yield {
        defect: false,
        what: 'whether systemd gets from the image to the root file system',
        reason: 'a unit in it is too large to be read',
      };
      return;
    }
    const never = GOALS.filter(({ is }) => !started.commands.some(({ command }) => is(command))).map(
      ({ what }) => what,
    );
    if (never.length === 0) return;
    yield {
      defect: true,
      message: `No unit in the image gets to ${never.join(', nor to ')}: ${started.dead.slice(0, SHOWN).join(', ')}.`,
      evidence: { never, lost: started.dead, image: image.files[image.files.length - 1]?.path ?? null },
    };
  },
};

const SHOWN = 3;

const named = ({ program }: Command, pattern: RegExp): boolean => pattern.test(program.split('/').pop() ?? '');

/** What must be done on every way from the image to the root file system. */
const GOALS: readonly { readonly what: string; readonly is: (command: Command) => boolean }[] = [
  { what: "udev's daemon", is: (command) => named(command, /^(?:systemd-)?udevd$/) },
  {
    what: 'the search for devices (udevadm trigger)',
    is: (command) => named(command, /^udevadm$/) && command.words.includes('trigger'),
  },
  {
    what: 'the switch to the root file system',
    is: (command) => named(command, /^systemctl$/) && command.words.includes('switch-root'),
  },
];

function startsSystemd({ tree }: ImageFacts, init: string): boolean {
  const run = execute(tree, init);
  return run.runs && run.chain[0]?.path.endsWith('/systemd/systemd') === true;
}
