import { describe, expect, test } from '@jest/globals';
import { defaultEntryStale } from '../../../../src/boot/checks/default-entry-stale.ts';
import { grubConfigMissing } from '../../../../src/boot/checks/grub-config-missing.ts';
import { CMDLINE, facts, type FactsSpec } from '../facts.ts';
import { observe, severities } from '../observe.ts';

describe('a GRUB without grub.cfg', () => {
  const lacking = (spec: FactsSpec = {}) =>
    facts({ ...spec, loader: { lacks: ['/boot/grub2/grub.cfg'], ...spec.loader } });
  const running = (text: string | null) => ({ cmdlines: { running: text, kernelInstall: null } });

  test('stops at its prompt, where it started this host', () => {
    expect(observe(grubConfigMissing, lacking()).defects).toEqual([
      {
        defect: true,
        message: 'There is no /boot/grub2/grub.cfg: GRUB, which started this host, stops at its prompt.',
        evidence: { looked_for: ['/boot/grub2/grub.cfg'], loader_evidence: '/boot/grub/grub.cfg' },
      },
    ]);
    expect(
      severities(grubConfigMissing, lacking({ loader: { entries: [], defaultEntry: null }, entry: null })),
    ).toEqual(['fatal']);
  });

  test.each([
    ['a hypervisor may have brought the kernel', { host: running('root=/dev/vda1 ro') }],
    ['another loader gave its name alone', { host: running('BOOT_IMAGE=vmlinuz-6.1.0-56-amd64 root=/dev/vda1') }],
    ['what started it is none of its kernels', { host: running('BOOT_IMAGE=/images/pxe/vmlinuz root=/dev/vda1') }],
    ['it does not run', { host: { ...running(CMDLINE), source: 'mounted' as const } }],
    ['nothing is known of what runs', { host: running(null) }],
  ])('may not be what starts the host: %s', (_, spec) => {
    const { defects, unknowns } = observe(grubConfigMissing, lacking(spec));
    expect(defects).toEqual([]);
    expect(unknowns).toEqual([expect.objectContaining({ what: 'what boots next' })]);
  });

  test('is told once', () => {
    expect(observe(defaultEntryStale, lacking({ loader: { entries: [], defaultEntry: null } })).defects).toEqual([]);
    const unread = [{ part: 'loader' as const, what: 'grub.cfg', reason: 'it may lie elsewhere' }];
    expect(observe(grubConfigMissing, lacking({ host: { unread } }))).toEqual({ defects: [], unknowns: [] });
    expect(observe(defaultEntryStale, lacking({ host: { unread } })).unknowns).toEqual([
      { defect: false, what: 'what boots next: grub.cfg', reason: 'it may lie elsewhere' },
    ]);
  });

  test('says nothing of another kernel than the default, nor of an image that was asked for', () => {
    const quiet = { defects: [], unknowns: [] };
    expect(observe(grubConfigMissing, lacking({ isDefault: false }))).toEqual(quiet);
    expect(observe(grubConfigMissing, lacking({ imageAsked: true }))).toEqual(quiet);
    expect(observe(grubConfigMissing, facts())).toEqual(quiet);
  });
});
