import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCommandLine } from '../../../src/host/command-line.ts';
import { parseGrubScript } from '../../../src/host/loader/grub-script.ts';
import { runGrubConfig } from '../../../src/host/loader/grub-menu.ts';
import { peSections } from '../../../src/host/loader/uki.ts';
import { parseMountinfo } from '../../../src/host/mountinfo.ts';
import { parseKernelHead } from '../../../src/host/vmlinuz.ts';
import { compareSegments } from '../../../src/versions/rpm-versions.ts';
import { bzImage, fixture } from './roots.ts';

const files = {
  exists: () => true,
  script: () => null,
  environment: () => new Map<string, string>(),
  savable: () => true,
  name: (path: string) => path,
};
const run = (script: string) =>
  runGrubConfig(script, { path: '/boot/grub/grub.cfg', directory: '(host)/boot/grub', platform: 'pc', files });

/** A text with some of its characters replaced: most of its structure stays. */
const mutated = (text: string) =>
  fc
    .array(
      fc.tuple(fc.nat(text.length - 1), fc.constantFrom('{', '}', '"', "'", '$', '\\', '\n', ';', ' ', 'if ', '')),
      {
        maxLength: 12,
      },
    )
    .map((edits) => edits.reduce((all, [at, char]) => all.slice(0, at) + char + all.slice(at + 1), text));

describe('nothing that a host holds makes reading it fail', () => {
  test.each(['el7.cfg', 'el8.cfg', 'debian-one-file-system.cfg'])('%s with errors', (name) => {
    fc.assert(
      fc.property(mutated(fixture(name)), (script) => {
        expect(run(script).items).toBeInstanceOf(Array);
      }),
      { numRuns: 300 },
    );
  });

  test('scripts of any characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (script) => {
        expect(parseGrubScript(script)).toBeInstanceOf(Array);
      }),
      { numRuns: 500 },
    );
  });

  test('kernel files with errors', () => {
    const sound = bzImage('6.1.0');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(0x260), fc.nat(255)), { maxLength: 16 }), fc.nat(0x3000), (edits, cut) => {
        const bytes = Buffer.from(sound.subarray(0, cut));
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
        expect(parseKernelHead(bytes, bytes.length)).toHaveProperty('version');
        expect(peSections(bytes)).toBeInstanceOf(Array);
      }),
      { numRuns: 1000 },
    );
  });

  test('any text as a command line or as mountinfo', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        expect(parseCommandLine(text).text).toBe(text);
        expect(parseMountinfo(text)).toBeInstanceOf(Array);
      }),
    );
  });

  test('versions are in one order, whatever they are', () => {
    const version = fc.string({ unit: fc.constantFrom('0', '1', '9', 'a', 'z', '.', '-', '~', '^'), maxLength: 8 });
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(Math.sign(compareSegments(a, b)) + Math.sign(compareSegments(b, a))).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });
});
