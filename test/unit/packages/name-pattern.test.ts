import { describe, expect, it } from '@jest/globals';
import { patternMatches } from '../../../src/packages/name-pattern.ts';

describe('a pattern in a lock file', () => {
  it.each([
    ['kernel*', 'kernel-core', true],
    ['kernel', 'kernel-core', false],
    ['kernel-?ore', 'kernel-core', true],
    ['kernel-[cm]*', 'kernel-modules', true],
    ['kernel-[!c]*', 'kernel-core', false],
    ['libstdc++', 'libstdc++', true],
    ['python3.11', 'python3x11', false],
    ['kernel[', 'kernel[', true],
    ['kernel[', 'kernel', false],
    ['(', '(', true],
  ])('%s takes in %s: %p', (pattern, name, expected) => {
    expect(patternMatches(pattern, name)).toBe(expected);
  });
});
