import type { CheckAnswer } from '../../protocol/messages.ts';
import { shellWord } from '../../protocol/shell-words.ts';
import type { CurePart } from './cure.ts';

/** Which host is spoken of, as this machine sees it. */
export interface Place {
  readonly facts: CheckAnswer['facts'];
  /** Absolute. */
  readonly root: string;
}

/** The system that runs. */
export const HERE: Place = { facts: 'live', root: '/' };

/** Whether it is another system than the one that runs, and its files are at hand here. */
export function isBelow({ facts, root }: Place): boolean {
  return root !== '/' && (facts === 'mounted' || facts === 'offline');
}

/** What is no command but a setting, or reads the folder that one is in. */
const NOT_PLACED = /^\w+\+?="|^mount | \| /;

/** A command as it has to be typed on this machine to act on that host. */
export function commandFor(place: Place, command: string): string {
  if (!isBelow(place) || NOT_PLACED.test(command)) return command;
  const root = shellWord(place.root);
  return command
    .split('; ')
    .map((one) => {
      if (one.startsWith('bellwether ')) return `${one} --root ${root}`;
      return `chroot ${root} ${/^\w+=/.test(one) ? 'env ' : ''}${one}`;
    })
    .join('; ');
}

/** What must be known before the commands are typed; nothing where they are for the system that runs. */
export function noteOn(place: Place): readonly CurePart[] {
  if (place.facts === 'captured')
    return [{ isCommand: false, text: 'The commands are for the host that was captured, not for this machine.' }];
  if (!isBelow(place)) return [];
  const folder = shellWord(`${place.root}/`);
  return [
    {
      isCommand: false,
      text: `The commands act on the host below ${place.root}. They need, before the first of them,`,
    },
    { isCommand: true, text: `for d in dev proc sys run; do mount --bind /$d ${folder}$d; done` },
    { isCommand: false, text: 'What can be mended without them is mended by' },
    { isCommand: true, text: `bellwether repair --root ${shellWord(place.root)}` },
  ];
}
