import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openTree } from '../../../src/host/tree.ts';
import type { Unread } from '../../../src/host/types.ts';
import { makeRoot } from './roots.ts';

describe('links below a root', () => {
  const root = makeRoot({
    '/usr/lib/os-release': 'ID=x\n',
    '/etc/os-release': { link: '../usr/lib/os-release' },
    '/lib': { link: 'usr/lib' },
    '/absolute': { link: '/usr/lib' },
    '/out': { link: '../../../../../../../../../../etc/passwd' },
    '/etc/passwd': 'ours\n',
    '/loop': { link: 'loop2' },
    '/loop2': { link: '/loop' },
    '/dangling': { link: 'nowhere' },
  });
  const unread: Unread[] = [];
  const tree = openTree(root, unread);

  test('lead where they would lead on the host itself', () => {
    expect(tree.text('/etc/os-release')).toBe('ID=x\n');
    expect(tree.real('/absolute/os-release')).toBe('/usr/lib/os-release');
    expect(tree.text('/lib/os-release')).toBe('ID=x\n');
    expect(tree.outside('/absolute/os-release')).toBe(join(root, 'usr/lib/os-release'));
  });

  test('never lead out of the root', () => {
    expect(tree.text('/out')).toBe('ours\n');
    expect(tree.text('/../../etc/passwd')).toBe('ours\n');
    expect(tree.real('/usr/../../..')).toBe('/');
  });

  test('that loop are put on record, and end', () => {
    expect(tree.text('/loop')).toBeNull();
    expect(tree.exists('/loop')).toBeNull();
    expect(unread).toEqual([{ part: 'kernels', what: '/loop', reason: 'its links loop' }]);
  });

  test('that dangle lead nowhere, which is no failure', () => {
    expect(tree.stat('/dangling')).toBeNull();
    expect(tree.exists('/dangling')).toBe(false);
    expect(tree.link('/dangling')).toBe('nowhere');
    expect(unread).toHaveLength(1);
  });
});

describe('files', () => {
  test('are read to a limit, and from an offset', () => {
    const tree = openTree(makeRoot({ '/big': Buffer.alloc(8 * 1024 * 1024, 'x') }), []);
    expect(tree.text('/big')).toHaveLength(4 * 1024 * 1024);
    expect(tree.bytes('/big', 10)?.toString()).toBe('xxxxxxxxxx');
    expect(tree.bytes('/big', 10, 8 * 1024 * 1024 - 3)?.toString()).toBe('xxx');
  });

  test('that are absent are absent, with nothing on record', () => {
    const unread: Unread[] = [];
    const tree = openTree(makeRoot({ '/file': '' }), unread);
    expect(tree.text('/no')).toBeNull();
    expect(tree.text('/file/below')).toBeNull();
    expect(tree.list('/no')).toEqual([]);
    expect(unread).toEqual([]);
  });

  test('that are sockets, FIFOs or devices are never opened', async () => {
    const root = makeRoot({ '/etc': null });
    const server = createServer().listen(join(root, 'etc/fstab'));
    await new Promise((resolve) => server.once('listening', resolve));
    const unread: Unread[] = [];
    const tree = openTree(root, unread).noting('config');
    expect(tree.text('/etc/fstab')).toBeNull();
    expect(unread).toEqual([{ part: 'config', what: '/etc/fstab', reason: 'it is no regular file' }]);
    server.close();
  });

  test('what is refused is told once for each part that asked', () => {
    const unread: Unread[] = [];
    const tree = openTree(makeRoot({ '/dir/x': '' }), unread);
    tree.noting('loader').text('/dir');
    tree.noting('loader').text('/dir');
    tree.noting('modules', '5.14').text('/dir');
    expect(unread).toEqual([
      { part: 'loader', what: '/dir', reason: 'it is no regular file' },
      { part: 'modules', kernel: '5.14', what: '/dir', reason: 'it is no regular file' },
    ]);
  });
});

test('a root below which nothing can be looked at is an error that names it', () => {
  const tooLong = '/x'.repeat(2500);
  expect(() => openTree(tooLong, [])).toThrow(expect.objectContaining({ code: 'root_absent', at: { path: tooLong } }));
});
