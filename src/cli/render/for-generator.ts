import type { CurePart } from './cure.ts';

/** What makes an image anew, and says no more than which module of dracut's is added: a package's hook does that unasked. */
const DRACUT = /^(?:TMPDIR=\S+ )?dracut --force (?:--add (?:\w+|"[\w ]+") )?--kver K IMAGE$/;
const UPDATE = /^update-initramfs -[cu] -k K$/;
const EITHER = /^,?(?: or)? $/;

/**
 * A cure for a host that has this generator (null: not known): of two commands that make the image anew the one that it has, and
 * that of initramfs-tools where a rule names dracut's alone. What is told of one of the two in words of its own stays.
 */
export function forGenerator(parts: readonly CurePart[], generator: string | null): readonly CurePart[] {
  if (generator !== 'dracut' && generator !== 'initramfs-tools') return parts;
  const isDracut = (part: CurePart | undefined) => part?.isCommand === true && DRACUT.test(part.text);
  const isUpdate = (part: CurePart | undefined) => part?.isCommand === true && UPDATE.test(part.text);
  const other = generator === 'dracut' ? isUpdate : isDracut;
  const own = generator === 'dracut' ? isDracut : isUpdate;
  const isChoice = (at: number) => EITHER.test(parts[at]?.text ?? '') && [at - 1, at + 1].some((of) => own(parts[of]));
  const chosen = parts.filter((part, at) => {
    const joiner = isChoice(at - 1) ? at - 1 : isChoice(at + 1) ? at + 1 : null;
    if (other(part) && joiner !== null) return false;
    return !(isChoice(at) && [at - 1, at + 1].some((of) => other(parts[of])));
  });
  if (generator === 'dracut' || chosen.some(isUpdate)) return chosen;
  return chosen.map((part) => (isDracut(part) ? { ...part, text: 'update-initramfs -u -k K' } : part));
}
