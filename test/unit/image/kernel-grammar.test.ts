import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { cpio, kindsOf, pad, readBytes } from './archive.ts';

const one = cpio([{ path: 'init', body: '#!/bin/sh\n', mode: 0o100755 }]);
const other = cpio([{ path: 'other', body: 'x' }]);

describe('where a segment may begin', () => {
  test('a plain archive at no multiple of 4 is ignored by the kernel, and so is all behind it', async () => {
    const facts = await readBytes(Buffer.concat([pad(gzipSync(one)), Buffer.alloc(1), other]));
    expect(kindsOf(facts)).toEqual(['misaligned']);
    expect(facts.problems[0]?.offset).toBe(pad(gzipSync(one)).length + 1);
    expect(facts.tree.entries.has('other')).toBe(false);
    expect(facts.tree.entries.has('init')).toBe(true);
  });

  test('NULs before, between and behind are passed over', async () => {
    const facts = await readBytes(Buffer.concat([Buffer.alloc(8), one, Buffer.alloc(512), pad(gzipSync(other), 512)]));
    expect(facts.problems).toEqual([]);
    expect([...facts.tree.entries.keys()]).toEqual(['init', 'other']);
    expect(facts.segments.map(({ offset, size }) => [offset, size])).toEqual([
      [8, one.length],
      [8 + one.length + 512, gzipSync(other).length],
    ]);
  });

  test('two plain archives joined without padding are two segments', async () => {
    const facts = await readBytes(Buffer.concat([one, other]));
    expect(facts.segments).toMatchObject([
      { offset: 0, size: one.length, entries: 1, trailer: true },
      { offset: one.length, size: other.length, entries: 1, trailer: true },
    ]);
  });

  test('a compressed stream may begin anywhere after another, but at a multiple of 4 after a plain archive', async () => {
    const odd = Buffer.concat([gzipSync(one), Buffer.alloc(1), gzipSync(other)]);
    expect(kindsOf(await readBytes(odd))).toEqual([]);
    const padded = Buffer.concat([one, Buffer.alloc(1), gzipSync(other)]);
    expect(kindsOf(await readBytes(padded))).toEqual(['misaligned']);
  });

  test('what unpacks to bytes between members that are none of an archive is damaged, wherever they lie', async () => {
    for (const size of [1, 2, 3, 4]) {
      const { problems } = await readBytes(gzipSync(Buffer.concat([one, Buffer.alloc(size), Buffer.from('junk')])));
      expect(problems).toMatchObject([{ kind: 'corrupt', offset: 0 }]);
      expect(problems[0]?.detail).toContain(`at ${one.length + size} of what it unpacks to`);
    }
  });

  test('an archive needs no trailer', async () => {
    const facts = await readBytes(cpio([{ path: 'init', body: 'x' }], { trailer: false }));
    expect(facts.problems).toEqual([]);
    expect(facts.segments).toMatchObject([{ trailer: false, entries: 1 }]);
  });
});

describe('what the kernel takes for no archive', () => {
  test.each([
    ['unknown_magic', 'hello, world'],
    ['lz4_modern_frame', Buffer.from('04224d1864407f', 'hex')],
    ['corrupt', `070707${'0'.repeat(200)}`],
    ['corrupt', `07070x${'0'.repeat(200)}`],
  ])('%s', async (kind, bytes) => {
    const facts = await readBytes(Buffer.concat([one, pad(Buffer.from(bytes)), other]));
    expect(kindsOf(facts)).toEqual([kind]);
    expect(facts.problems[0]?.offset).toBe(one.length);
    expect([...facts.tree.entries.keys()]).toEqual(['init']);
  });

  test.each([
    ['no bytes', Buffer.alloc(0)],
    ['NULs alone', Buffer.alloc(1000)],
  ])('%s: empty', async (_, bytes) => {
    expect(kindsOf(await readBytes(bytes))).toEqual(['empty']);
  });

  test('no files at all: empty', async () => {
    expect(kindsOf(await readBytes([]))).toEqual(['empty']);
  });

  test('bytes after a member inside a compressed stream', async () => {
    const facts = await readBytes(gzipSync(Buffer.concat([one, Buffer.from('junk')])));
    expect(kindsOf(facts)).toEqual(['corrupt']);
    expect(facts.tree.entries.has('init')).toBe(true);
  });
});

