import { describe, expect, test } from '@jest/globals';
import { walkKmodIndex } from '../../../src/image/kmod-index.ts';
import { readModuleIndex } from '../../../src/image/module-index.ts';

const HEADER = Buffer.from('b007f457000200010000000c', 'hex');
const PREFIX = 0x80000000;
const VALUES = 0x40000000;
const CHILDREN = 0x20000000;

/** An index whose root node is `node`, its parts told by `flags`. */
function index(flags: number, ...node: readonly (string | number[])[]): Buffer {
  const root = Buffer.alloc(4);
  root.writeUInt32BE((flags | 12) >>> 0);
  return Buffer.concat([HEADER.subarray(0, 8), root, ...node.map((part) => Buffer.from(part))]);
}

describe("kmod's binary index", () => {
  test.each([
    ['no bytes', Buffer.alloc(0), 'empty'],
    ['a header alone, as depmod writes when it finds no module', HEADER, 'empty'],
    ['a root of nothing', index(0).fill(0, 8), 'empty'],
    ['an old magic', Buffer.from('b007fa57000200010000000c', 'hex'), 'bad_magic'],
    ['another major version', Buffer.from('b007f457000300010000000c', 'hex'), 'bad_magic'],
    ['half a header', HEADER.subarray(0, 6), 'bad_magic'],
  ])('%s: %s', (_, bytes, state) => {
    expect(walkKmodIndex(bytes)).toEqual({ state, keys: 0 });
  });

  test('gives keys with their values by priority', () => {
    const pairs: [string, string][] = [];
    const bytes = index(PREFIX | VALUES, 'key\0', [0, 0, 0, 2], [0, 0, 0, 9], 'late\0', [0, 0, 0, 1], 'early\0');
    expect(walkKmodIndex(bytes, (key, value) => pairs.push([key, value]))).toEqual({ state: 'sound', keys: 1 });
    expect(pairs).toEqual([
      ['key', 'early'],
      ['key', 'late'],
    ]);
  });

  test.each([
    ['a prefix without end', index(PREFIX, 'endless')],
    ['more values than bytes', index(VALUES, [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0], 'a\0')],
    ['children outside the file', index(CHILDREN, 'az', [0, 0, 0, 0])],
    ['a child before the header ends', index(CHILDREN, 'aa', [0x40, 0, 0, 1])],
    ['a child that is its own parent', index(CHILDREN, 'aa', [0x20, 0, 0, 12])],
    ['children from z to a', index(CHILDREN, 'za', [0, 0, 0, 0])],
    ['a root beyond the end', Buffer.from('b007f4570002000140000fff00', 'hex')],
  ])('%s: truncated, and where', (_, bytes) => {
    expect(walkKmodIndex(bytes)).toMatchObject({ state: 'truncated', offset: expect.any(Number) });
  });
});

test('a kernel without any index file has an absent index', () => {
  const facts = readModuleIndex('6.1', () => null, 'usr/lib/modules/6.1');
  expect(facts.dep).toEqual({ path: 'usr/lib/modules/6.1/modules.dep.bin', size: 0, state: 'absent', keys: 0 });
  expect(facts.textSize).toBeNull();
  expect(facts.modules.size).toBe(0);
});

test('names are the same with - and with _', () => {
  const text: Readonly<Record<string, string>> = {
    'modules.builtin': 'kernel/drivers/dax/dax-hmem.ko\n',
    'modules.softdep': '# comment\nsoftdep a-b pre: c-d post: e\nsoftdep a_b pre: f\nnonsense\n',
    'modules.builtin.modinfo': 'virtio-blk.alias=virtio:d2v*\0virtio_blk.author=x\0virtio_blk.alias=x\0',
  };
  const facts = readModuleIndex('6.1', (name) => (text[name] === undefined ? null : Buffer.from(text[name])));
  expect([...facts.builtin]).toEqual(['dax_hmem']);
  expect([...facts.softdeps]).toEqual([['a_b', ['c_d', 'e', 'f']]]);
  expect([...facts.builtinAliases]).toEqual([['virtio_blk', ['virtio:d2v*', 'x']]]);
});
