import { describe, expect, test } from '@jest/globals';
import { kernelUnsigned } from '../../../../src/boot/checks/kernel-unsigned.ts';
import type { EfiProgram, FirmwareFacts, HostFacts } from '../../../../src/host/types.ts';
import { K, facts, soundKernel, type FactsSpec } from '../facts.ts';
import { observe, severities } from '../observe.ts';

const SHIM = { secureBoot: true, trust: { shim: true, keysAlone: true } } as const;
const ALONE = { secureBoot: true, trust: { shim: false, keysAlone: true } } as const;

/** A host whose entry loads this kernel file. */
function host(signed: boolean | null, about: Partial<HostFacts>, spec: FactsSpec = {}) {
  const sound = soundKernel();
  const vmlinuz = sound.vmlinuz === null ? null : { ...sound.vmlinuz, signed };
  return facts({ ...spec, kernel: { vmlinuz }, host: { kernels: [{ ...sound, vmlinuz }], ...about } });
}

const starting = (kind: EfiProgram['kind']): FirmwareFacts => ({
  mountPoint: '/efi',
  names: [],
  variables: true,
  started: 'here',
  programs: [{ by: 'Boot0001', isCurrent: true, path: '/efi/x.efi', kind, fault: null, lacks: [], goesBy: null }],
  elsewhere: [],
  others: [],
});

describe('a kernel that is not signed', () => {
  test('is refused by shim under Secure Boot', () => {
    expect(observe(kernelUnsigned, host(false, SHIM)).defects).toEqual([
      {
        defect: true,
        message: `/boot/vmlinuz-${K} is not signed, and Secure Boot is on: shim refuses it.`,
        evidence: { path: `/boot/vmlinuz-${K}`, refused_by: 'shim', loader: 'grub' },
      },
    ]);
    const bySystemd = { loader: { name: 'systemd-boot' } } as const;
    expect(severities(kernelUnsigned, host(false, SHIM, bySystemd))).toEqual(['fatal']);
  });

  test('is refused by the firmware, which systemd-boot asks', () => {
    const loader = { name: 'systemd-boot', firmware: starting('systemd-boot') } as const;
    expect(observe(kernelUnsigned, host(false, ALONE, { loader })).defects[0]?.message).toMatch(/the firmware refuses/);
  });

  test.each<[string, Partial<HostFacts>, FactsSpec]>([
    ['Secure Boot is off', { ...SHIM, secureBoot: false }, {}],
    ['whether Secure Boot is on is not known', { ...SHIM, secureBoot: null }, {}],
    ['what it goes by is not known', { ...SHIM, trust: null }, {}],
    ['it may be let through by its hash', { ...SHIM, trust: { shim: true, keysAlone: false } }, {}],
    ['the lists are those of another machine', { ...SHIM, source: 'mounted' }, {}],
    ['GRUB may ask nobody', ALONE, {}],
    ['what starts systemd-boot is not known', ALONE, { loader: { name: 'systemd-boot', firmware: null } }],
    ['something else starts systemd-boot', ALONE, { loader: { name: 'systemd-boot', firmware: starting('other') } }],
    ['the loader is not known', SHIM, { loader: { name: null } }],
    ['it is not what boots next', SHIM, { isDefault: false }],
    ['one image was asked about', SHIM, { imageAsked: true }],
    ['the entry loads another file', SHIM, { entry: { linux: { raw: '/x', path: '/boot/x', exists: true } } }],
  ])('is not told of where %s', (_, about, spec) => {
    expect(observe(kernelUnsigned, host(false, about, spec))).toEqual({ defects: [], unknowns: [] });
  });
});

test.each([true, null])('a kernel of which it is known that it is signed, or nothing: %s', (signed) => {
  expect(observe(kernelUnsigned, host(signed, SHIM))).toEqual({ defects: [], unknowns: [] });
});
