import { clausesOf, endClause, type CurePart } from './cure.ts';

/** What makes an image anew, and says no more than which module of dracut's is added: a package's hook does that unasked. */
const DRACUT = /^(?:TMPDIR=\S+ )?dracut --force (?:--add (?:\w+|"[\w ]+") )?--kver K IMAGE$/;
const UPDATE = /^update-initramfs -[cu] -k K$/;
const EITHER = /^,?(?: or)? $/;
const CALLS_DRACUT = /^(?:TMPDIR=\S+ )?dracut /;

/**
 * A cure for a host that has this generator (null: not known): of two ways to make the image anew the one that it has, and that of
 * initramfs-tools where a rule names dracut's command alone.
 */
export function forGenerator(parts: readonly CurePart[], generator: string | null): readonly CurePart[] {
  if (generator !== 'dracut' && generator !== 'initramfs-tools') return parts;
  return ofTwoCommands(ofTwoClauses(parts, generator), generator);
}

/** Of what a rule tells of the two in clauses of their own, one. */
function ofTwoClauses(parts: readonly CurePart[], generator: 'dracut' | 'initramfs-tools'): readonly CurePart[] {
  const clauses = clausesOf(parts);
  const ofTools = clauses.filter(([first]) => /^\s*(?:for|with) initramfs-tools\b/i.test(first?.text ?? ''));
  if (ofTools.length === 0) return parts;
  const callsDracut = (clause: readonly CurePart[]) =>
    clause.some(({ text, isCommand }) => isCommand && CALLS_DRACUT.test(text));
  return clauses
    .filter((clause) => (generator === 'dracut' ? !ofTools.includes(clause) : !callsDracut(clause)))
    .flatMap(endClause);
}

/** Of two commands the one that it has. */
function ofTwoCommands(parts: readonly CurePart[], generator: 'dracut' | 'initramfs-tools'): readonly CurePart[] {
  const isDracut = (part: CurePart | undefined) => part?.isCommand === true && DRACUT.test(part.text);
  const isUpdate = (part: CurePart | undefined) => part?.isCommand === true && UPDATE.test(part.text);
  const other = generator === 'dracut' ? isUpdate : isDracut;
  const own = generator === 'dracut' ? isDracut : isUpdate;
  const isChoice = (at: number) => {
    const [before, after] = [parts[at - 1], parts[at + 1]];
    return EITHER.test(parts[at]?.text ?? '') && ((own(before) && other(after)) || (other(before) && own(after)));
  };
  const chosen = parts.filter((part, at) => !isChoice(at) && !(other(part) && (isChoice(at - 1) || isChoice(at + 1))));
  if (generator === 'dracut' || chosen.some(isUpdate)) return chosen;
  return chosen.map((part) => (isDracut(part) ? { ...part, text: 'update-initramfs -u -k K' } : part));
}
