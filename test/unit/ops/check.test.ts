import { describe, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { perform } from '../../../src/ops/perform.ts';
import { BellwetherError } from '../../../src/protocol/errors.ts';
import type { CheckAnswer } from '../../../src/protocol/messages.ts';
import { validateRequest } from '../../../src/protocol/parse-request.ts';
import { serialize } from '../../../src/protocol/serialize.ts';
import { expectKind } from '../../support/answers.ts';

const sheep = (name: string) => fileURLToPath(new URL(`../../../examples/sheep/${name}`, import.meta.url));
const K = '6.1.0-56-amd64';

async function check(root: string, params: object = {}, more: object = {}): Promise<CheckAnswer> {
  const request = validateRequest({ protocol: 1, op: 'check', root: sheep(root), params, ...more });
  return expectKind('check', await perform(request, Date.now(), new AbortController().signal));
}

describe('the sample sheep', () => {
  test('that is sound is healthy, in an answer of at most 2 KiB', async () => {
    const answer = await check('sound');
    expect(answer).toMatchObject({ verdict: 'healthy', facts: 'captured', findings: [], unknowns: [] });
    expect(answer.kernels).toMatchObject([
      { kernel: K, default: true, image: `/boot/initramfs-${K}.img`, verdict: 'healthy' },
    ]);
    expect(Buffer.byteLength(serialize(answer))).toBeLessThanOrEqual(2048);
  });

  test('that is odd is unhealthy: its image has an index that knows nothing and a fraction of its modules', async () => {
    const answer = await check('odd-sheep');
    expect(answer.verdict).toBe('unhealthy');
    expect(answer.findings[0]).toMatchObject({
      code: 'module_index_empty',
      checkpoint: 'drivers',
      evidence: { size: 12 },
    });
    expect(answer.findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['driver_missing', 'modules_missing']),
    );
    expect(answer.summary).toContain('will not boot');
  });

  test('with one storage driver gone is unhealthy for that driver, and says what it serves', async () => {
    const answer = await check('drifted-driver');
    expect(answer.findings).toMatchObject([{ code: 'driver_missing', evidence: { driver: 'virtio_blk' } }]);
    expect(answer.findings[0]?.message).toContain('/dev/vda2 holds the PV of vg0, which holds /');
  });

  test('with its root on a file system that the kernel has no module for is unhealthy', async () => {
    const answer = await check('no-filesystem');
    expect(answer.findings[0]).toMatchObject({ code: 'filesystem_driver_missing', evidence: { filesystem: 'zfs' } });
  });
});

describe('an answer', () => {
  test('is the same bytes twice, but for its duration', async () => {
    const [one, two] = [await check('odd-sheep'), await check('odd-sheep')];
    expect(serialize({ ...one, duration_ms: 0 })).toBe(serialize({ ...two, duration_ms: 0 }));
  });

  test('has a fingerprint of at most 128 bytes that differs between sound and odd', async () => {
    const prints = await Promise.all(
      ['sound', 'odd-sheep', 'drifted-driver'].map(async (name) => (await check(name)).fingerprint),
    );
    expect(new Set(prints).size).toBe(3);
    for (const print of prints) expect(Buffer.byteLength(print)).toBeLessThanOrEqual(128);
  });

  test('keeps an accepted finding, marked, and does not count it', async () => {
    const answer = await check('drifted-driver', { ignore: ['driver_missing'] });
    expect(answer.verdict).toBe('healthy');
    expect(answer.findings).toMatchObject([{ code: 'driver_missing', severity: 'fatal', ignored: true }]);
  });
});

describe('a request', () => {
  test('for the kernel by name gives the same verdict as for what boots next', async () => {
    expect((await check('drifted-driver', { kernels: [K] })).kernels).toEqual((await check('drifted-driver')).kernels);
  });

  test('may judge another file as the image of the kernel', async () => {
    const answer = await check('sound', { image: sheep(`odd-sheep/boot/initramfs-${K}.img`) });
    expect(answer.verdict).toBe('unhealthy');
    expect(answer.kernels[0]?.image).toBe(sheep(`odd-sheep/boot/initramfs-${K}.img`));
  });

  test.each([
    ['an absent root', { root: '/no/such/root' }, {}, 'root_absent', '/no/such/root'],
    ['a root that is a file', { root: sheep(`sound/boot/config-${K}`) }, {}, 'root_absent', 'no folder'],
    ['a kernel that is not there', {}, { kernels: ['9.9.9'] }, 'kernel_absent', '"9.9.9" is not installed'],
    ['an image that is absent', {}, { image: '/no/such.img' }, 'image_unreadable', '/no/such.img'],
    ['an image that is a folder', {}, { image: '/' }, 'image_unreadable', '/'],
    [
      'an accepted code that none has',
      {},
      { ignore: ['driver_mising'] },
      'bad_request',
      'did you mean "driver_missing"?',
    ],
    [
      'a baseline that is no image',
      {},
      { baseline: sheep('sound/etc/fstab') },
      'image_unreadable',
      `the baseline ${sheep('sound/etc/fstab')} is no image`,
    ],
    [
      'a baseline that is empty',
      {},
      { baseline: sheep('sound/dev/.keep') },
      'image_unreadable',
      'dev/.keep is no image',
    ],
    ['a baseline that is not there', {}, { baseline: 'rescue' }, 'baseline_absent', 'rescue'],
  ])('with %s is an error that names it', async (_what, more, params, code, named) => {
    const refused = await check('sound', params, more).then(
      () => null,
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(BellwetherError);
    expect(refused).toMatchObject({ code });
    expect(refused).toMatchObject({ message: expect.stringContaining(named) });
  });
});
