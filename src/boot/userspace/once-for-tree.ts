import type { ImageTree } from '../../image/types.ts';

/** What several rules ask of an image is worked out once a question, for as long as the image is there. */
export function onceForTree<T>(): (tree: ImageTree, question: string, work: () => T) => T {
  const known = new WeakMap<ImageTree, Map<string, { readonly answer: T }>>();
  return (tree, question, work) => {
    const answers = known.get(tree) ?? new Map<string, { readonly answer: T }>();
    known.set(tree, answers);
    let found = answers.get(question);
    if (found === undefined) answers.set(question, (found = { answer: work() }));
    return found.answer;
  };
}
