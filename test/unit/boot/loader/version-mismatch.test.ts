import { describe, expect, test } from '@jest/globals';
import { versionMismatch } from '../../../../src/boot/checks/version-mismatch.ts';
import { facts, K, soundKernel } from '../facts.ts';
import { indexOf, moduleFacts } from '../modules.ts';
import { observe, severities } from '../observe.ts';

const OTHER = '6.1.0-99-amd64';
const vmlinuz = (version: string | null) => ({ ...soundKernel().vmlinuz!, version });

describe('kernel, image and modules', () => {
  test('do not fit where the kernel file is of another version than the modules in the image', () => {
    const { defects } = observe(
      versionMismatch,
      facts({
        kernel: { vmlinuz: vmlinuz(OTHER) },
        host: { kernels: [{ ...soundKernel(), vmlinuz: vmlinuz(OTHER) }] },
      }),
    );
    expect(defects[0]).toMatchObject({
      message: `The kernel that boots is ${OTHER}, but the image holds modules for ${K}.`,
      evidence: { kernel_version: OTHER, kernel_version_from: `/boot/vmlinuz-${K}`, image_modules: [K] },
    });
  });

  test('do not fit where the image was built for another kernel', () => {
    const moduleList = ['virtio_blk', 'ext4'].map((name) => moduleFacts(name, { kernel: OTHER }));
    const over = { indexes: new Map([[OTHER, { ...indexOf([]), kernel: OTHER }]]) };
    expect(severities(versionMismatch, facts({ image: { moduleFacts: moduleList, over } }))).toEqual(['fatal']);
  });

  test('fit where the image holds modules of other kernels as well', () => {
    const over = {
      indexes: new Map([
        [OTHER, { ...indexOf([]), kernel: OTHER }],
        [K, indexOf(['virtio_blk'])],
      ]),
    };
    expect(observe(versionMismatch, facts({ image: { over } })).defects).toEqual([]);
  });

  test('fit where the kernel file does not tell its version', () => {
    expect(observe(versionMismatch, facts({ kernel: { vmlinuz: vmlinuz(null) } })).defects).toEqual([]);
  });

  test('boot, and come up without drivers, where the root has no modules of this version', () => {
    const { defects } = observe(versionMismatch, facts({ kernel: { modulesDir: null } }));
    expect(defects).toEqual([expect.objectContaining({ severity: 'warning', repair: ['reinstall'] })]);
  });

  test('need no modules where the kernel has none', () => {
    const config = new Map([['CONFIG_BLK_DEV_INITRD', 'y']]);
    expect(observe(versionMismatch, facts({ kernel: { modulesDir: null, config } })).defects).toEqual([]);
  });

  test('of a unified image are told where its label differs', () => {
    const uki = { sections: [], cmdline: null, uname: `${OTHER}\n`, osrel: null };
    expect(observe(versionMismatch, facts({ image: { over: { uki } } })).defects[0]?.evidence).toMatchObject({
      uname: OTHER,
      kernel_version: K,
    });
  });
});
