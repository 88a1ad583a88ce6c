import type { ImageFacts, ImageProblem } from '../image/types.ts';

/** Where in the image a problem lies, as evidence. */
export function placeOf(image: ImageFacts, problem: ImageProblem): Readonly<Record<string, unknown>> {
  const file = image.files[problem.file];
  return {
    path: file?.path ?? null,
    size: file?.size ?? null,
    offset: problem.offset,
    detail: problem.detail,
    ...(problem.entry === undefined ? {} : { entry: problem.entry }),
  };
}

export function problemsOf(
  image: ImageFacts | null,
  ...kinds: readonly ImageProblem['kind'][]
): readonly ImageProblem[] {
  return image?.problems.filter(({ kind }) => kinds.includes(kind)) ?? [];
}

/** The archive that holds the system, not microcode or ACPI tables alone. */
export function hasMainSegment(image: ImageFacts): boolean {
  return image.segments.some(({ early }) => !early);
}

/**
 * Whether the kernel has an init to start although it stops unpacking at the problem: it keeps what it has unpacked
 * and goes on (init/initramfs.c), so what lies behind the problem is lost, no more.
 */
export function hasInitBefore(image: ImageFacts, problem: ImageProblem): boolean {
  const before = image.segments.some(
    ({ early, file, offset }) => !early && (file < problem.file || (file === problem.file && offset < problem.offset)),
  );
  return before && image.tree.resolve('/init').found;
}

export function nameOf(image: ImageFacts, problem: ImageProblem): string {
  return image.files[problem.file]?.path ?? 'the image';
}
