import type { ImageFacts } from '../image/types.ts';
import { parseCommandLine } from './command-line.ts';
import type { BootFacts, CommandLine } from './types.ts';

/** Whether `rd.*` words mean anything: dracut alone reads them. */
export function isDracut(image: ImageFacts): boolean {
  return image.dracut !== null || image.generator === 'dracut';
}

/**
 * What dracut's own scripts take for the command line: `etc/cmdline` and `etc/cmdline.d/*.conf` of the image, then the
 * kernel's (dracut-lib.sh, `getcmdline`). The kernel's comes last, so it wins where the last word counts.
 * Null where the image is none of dracut's or the kernel's command line is not known.
 */
export function dracutArguments(facts: BootFacts): CommandLine | null {
  const { image, cmdline } = facts;
  if (image === null || cmdline === null || !isDracut(image)) return null;
  return parseCommandLine([...frozenArguments(image), cmdline.text].join(' '));
}

function frozenArguments(image: ImageFacts): readonly string[] {
  const paths = [...image.tree.entries.keys()].filter((path) => /^etc\/cmdline\.d\/[^/]+\.conf$/.test(path)).sort();
  return ['etc/cmdline', ...paths].flatMap((path) => {
    const text = image.tree.text(path);
    return text === null ? [] : [text.replace(/\n/g, ' ')];
  });
}

/** Where a person finds the words that the image itself brings; empty where it brings none. */
export function frozenArgumentFiles(image: ImageFacts): readonly string[] {
  return [...image.tree.entries.keys()].filter((path) => /^etc\/cmdline(\.d\/[^/]+\.conf)?$/.test(path)).sort();
}

/** Whether one of dracut's own scripts runs at boot: `parse-md` is …/dracut/hooks/pre-trigger/30-parse-md.sh. */
export function hasDracutHook({ tree }: ImageFacts, name: string): boolean {
  for (const path of tree.entries.keys())
    if (/\/dracut\/hooks\/[^/]+\/\d+-?([^/]+)\.sh$/.exec(path)?.[1] === name) return true;
  return false;
}
