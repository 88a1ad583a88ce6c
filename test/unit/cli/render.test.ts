import { describe, expect, test } from '@jest/globals';
import { cureLines, cureParts } from '../../../src/cli/render/cure.ts';
import { renderNagios, renderNagiosError } from '../../../src/cli/render/check-nagios.ts';
import { renderCheck } from '../../../src/cli/render/check-text.ts';
import { printable, styleFor, wrap } from '../../../src/cli/render/style.ts';
import type { CheckAnswer } from '../../../src/protocol/messages.ts';

const K = '6.1.0-56-amd64';
const answer: CheckAnswer = {
  protocol: 1,
  op: 'check',
  version: '0.1.0',
  changed: false,
  changes: [],
  summary: `${K} will not boot: a | b`,
  error: null,
  duration_ms: 1,
  facts: 'live',
  verdict: 'unhealthy',
  kernels: [
    {
      kernel: K,
      entry: 'debian',
      default: true,
      image: `/boot/initrd.img-${K}`,
      images: ['/boot/microcode.img', `/boot/initrd.img-${K}`],
      verdict: 'unhealthy',
      checkpoints: {
        loader: 'passed',
        unpack: 'passed',
        init: 'passed',
        drivers: 'failed',
        devices: 'unknown',
        root: 'warned',
        'switch-root': 'passed',
        host: 'passed',
      },
      modules: 3,
    },
  ],
  findings: ['virtio_blk', 'virtio_pci'].map((driver) => ({
    code: 'driver_missing',
    severity: 'fatal',
    checkpoint: 'drivers',
    kernel: K,
    message: `The image lacks ${driver}.`,
    evidence: { driver },
    repair: ['rebuild'],
  })),
  unknowns: [{ checkpoint: 'devices', kernel: K, what: 'what is in squash-root.img', reason: 'squashfs is not read' }],
  fingerprint: 'v1:unhealthy',
};
const plain = styleFor(false, undefined, {});

describe('the text for a person', () => {
  const text = renderCheck(answer, plain);

  test.each([
    ['names what an image that is cut short has lost, and no more', {}, true],
    ['tells it whole where the cut is accepted', { ignored: true }, false],
  ])('%s', (_, more, isShort) => {
    const [lost] = answer.findings;
    const cut = {
      ...lost!,
      code: 'image_truncated',
      checkpoint: 'unpack',
      message: 'It is cut short.',
      ...more,
    } as const;
    const told = renderCheck({ ...answer, findings: [cut, ...answer.findings] }, plain);
    expect(told).toContain('It is cut short.');
    expect(told.includes('likely to go with it\n    driver_missing (2)\n')).toBe(isShort);
    expect(told.includes('The image lacks virtio_blk.')).toBe(!isShort);
  });

  test('keeps within 80 columns', () => {
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('shows every image of the entry and each checkpoint in boot order, with a mark', () => {
    expect(text).toMatch(/microcode\.img\n {2}\/boot\/initrd\.img/);
    expect(
      [...text.matchAll(/^ {2}(.{6}) (loader|unpack|init|drivers|devices|root|switch-root|host) /gm)].map((match) => [
        match[2],
        match[1]?.trim(),
      ]),
    ).toEqual([
      ['loader', 'ok'],
      ['unpack', 'ok'],
      ['init', 'ok'],
      ['drivers', 'FAIL'],
      ['devices', '??'],
      ['root', 'warn'],
      ['switch-root', 'ok'],
      ['host', 'ok'],
    ]);
  });

  test('tells findings of one code together, with the cure once and filled in', () => {
    expect(text.match(/fatal: driver_missing/g)).toHaveLength(1);
    expect(text).toContain('The image lacks virtio_blk.\n    The image lacks virtio_pci.');
    expect(text).toContain('"virtio_blk virtio_pci"');
    expect(text).toContain(`/boot/initrd.img-${K}`);
  });

  test('says what is not known, and why', () => {
    expect(text).toContain(
      'not known: devices\n    what is in squash-root.img\n    because         squashfs is not read',
    );
  });
});

describe('colour', () => {
  test.each([
    ['a terminal', true, {}, true],
    ['a pipe', false, {}, false],
    ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['a terminal with an empty NO_COLOR', true, { NO_COLOR: '' }, true],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ])('on %s', (_what, terminal, env, coloured) => {
    expect(renderCheck(answer, styleFor(terminal, 80, env)).includes('\u001b[')).toBe(coloured);
  });
});

test('text from a host cannot drive the terminal', () => {
  expect(printable('a\u001b[2Jb\u202ec\r\nd')).toBe('a\ufffd[2Jb\ufffdc\ufffd\nd');
});

test('a serial console can show the signs of the text', () => {
  expect(printable('modules’ … a–b')).toBe("modules' ... a-b");
});

test('a line breaks at spaces, and a word that is too long is cut', () => {
  expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrap('a /very/long/path', 8)).toEqual(['a', '/very/lo', 'ng/path']);
});

test('a cure shows its commands on lines of their own, to be copied', () => {
  expect(
    cureLines(
      cureParts(
        'Reinstall kmod, run `depmod -a 6.1`, see `modules.dep.bin`, then `dracut --force --kver 6.1 "a b" /boot/x.img`.',
      ),
      30,
    ),
  ).toEqual([
    'Reinstall kmod, run',
    '  depmod -a 6.1',
    'see modules.dep.bin, then',
    '  dracut --force --kver 6.1 \\',
    '    "a b" /boot/x.img',
  ]);
});

test('a command in brackets leaves no brackets behind', () => {
  expect(cureLines(cureParts('Build it (`dkms autoinstall -k 6.1`), then `depmod -a 6.1`.'), 40)).toEqual([
    'Build it',
    '  dkms autoinstall -k 6.1',
    'then',
    '  depmod -a 6.1',
  ]);
});

test('a monitor gets one line with performance data, no bar in its text, then a line per fatal finding', () => {
  expect(renderNagios(answer)).toBe(
    `BOOT CRITICAL - ${K} will not boot: a / b | fatal=2;;0 warnings=0 unknown=1\ndriver_missing: The image lacks virtio_blk.\ndriver_missing: The image lacks virtio_pci.\n`,
  );
});

test('a monitor gets no control characters and no second line from a host, in an error neither', () => {
  const [first] = answer.findings;
  const hostile = { ...first!, message: 'a\u001b[2J\nb | c' };
  expect(renderNagios({ ...answer, summary: 'x\u001b[2J', findings: [hostile] })).toBe(
    'BOOT CRITICAL - x\ufffd[2J | fatal=1;;0 warnings=0 unknown=1\ndriver_missing: a\ufffd[2J b / c\n',
  );
  expect(renderNagiosError('/a\nb|c\u001b[31m is absent')).toBe('BOOT UNKNOWN - /a b/c\ufffd[31m is absent\n');
});
