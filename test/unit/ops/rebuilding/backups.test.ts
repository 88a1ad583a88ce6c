import { describe, expect, test } from '@jest/globals';
import { backupRule, servedBackups, tellKept } from '../../../../src/ops/rebuilding/backups.ts';
import type { Booted } from '../../../../src/ops/rebuilding/boots.ts';
import type { Candidate, ImageSite } from '../../../../src/ops/rebuilding/types.ts';
import type { Verdict } from '../../../../src/protocol/messages.ts';

const FILE = { size: 5, changed: 9_000 };

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
    repeated: [],
    lost: [],
  };
}

function site(backup: ImageSite['backup'] = FILE): ImageSite {
  return {
    path: '/boot/i',
    real: '/boot/i',
    outside: '/boot/i',
    file: FILE,
    backup,
    leftovers: [],
    orphans: [],
    refusal: null,
    device: 1,
    free: 1,
    siblings: [],
  };
}

describe('the old image', () => {
  const rule = (
    old: Verdict | null,
    earlier: Parameters<typeof backupRule>[1],
    booted: Booted = 'none',
    wanted = true,
  ) => backupRule(candidate(old), earlier, wanted, booted);

  test('becomes the backup where there is none', () => {
    expect(rule('healthy', null)).toBe('renew');
    expect(rule('unhealthy', null)).toBe('renew');
  });

  test('is worth more than a backup that would not boot', () => {
    expect(rule('healthy', 'unhealthy')).toBe('renew');
    expect(rule('healthy', 'unreadable')).toBe('renew');
  });

  test('is worth more than an earlier one where it is proven to have booted', () => {
    expect(rule('healthy', 'healthy', 'proven')).toBe('renew');
  });

  test('does not take the place of a backup that may be what booted the machine', () => {
    expect(rule('healthy', 'healthy', 'likely')).toBe('leave');
    expect(rule('healthy', 'unknown', 'none')).toBe('leave');
  });

  test('does not where it would not boot itself', () => {
    expect(rule('unhealthy', 'unhealthy')).toBe('leave');
    expect(rule(null, 'healthy')).toBe('leave');
  });

  test('is not kept where none is wanted', () => {
    expect(rule('healthy', null, 'none', false)).toBe('remove');
  });
});

describe('a backup', () => {
  const kept = (verdict: Verdict, booted: Booted) => [{ candidate: candidate(verdict), site: site(), booted }];
  const served = (verdict: Verdict, booted: Booted, wanted = true) =>
    servedBackups(kept(verdict, booted), wanted).map(({ path }) => path);

  test('goes when the image that replaced it is healthy and is proven to have booted', () => {
    expect(served('healthy', 'proven')).toEqual(['/boot/i.bellwether-backup']);
    expect(served('healthy', 'likely')).toEqual([]);
    expect(served('unhealthy', 'proven')).toEqual([]);
    expect(served('unknown', 'proven')).toEqual([]);
  });

  test('goes when none is wanted and the image is healthy', () => {
    expect(served('healthy', 'none', false)).toEqual(['/boot/i.bellwether-backup']);
    expect(served('unhealthy', 'likely', false)).toEqual([]);
  });

  test('that may go is told, with how', () => {
    expect(tellKept(kept('healthy', 'likely'), [], true)).toEqual([
      expect.stringMatching(/^\/boot\/i\.bellwether-backup stays: .* `bellwether rebuild --kernel K --no-backup`/),
    ]);
    expect(tellKept(kept('healthy', 'none'), [], true)).toEqual([]);
    expect(tellKept(kept('unhealthy', 'likely'), [], true)).toEqual([]);
  });
});
