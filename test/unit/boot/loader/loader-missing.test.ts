import { describe, expect, test } from '@jest/globals';
import { grubStubStale } from '../../../../src/boot/checks/grub-stub-stale.ts';
import { loaderMissing } from '../../../../src/boot/checks/loader-missing.ts';
import type { BootFacts } from '../../../../src/boot/types.ts';
import type { EfiProgram, FirmwareFacts, HostFacts } from '../../../../src/host/types.ts';
import { facts } from '../facts.ts';
import { observe, severities } from '../observe.ts';

const PATH = '/boot/efi/EFI/debian/shimx64.efi';
const OWN = ['UUID=0BE1-1BE1', 'PARTUUID=4cd24367-487b-324e-b708-b2ec23f8bada'];
const OTHER = '00000000-1111-2222-3333-444444444444';

const program = (more: Partial<EfiProgram> = {}): EfiProgram => ({
  by: 'Boot0003',
  isCurrent: true,
  path: PATH,
  kind: 'grub',
  fault: null,
  lacks: [],
  goesBy: null,
  ...more,
});
const gone = (path: string, by: string) =>
  program({ by, path, isCurrent: by === 'Boot0003', fault: { kind: 'absent', path } });
const FALLBACK = '/boot/efi/EFI/BOOT/BOOTX64.EFI';
const NOTHING = [gone(PATH, 'Boot0003'), gone(FALLBACK, 'the fallback')];

function host(
  programs: readonly EfiProgram[],
  more: Partial<FirmwareFacts> = {},
  { names = OWN, ...about }: Partial<Omit<HostFacts, 'storage' | 'loader'>> & { names?: readonly string[] | null } = {},
): BootFacts {
  const firmware: FirmwareFacts = {
    mountPoint: '/boot/efi',
    names: OWN,
    variables: true,
    started: 'here',
    programs,
    elsewhere: [],
    others: [],
    ...more,
  };
  const bare = facts({ loader: { firmware }, storage: { names: names === null ? null : new Set(names) } });
  return { ...bare, host: { ...bare.host, ...about } };
}

describe('a host whose firmware finds no loader on the EFI partition', () => {
  test('does not boot', () => {
    expect(severities(loaderMissing, host(NOTHING))).toEqual(['fatal']);
    expect(observe(loaderMissing, host(NOTHING)).defects[0]).toMatchObject({
      message: `The firmware finds no boot loader on /boot/efi that it could start: ${PATH} is not there, ${FALLBACK} is not there.`,
      evidence: {
        efi_partition: '/boot/efi',
        tried: [
          { by: 'Boot0003', path: PATH, fault: 'absent', file: PATH },
          { by: 'the fallback', path: FALLBACK, fault: 'absent', file: FALLBACK },
        ],
      },
    });
    expect(severities(loaderMissing, host(NOTHING, { started: 'device' }))).toEqual(['fatal']);
  });

  test.each(['absent', 'damaged', 'foreign', 'unsigned'] as const)('is told what is wrong with it: %s', (kind) => {
    const second = '/boot/efi/EFI/debian/grubx64.efi';
    const { defects } = observe(loaderMissing, host([program({ fault: { kind, path: second } })]));
    expect(defects[0]?.message).toContain(`${second}, which ${PATH} starts, is `);
  });

  test.each([
    ['it was started from elsewhere', host(NOTHING, { started: 'elsewhere' })],
    ['nothing says from where it was started', host(NOTHING, { started: null })],
    ['the boot entries are not known', host(NOTHING, { variables: false })],
    ['it is mounted on another machine', host(NOTHING, {}, { source: 'mounted' })],
    ['another partition may hold a loader', host(NOTHING, {}, { names: [...OWN, 'UUID=AAAA-BBBB'] })],
    ['not every partition is known', host(NOTHING, {}, { names: null })],
    [
      'an entry leads to another partition that is there',
      host(NOTHING, { elsewhere: [{ entry: 'Boot0001', partition: OTHER }] }, { names: [...OWN, `PARTUUID=${OTHER}`] }),
    ],
  ])('is warned of where %s', (_, of) => {
    expect(severities(loaderMissing, of)).toEqual(['warning']);
    expect(observe(loaderMissing, of).defects[0]?.message).toMatch(/It may start the host from elsewhere\.$/);
  });

  test('does not boot either where other entries lead to the network, or to what is no longer there', () => {
    const elsewhere = [
      { entry: 'Boot0001', partition: null },
      { entry: 'Boot0002', partition: OTHER },
    ];
    expect(severities(loaderMissing, host(NOTHING, { elsewhere }))).toEqual(['fatal']);
  });

  test('may have one that entries lead to which could not be read', () => {
    const programs = [gone(FALLBACK, 'the fallback')];
    expect(severities(loaderMissing, host(programs, { variables: false, others: [PATH] }))).toEqual([]);
  });
});

describe('a host whose firmware finds a loader', () => {
  test.each([
    ['by its entry', [program()]],
    ['by a later entry', [gone(PATH, 'Boot0003'), program({ by: 'Boot0001', isCurrent: false, path: FALLBACK })]],
    ['by the fallback, as no entry was used', [program({ by: 'the fallback', isCurrent: false, path: FALLBACK })]],
    [
      'by the fallback, as an old entry never led anywhere',
      [gone(PATH, 'Boot0007'), program({ by: 'the fallback', isCurrent: false, path: FALLBACK })],
    ],
  ])('%s boots', (_, programs) => {
    expect(observe(loaderMissing, host(programs))).toEqual({ defects: [], unknowns: [] });
  });

  test('by the fallback alone, where its own entry leads nowhere any more, is warned of', () => {
    const programs = [gone(PATH, 'Boot0003'), program({ by: 'the fallback', isCurrent: false, path: FALLBACK })];
    expect(severities(loaderMissing, host(programs))).toEqual(['warning']);
  });
});

describe('a host of whose firmware nothing is known', () => {
  test('is judged by the rest', () => {
    expect(observe(loaderMissing, facts())).toEqual({ defects: [], unknowns: [] });
    expect(observe(loaderMissing, { ...host(NOTHING), imageAsked: true }).defects).toEqual([]);
    expect(observe(loaderMissing, { ...host(NOTHING), isDefault: false }).defects).toEqual([]);
  });
});

describe('the GRUB that the firmware starts', () => {
  const lacking = [program({ lacks: ['/boot/efi/EFI/debian/grub.cfg'] })];

  test('stops at its prompt without its configuration', () => {
    expect(observe(grubStubStale, host(lacking)).defects).toEqual([
      {
        defect: true,
        severity: 'fatal',
        message: `${PATH} starts a GRUB that goes by /boot/efi/EFI/debian/grub.cfg, and there is none: it stops at its prompt.`,
        evidence: { path: PATH, by: 'Boot0003', looked_for: ['/boot/efi/EFI/debian/grub.cfg'] },
      },
    ]);
  });

  test('may not be the one that starts the host', () => {
    expect(severities(grubStubStale, host(lacking, { started: 'elsewhere' }))).toEqual(['warning']);
    expect(severities(grubStubStale, host(lacking, { variables: false }))).toEqual([]);
    expect(severities(grubStubStale, host([program()]))).toEqual([]);
  });
});
