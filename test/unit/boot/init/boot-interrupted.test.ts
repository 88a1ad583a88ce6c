import { describe, expect, test } from '@jest/globals';
import { bootInterrupted } from '../../../../src/boot/checks/boot-interrupted.ts';
import { CMDLINE, facts, type FactsSpec } from '../facts.ts';
import type { FileSpec } from '../image.ts';
import { observe } from '../observe.ts';

const NOTHING = { defects: [], unknowns: [] };
const unit = (name: string, text: string) => ({ [`usr/lib/systemd/system/dracut-${name}.service`]: { text } });
/** As dracut's own units have them (modules.d/…dracut-systemd). */
const UNITS = {
  ...unit('pre-mount', '[Unit]\nConditionKernelCommandLine=|rd.break=pre-mount\n'),
  ...unit('mount', '[Unit]\nConditionKernelCommandLine=|rd.break=mount\n'),
  ...unit(
    'pre-pivot',
    '[Unit]\nConditionKernelCommandLine=|rd.break=cleanup\nConditionKernelCommandLine=|rd.break\nConditionPathExists=|/dev/root\n',
  ),
};
/** dracut without systemd, as init.sh asks in 051 and in 106. */
const SCRIPT = {
  init: { target: 'init.sh' },
  'init.sh': {
    text: `#!/bin/sh
getarg 'rd.break=cmdline' -d 'rdbreak=cmdline' && emergency_shell -n cmdline "Break before cmdline"
getargs 'rd.break=pre-mount' && emergency_shell -n pre-mount "Break before pre-mount"
bv=$(getarg rd.break) && [ -z "$bv" ] && emergency_shell -n switch_root "Break before switch_root"
`,
  },
  'usr/lib/systemd/systemd': null,
};
const DEBIAN = {
  over: { generator: 'initramfs-tools', dracut: null },
  files: {
    init: { target: 'init.sh' },
    'init.sh': { text: '#!/bin/sh\nmaybe_break top\n\nmaybe_break premount\nmaybe_break mount\nmaybe_break init\n' },
    'usr/lib/systemd/systemd': null,
  },
} as const;

const given = (words: string, files: Readonly<Record<string, FileSpec | null>> = UNITS): FactsSpec => ({
  cmdline: `${CMDLINE} ${words}`,
  image: { files },
});

describe('a word that stops every boot', () => {
  test('is fatal, with the entry that has it', () => {
    expect(observe(bootInterrupted, facts(given('rd.break=pre-mount')))).toEqual({
      defects: [
        {
          defect: true,
          message: 'rd.break=pre-mount on the command line stops every boot: dracut opens a shell.',
          evidence: {
            word: 'rd.break=pre-mount',
            entry: expect.any(String),
            entry_source: expect.stringContaining('/boot/loader/entries/'),
          },
        },
      ],
      unknowns: [],
    });
  });

  test.each([
    ['rd.break', given('rd.break')],
    ['rd.break=mount', given('rd.break=mount')],
    ['rd.break=cmdline', given('rd.break=cmdline', SCRIPT)],
    ['rd.break', given('rd.break', SCRIPT)],
    ['rd.break=pre-mount', given('', { ...SCRIPT, 'etc/cmdline.d/x.conf': { text: 'rd.break=pre-mount\n' } })],
    ['break', { ...given('break'), image: DEBIAN }],
    ['break=bottom,mount', { ...given('break=bottom,mount'), image: DEBIAN }],
    ['rdinit=/bin/sh', given('rdinit=/bin/sh')],
    ['rd.systemd.unit=emergency.target', given('rd.systemd.unit=emergency.target')],
    ['rd.rescue', given('rd.rescue')],
    ['systemd.unit=rescue.target', given('systemd.unit=rescue.target')],
    ['single', given('single')],
    ['S', given('systemd.unit=multi-user.target S')],
  ] satisfies readonly (readonly [string, FactsSpec])[])('%s', (word, spec) => {
    expect(observe(bootInterrupted, facts(spec))).toMatchObject({ defects: [{ evidence: { word } }], unknowns: [] });
  });

  test.each([
    ['a point that this dracut does not know', given('rd.break=pre-shutdown')],
    ['a point of scripts that do not run', given('rd.break=pre-udev')],
    [
      'what the image brings, which conditions do not know',
      given('', { ...UNITS, 'etc/cmdline.d/x.conf': { text: 'rd.break' } }),
    ],
    ['a word of another generator', given('break=premount')],
    ['a point that initramfs-tools does not know', { ...given('break=pre-mount rd.break'), image: DEBIAN }],
    ['a shell that is not there', given('rdinit=/opt/sh')],
    ['another init of the image', given('rdinit=/usr/lib/systemd/systemd')],
    ['a target that is the usual', given('systemd.unit=multi-user.target rd.systemd.unit=initrd.target')],
    ['a later word', given('single 3')],
    ['what to do in an emergency', given('rd.emergency=reboot rd.shell=0')],
    [
      'systemd’s words in the image of another init',
      { ...given('rd.rescue rd.systemd.unit=rescue.target'), image: DEBIAN },
    ],
    ['no image', { ...given('rd.break'), image: null }],
  ] satisfies readonly (readonly [string, FactsSpec])[])('is none: %s', (_, spec) => {
    expect(observe(bootInterrupted, facts(spec))).toEqual(NOTHING);
  });

  test.each(['systemd.unit=rescue.target', 'single'])('%s is unknown where the host’s init is not known', (word) => {
    expect(observe(bootInterrupted, facts({ ...given(word), image: DEBIAN }))).toMatchObject({
      defects: [],
      unknowns: [{ what: `whether ${word} stops the boot` }],
    });
  });
});
