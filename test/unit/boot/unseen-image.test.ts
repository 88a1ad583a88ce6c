import { describe, expect, test } from '@jest/globals';
import { judge } from '../../../src/boot/judge.ts';
import { facts, K, node, virtioDisk, type FactsSpec } from './facts.ts';
import { hostIndex } from './modules.ts';

const INSIDE = ['unpack', 'init', 'drivers', 'devices'] as const;
const states = (spec: FactsSpec) => {
  const { verdict, checkpoints, findings, unknowns } = judge(facts(spec));
  return { verdict, inside: INSIDE.map((checkpoint) => checkpoints[checkpoint]), findings, unknowns };
};
const UNKNOWN = INSIDE.map(() => 'unknown');
const PATH = `/boot/initramfs-${K}.img`;

describe('where no image was seen, what is in it is not passed', () => {
  test('because it is not there', () => {
    const imageError = { path: PATH, kind: 'absent', reason: 'no such file' } as const;
    expect(states({ imageError })).toMatchObject({
      verdict: 'unhealthy',
      inside: UNKNOWN,
      findings: [{ code: 'image_missing' }],
    });
  });

  test('because it cannot be read', () => {
    const imageError = { path: PATH, kind: 'unreadable', reason: 'permission denied' } as const;
    expect(states({ imageError })).toMatchObject({ verdict: 'unknown', inside: UNKNOWN, findings: [] });
  });

  test('because a kernel of which modules alone are left has none: its verdict is unknown', () => {
    const kernel = { vmlinuz: null, images: [], config: null, configSource: null };
    const loader = { entries: [], defaultEntry: 0 };
    expect(states({ image: null, entry: null, isDefault: false, kernel, loader })).toMatchObject({
      verdict: 'unknown',
      inside: UNKNOWN,
      unknowns: [{ checkpoint: 'unpack', kernel: K, reason: 'there is no image' }],
    });
  });

  test('but a kernel that reaches / by itself passes without one', () => {
    const index = hostIndex({ builtin: new Set(['virtio_blk', 'virtio_pci', 'ext4']) });
    const nodes = [
      node({ id: 'fs:/', kind: 'filesystem', name: '/dev/vda1', type: 'ext4', mountPoints: ['/'], below: ['vda1'] }),
      node({ id: 'vda1', kind: 'partition', below: ['vda'] }),
      virtioDisk(),
    ];
    const alone = { image: null, entry: { initrds: [] }, cmdline: 'root=/dev/vda1 ro', kernel: { index } };
    expect(states({ ...alone, storage: { nodes, names: new Set(['/dev/vda1']) } })).toMatchObject({
      verdict: 'healthy',
      inside: INSIDE.map(() => 'passed'),
    });
  });
});
