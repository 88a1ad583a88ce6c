import { describe, expect, test } from '@jest/globals';
import { acceptImage } from '../../../../src/ops/rebuilding/accept-image.ts';
import type { JudgedImage } from '../../../../src/ops/rebuilding/image-state.ts';
import type { ImageState, Verdict } from '../../../../src/protocol/messages.ts';

function state(verdict: Verdict): ImageState {
  return { size: 1, modules: 1, indexed: 1, verdict, findings: [] };
}

/** @param mendable faults that a rebuild mends; `others` are those that it does not */
function next(verdict: Verdict, mendable: readonly string[] = [], others: readonly string[] = []): JudgedImage {
  const judgement = { verdict, checkpoints: CHECKPOINTS, findings: [], unknowns: [] };
  return { state: state(verdict), faults: [...mendable, ...others], mendable, judgement };
}

const CHECKPOINTS = {
  loader: 'passed',
  unpack: 'passed',
  init: 'passed',
  drivers: 'passed',
  devices: 'passed',
  root: 'passed',
  'switch-root': 'passed',
  host: 'passed',
} as const;

function old(verdict: Verdict, mendable: readonly string[] = [], others: readonly string[] = []) {
  return { before: state(verdict), faults: [...mendable, ...others], mendable };
}

const NONE = { before: null, faults: [], mendable: [] };

describe('a new image takes the place of the old one', () => {
  test.each([
    ['a healthy one', old('healthy')],
    ['a broken one', old('unhealthy', ['image_truncated'])],
    ['none', NONE],
  ])('where it is healthy and the old one is %s', (_name, before) => {
    expect(acceptImage(before, next('healthy'))).toEqual({ accepted: true, reservation: null });
  });

  test.each([
    [
      'it lacks one fault of two',
      old('unhealthy', ['image_truncated', 'lvm_missing']),
      next('unhealthy', ['lvm_missing']),
    ],
    [
      'what is left is nothing that an image can mend',
      old('unhealthy', ['lvm_missing'], ['root_unknown']),
      next('unhealthy', [], ['root_unknown']),
    ],
    ['there was none, and what is wrong is not the image', NONE, next('unhealthy', [], ['root_unknown'])],
    ['it cannot be told of either', old('unknown'), next('unknown')],
    ['it cannot be told, and the old one was broken', old('unhealthy', ['image_truncated']), next('unknown')],
  ])('with a reservation where %s', (_name, before, image) => {
    expect(acceptImage(before, image)).toEqual({ accepted: true, reservation: expect.stringContaining('not worse') });
  });
});

describe('a new image is refused', () => {
  test.each([
    ['the old one is healthy and this one is not', old('healthy'), next('unhealthy', ['module_index_empty'])],
    ['the old one is healthy and of this one it cannot be told', old('healthy'), next('unknown')],
    [
      'it is as broken as the old one',
      old('unhealthy', ['module_index_empty']),
      next('unhealthy', ['module_index_empty']),
    ],
    [
      'it is broken in another way',
      old('unhealthy', ['image_truncated', 'lvm_missing']),
      next('unhealthy', ['udev_missing']),
    ],
    ['there was none, and this one would not boot', NONE, next('unhealthy', ['module_index_empty'])],
    ['of the old one it could not be told, and this one is broken', old('unknown'), next('unhealthy', ['lvm_missing'])],
  ])('where %s', (_name, before, image) => {
    expect(acceptImage(before, image).accepted).toBe(false);
  });
});
