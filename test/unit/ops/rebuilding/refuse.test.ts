import { describe, expect, test } from '@jest/globals';
import { refuseKind, refusePlace, refuseSuspects } from '../../../../src/ops/rebuilding/refuse.ts';
import type { ImageSite } from '../../../../src/ops/rebuilding/types.ts';
import { CMDLINE, K, soundEntry, type FactsSpec } from '../../boot/facts.ts';
import { judged } from './judged.ts';

const PATH = `/boot/initramfs-${K}.img`;
const SITE: ImageSite = {
  path: PATH,
  real: PATH,
  outside: PATH,
  file: { size: 1, changed: 0 },
  backup: null,
  leftovers: [],
  orphans: [],
  refusal: null,
  device: 1,
  free: 1,
  siblings: [],
};
const error = (code: string, hint: RegExp) => expect.objectContaining({ code, hint: expect.stringMatching(hint) });

describe('a rebuild is refused, with what to do instead,', () => {
  const kinds: readonly (readonly [string, FactsSpec, string, RegExp])[] = [
    ['of an ostree deployment', { cmdline: `${CMDLINE} ostree=/ostree/boot.1/x/0` }, 'not_supported', /rpm-ostree/],
    ['of a unified kernel image', { entry: { ...soundEntry(''), type: 'uki' } }, 'not_supported', /ukify/],
    ['of the rescue entry', { entry: { ...soundEntry(''), rescue: true } }, 'not_supported', /name the kernel/],
    ['for an entry without an image', { entry: { ...soundEntry(''), initrds: [] } }, 'not_supported', /kernel-install/],
    ['for a kernel without modules', { kernel: { modulesDir: null } }, 'kernel_absent', /install it again/],
  ];
  test.each(kinds)('%s', (_name, spec, code, hint) => {
    expect(() => {
      refuseKind(judged(spec));
    }).toThrow(error(code, hint));
  });

  test('where a program of the host may be the damaged one', () => {
    const copies = new Map([
      ['usr/bin/mount', 'same'],
      ['usr/lib64/libc.so.6', 'differs'],
    ] as const);
    expect(() => {
      refuseSuspects(judged({ copies }));
    }).toThrow(error('not_supported', /rpm --verify --file \/usr\/lib64\/libc\.so\.6/));
    refuseSuspects(judged({ copies: new Map([['usr/lib64/libc.so.6', 'damaged']] as const) }));
  });

  test('not of a common image', () => {
    refuseKind(judged());
    refuseSuspects(judged());
    refusePlace(judged(), SITE);
  });

  test('where /boot is in fstab and not mounted', () => {
    const mounts = [{ mountPoint: '/boot', mounted: false, spec: 'LABEL=boot' }];
    const spec = { host: { boot: { mounts, total: null, free: null } } };
    expect(() => {
      refusePlace(judged(spec), SITE);
    }).toThrow(error('boot_not_mounted', /mount \/boot/));
    const below = { host: { ...spec.host, root: '/mnt/sys image' } };
    expect(() => {
      refusePlace(judged(below), SITE);
    }).toThrow(error('boot_not_mounted', /^mount LABEL=boot '\/mnt\/sys image\/boot'$/));
    const other = { host: { boot: { mounts: [{ ...mounts[0]!, mountPoint: '/efi' }], total: null, free: null } } };
    refusePlace(judged(other), SITE);
  });

  test.each([
    ['read_only', 'boot_read_only', /remount,rw/],
    ['not_permitted', 'not_permitted', /root/],
    ['absent', 'not_supported', /mount it/],
  ] as const)('where the folder is %s', (refusal, code, hint) => {
    expect(() => {
      refusePlace(judged(), { ...SITE, refusal });
    }).toThrow(error(code, hint));
  });

  test.each([
    ['another kernel', { kernel: '5.0' }],
    ['the rescue entry', { rescue: true }],
  ])('where the file is also what %s boots with', (_name, over) => {
    const spec = { loader: { entries: [soundEntry(''), { ...soundEntry(''), id: 'other', ...over }] } };
    expect(() => {
      refusePlace(judged(spec), SITE);
    }).toThrow(error('not_supported', /an image of its own/));
  });
});
