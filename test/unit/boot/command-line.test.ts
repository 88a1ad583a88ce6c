import { describe, expect, test } from '@jest/globals';
import { isOn, lastValue, parseCommandLine, valuesOf } from '../../../src/boot/command-line.ts';

describe('a kernel command line', () => {
  test.each([
    [
      'root=UUID=1234 ro',
      [
        ['root', 'UUID=1234'],
        ['ro', null],
      ],
    ],
    [
      '  a\tb\n c ',
      [
        ['a', null],
        ['b', null],
        ['c', null],
      ],
    ],
    [
      'dyndbg="file drivers/usb/* +p" quiet',
      [
        ['dyndbg', 'file drivers/usb/* +p'],
        ['quiet', null],
      ],
    ],
    [
      '"root=LABEL=my root" rw',
      [
        ['root', 'LABEL=my root'],
        ['rw', null],
      ],
    ],
    ['root="LABEL=my root"', [['root', 'LABEL=my root']]],
    ['resume=', [['resume', '']]],
    ['=odd', [['=odd', null]]],
    ['', []],
  ] as const)('%j is split as the kernel splits it', (text, words) => {
    expect(parseCommandLine(text).words.map(({ key, value }) => [key, value])).toEqual(words);
  });

  test('keeps every value, and the last one counts', () => {
    const words = parseCommandLine('rd.lvm.lv=vg0/root root=/dev/sda1 rd.lvm.lv=vg0/swap root=/dev/vda1');
    expect(valuesOf(words, 'rd.lvm.lv')).toEqual(['vg0/root', 'vg0/swap']);
    expect(lastValue(words, 'root')).toBe('/dev/vda1');
  });

  test.each([
    ['rd.auto', true],
    ['rd.auto=1', true],
    ['rd.auto=0', false],
    ['rd.auto=no', false],
    ['rd.auto=1 rd.auto=off', false],
    ['quiet', false],
  ])('%s turns rd.auto on or off (%s)', (text, on) => {
    expect(isOn(parseCommandLine(text), 'rd.auto', false)).toBe(on);
  });
});