describe('members that the kernel drops', () => {
  const ignored = async (members: Parameters<typeof cpio>[0]) => {
    const facts = await readBytes(cpio([...members, { path: 'last', body: 'x' }]));
    expect(facts.tree.entries.has('last')).toBe(true);
    return facts.problems.map(({ kind, entry, detail }) => ({ kind, entry, detail }));
  };

  test('a file whose parent is absent', async () => {
    expect(await ignored([{ path: 'usr/bin/sh', body: 'x' }])).toEqual([
      { kind: 'entry_ignored', entry: 'usr/bin/sh', detail: 'its parent usr is absent' },
    ]);
  });
  test('a directory below a file', async () => {
    expect(await ignored([{ path: 'usr', body: 'x' }, { path: 'usr/bin/' }])).toMatchObject([{ entry: 'usr/bin' }]);
  });
  test('a file below symlinks that loop', async () => {
    const loop = [
      { path: 'a', link: 'b' },
      { path: 'b', link: 'a' },
      { path: 'a/file', body: 'x' },
    ];
    expect(await ignored(loop)).toMatchObject([{ entry: 'a/file', detail: 'its parent a is a symlink that loops' }]);
  });
  test('a name longer than 255 bytes, one longer than PATH_MAX, one without bytes', async () => {
    expect(await ignored([{ path: 'x'.repeat(256), body: 'x' }])).toMatchObject([{ kind: 'entry_ignored' }]);
    expect(await ignored([{ path: 'x'.repeat(5000), body: 'x' }])).toMatchObject([
      { kind: 'entry_ignored', entry: '' },
    ]);
    expect(await ignored([{ path: '', body: 'x' }])).toMatchObject([{ kind: 'entry_ignored', entry: '' }]);
  });
  test('a symlink longer than PATH_MAX, a symlink to nothing', async () => {
    expect(await ignored([{ path: 'a', link: 'x'.repeat(5000) }])).toMatchObject([{ kind: 'entry_ignored' }]);
    expect(await ignored([{ path: 'a', link: '' }])).toMatchObject([{ kind: 'entry_ignored', entry: 'a' }]);
  });
  test('a directory with content, a mode that is no file type', async () => {
    expect(await ignored([{ path: 'a', mode: 0o040755, body: 'x' }])).toMatchObject([{ kind: 'entry_ignored' }]);
    expect(await ignored([{ path: 'a', mode: 0o755 }])).toMatchObject([{ kind: 'entry_ignored', entry: 'a' }]);
  });
  test('a file in the place of a directory that is not empty', async () => {
    const members = [{ path: 'a/' }, { path: 'a/b', body: 'x' }, { path: 'a', body: 'y' }];
    expect(await ignored(members)).toMatchObject([{ kind: 'entry_ignored', entry: 'a' }]);
  });
  test('a million of them are told as a hundred and a count', async () => {
    const facts = await readBytes(cpio(Array.from({ length: 1000 }, (_, i) => ({ path: `absent/${i}`, body: 'x' }))));
    expect(facts.problems).toHaveLength(101);
    expect(facts.problems[100]?.detail).toBe('and 900 more of this kind');
  });
});

describe('names that come twice', () => {
  const read = async (members: Parameters<typeof cpio>[0], ...more: Parameters<typeof cpio>[0][]) => {
    const facts = await readBytes(Buffer.concat([cpio(members), ...more.map((each) => cpio(each))]));
    expect(facts.problems).toEqual([]);
    return facts.tree;
  };

  test('the later wins', async () => {
    const tree = await read(
      [{ path: 'etc/' }, { path: 'etc/a.conf', body: 'old' }],
      [{ path: 'etc/a.conf', body: 'new!' }],
    );
    expect(tree.text('etc/a.conf')).toBe('new!');
    expect(tree.entries.get('etc/a.conf')).toMatchObject({ size: 4, segment: 1 });
  });
  test('a directory in the place of a symlink, a symlink in the place of a file, a file in the place of an empty directory', async () => {
    const tree = await read([
      { path: 'usr/' },
      { path: 'bin', link: 'usr' },
      { path: 'bin/' },
      { path: 'file', body: 'x' },
      { path: 'file', link: 'usr' },
      { path: 'directory/' },
      { path: 'directory', body: 'x' },
    ]);
    expect([...tree.entries].map(([path, { type }]) => [path, type])).toEqual([
      ['bin', 'directory'],
      ['directory', 'file'],
      ['file', 'symlink'],
      ['usr', 'directory'],
    ]);
  });
  test('a file through a directory symlink lands where the link leads', async () => {
    const tree = await read([
      { path: 'usr/' },
      { path: 'usr/lib/' },
      { path: 'lib', link: '/usr/../usr/lib' },
      { path: './lib//a.conf', body: 'x' },
    ]);
    expect([...tree.entries.keys()]).toEqual(['lib', 'usr', 'usr/lib', 'usr/lib/a.conf']);
    expect(tree.text('/lib/a.conf')).toBe('x');
  });
});

describe('hard links', () => {
  const link = { ino: 7, nlink: 2 };
  test.each([
    ['the last', '', 'text'],
    ['the first', 'text', ''],
  ])('the content may come with %s name', async (_, first, second) => {
    const { tree } = await readBytes(
      cpio([{ path: 'etc/' }, { path: 'etc/a', body: first, ...link }, { path: 'etc/b', body: second, ...link }]),
    );
    for (const name of ['etc/a', 'etc/b']) {
      expect(tree.entries.get(name)).toMatchObject({ size: 4 });
      expect(tree.text(name)).toBe('text');
    }
    expect([tree.entries.get('etc/a')?.sameAs, tree.entries.get('etc/b')?.sameAs]).toEqual([undefined, 'etc/a']);
  });
  test('a trailer ends them: the same numbers behind it are another file', async () => {
    const { tree } = await readBytes(
      Buffer.concat([cpio([{ path: 'a', body: 'text', ...link }]), cpio([{ path: 'b', body: '', ...link }])]),
    );
    expect(tree.entries.get('b')).toMatchObject({ size: 0 });
  });
  test('writing one name again changes the other too', async () => {
    const { tree } = await readBytes(
      cpio([
        { path: 'a', body: 'text', ...link },
        { path: 'b', body: '', ...link },
        { path: 'a', body: 'longer text' },
      ]),
    );
    expect(tree.entries.get('b')).toMatchObject({ size: 11 });
  });
});

describe('sums of an archive made with -H crc', () => {
  test('a right one is silent, a wrong one stops the kernel', async () => {
    const sum = [...Buffer.from('text')].reduce((total, byte) => total + byte, 0);
    expect(kindsOf(await readBytes(cpio([{ path: 'a', body: 'text', checksum: sum }])))).toEqual([]);
    const facts = await readBytes(
      cpio([
        { path: 'a', body: 'text', checksum: sum + 1 },
        { path: 'b', body: 'x' },
      ]),
    );
    expect(facts.problems).toMatchObject([{ kind: 'corrupt', entry: 'a' }]);
    expect(facts.tree.entries.has('b')).toBe(false);
  });
});
