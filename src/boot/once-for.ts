import type { ImageTree } from '../image/types.ts';

/** What several rules ask of the same facts is worked out once, for as long as these are there. */
export function onceFor<K extends object, T>(work: (facts: K) => T): (facts: K) => T {
  const known = new WeakMap<K, { readonly answer: T }>();
  return (facts) => {
    let found = known.get(facts);
    if (found === undefined) known.set(facts, (found = { answer: work(facts) }));
    return found.answer;
  };
}

/** The same of an image that is asked several questions, each told from the others by its words. */
export function onceForTree<T>(): (tree: ImageTree, question: string, work: () => T) => T {
  const answersOf = onceFor<ImageTree, Map<string, { readonly answer: T }>>(() => new Map());
  return (tree, question, work) => {
    const answers = answersOf(tree);
    let found = answers.get(question);
    if (found === undefined) answers.set(question, (found = { answer: work() }));
    return found.answer;
  };
}
