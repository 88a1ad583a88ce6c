import { describe, expect, test } from '@jest/globals';
import { backupRule, hasBooted, servedBackups } from '../../../../src/ops/rebuilding/backups.ts';
import type { Candidate, ImageSite } from '../../../../src/ops/rebuilding/types.ts';
import type { Verdict } from '../../../../src/protocol/messages.ts';

const BOOT = { running: 'K', time: 10_000 };
const before = (mtime: number) => ({ size: 5, mtime });
const [EARLIER, LATER] = [before(9_000), before(11_000)];

function candidate(verdict: Verdict | null): Candidate {
  const state = verdict === null ? null : { size: 5, modules: 1, indexed: 1, verdict, findings: [] };
  return {
    kernel: 'K',
    path: '/boot/i',
    before: state,
    faults: [],
    mendable: [],
    rebuild: false,
    because: '',
    hostonly: null,
    compress: null,
  };
}

function site(file: ImageSite['file'], backup: ImageSite['backup']): ImageSite {
  return {
    path: '/boot/i',
    real: '/boot/i',
    outside: '/boot/i',
    file,
    backup,
    leftovers: [],
    refusal: null,
    device: 1,
    free: 1,
    siblings: [],
  };
}

describe('an image has booted', () => {
  test('where the machine runs its kernel and was booted after the image was made', () => {
    expect(hasBooted('K', EARLIER, BOOT)).toBe(true);
    expect(hasBooted('K', LATER, BOOT)).toBe(false);
    expect(hasBooted('L', EARLIER, BOOT)).toBe(false);
    expect(hasBooted('K', null, BOOT)).toBe(false);
    expect(hasBooted('K', EARLIER, { running: 'K', time: null })).toBe(false);
  });
});

describe('the old image', () => {
  test('becomes the backup', () => {
    expect(backupRule(candidate('healthy'), site(EARLIER, null), true, BOOT)).toBe('renew');
    expect(backupRule(candidate('unhealthy'), site(EARLIER, null), true, BOOT)).toBe('renew');
    expect(backupRule(candidate('healthy'), site(EARLIER, EARLIER), true, BOOT)).toBe('renew');
  });

  test('does not where an earlier backup has booted and it has not', () => {
    expect(backupRule(candidate('healthy'), site(LATER, EARLIER), true, BOOT)).toBe('leave');
  });

  test('does not where it would not boot and there is an earlier backup', () => {
    expect(backupRule(candidate('unhealthy'), site(LATER, LATER), true, BOOT)).toBe('leave');
    expect(backupRule(candidate(null), site(null, LATER), true, BOOT)).toBe('leave');
  });

  test('is not kept where none is wanted', () => {
    expect(backupRule(candidate('healthy'), site(EARLIER, null), false, BOOT)).toBe('remove');
  });
});

describe('a backup goes', () => {
  const served = (verdict: Verdict, file: ImageSite['file'], wanted = true) =>
    servedBackups([{ candidate: candidate(verdict), site: site(file, EARLIER) }], wanted, BOOT).map(({ path }) => path);

  test('when the image that replaced it is healthy and has booted', () => {
    expect(served('healthy', EARLIER)).toEqual(['/boot/i.bellwether-backup']);
    expect(served('healthy', LATER)).toEqual([]);
    expect(served('unhealthy', EARLIER)).toEqual([]);
    expect(served('unknown', EARLIER)).toEqual([]);
  });

  test('when none is wanted and the image is healthy', () => {
    expect(served('healthy', LATER, false)).toEqual(['/boot/i.bellwether-backup']);
    expect(served('unhealthy', LATER, false)).toEqual([]);
  });
});
