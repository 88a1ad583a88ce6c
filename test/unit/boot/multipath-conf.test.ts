import { describe, expect, test } from '@jest/globals';
import { defaultOf, readMultipathConf, valuesOf } from '../../../src/boot/multipath-conf.ts';

const inDefaults = (text: string) => readMultipathConf(`defaults {\n${text}\n}\n`).sections[0]?.settings;

describe('multipath.conf', () => {
  test('has sections, and sections in some of them', () => {
    const conf = `
# a comment
defaults {
    user_friendly_names yes ! another
}
devices
{
    device {
        vendor "A ""B"" C" # and another
        path_selector "round-robin 0"
    }
    device {
        vendor D
    }
}
`;
    const device = (settings: object) => ({ name: 'device', settings, sections: [] });
    expect(readMultipathConf(conf)).toEqual({
      name: '',
      settings: [],
      sections: [
        { name: 'defaults', settings: [{ keyword: 'user_friendly_names', value: 'yes' }], sections: [] },
        {
          name: 'devices',
          settings: [],
          sections: [
            device([
              { keyword: 'vendor', value: 'A "B" C' },
              { keyword: 'path_selector', value: 'round-robin 0' },
            ]),
            device([{ keyword: 'vendor', value: 'D' }]),
          ],
        },
      ],
    });
  });

  test.each([
    ['a word', 'prio alua', 'alua'],
    ['the first of several words', 'path_selector round-robin 0', 'round-robin'],
    ['what stands before a comment', 'prio alua#no', 'alua'],
    ['a comment’s sign in quotes', 'devnode "^sd!#"', '^sd!#'],
    ['nothing, in quotes', 'features ""', ''],
    ['the rest of the line, where quotes are not closed', 'features "1 queue', '1 queue'],
  ])('a value is %s', (_, line, value) => {
    expect(inDefaults(line)?.map((setting) => setting.value)).toEqual([value]);
  });

  test.each(['prio', '# prio alua', '"prio" alua', '{', ''])('a line that sets nothing: %j', (line) => {
    expect(inDefaults(line)).toEqual([]);
  });

  test('says nothing on the line of a brace, where libmultipath passes it over', () => {
    const conf = readMultipathConf('defaults { find_multipaths no }\n prio alua\n}\ndevices {\n} device {\n');
    expect([defaultOf(conf, 'find_multipaths'), defaultOf(conf, 'prio')]).toEqual([null, 'alua']);
    expect(conf.sections.map(({ name, sections }) => [name, sections])).toEqual([
      ['defaults', []],
      ['devices', []],
    ]);
  });

  test('knows no section by a word that stands elsewhere', () => {
    const conf = readMultipathConf('device {\n}\noverrides\nprio x\nblacklist {\nprotocol "scsi:fcp"\n}\n');
    expect(conf.sections).toEqual([
      { name: 'blacklist', settings: [{ keyword: 'protocol', value: 'scsi:fcp' }], sections: [] },
    ]);
  });

  test('has one value that counts for all, and others for some', () => {
    const conf = readMultipathConf(`defaults {
  path_selector "service-time 0"
}
defaults {
  path_selector "round-robin 0"
}
multipaths {
  multipath {
    wwid 36005
    path_selector "queue-length 0"
  }
}
`);
    expect(defaultOf(conf, 'path_selector')).toBe('round-robin 0');
    expect(valuesOf(conf, 'path_selector')).toEqual(['service-time 0', 'round-robin 0', 'queue-length 0']);
  });
});
