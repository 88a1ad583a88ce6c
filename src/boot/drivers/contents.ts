import type { ImageFacts, ImageProblem } from '../../image/types.ts';

/** After one of these the list of files is not what the kernel would see, or not all of it. */
const CUT_SHORT: readonly ImageProblem['kind'][] = [
  'limit',
  'program_absent',
  'truncated',
  'corrupt',
  'empty',
  'not_an_image',
];

/** Why it is not known all that the image holds: then what was not seen in it is unknown, not missing. Null: it is known. */
export function unreadContents(image: ImageFacts): string | null {
  const problem = image.problems.find(({ kind }) => CUT_SHORT.includes(kind));
  if (problem !== undefined) return `the image could not be read to its end: ${problem.detail}`;
  if (image.generator === 'booster')
    return 'booster keeps modules and their lists in ways of its own, which are not read';
  const nested = image.unread[0];
  return nested === undefined ? null : `${nested.path} is a ${nested.format} image, whose contents were not read`;
}
