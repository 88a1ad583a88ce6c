import { expect, test } from '@jest/globals';
import { facts, K } from './facts.ts';

test('the sound host boots Debian’s kernel from an image whose init is systemd', () => {
  const { kernel, image } = facts();
  expect(kernel.kernel).toBe(K);
  expect(image?.tree.resolve('/init')).toMatchObject({ found: true, entry: { path: 'usr/lib/systemd/systemd' } });
  expect(image?.modules.map(({ name }) => name)).toContain('virtio_ring');
});
