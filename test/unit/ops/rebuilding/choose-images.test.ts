import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { chooseRebuild } from '../../../../src/ops/rebuilding/choose-images.ts';
import { mainImages, usualPath } from '../../../../src/ops/rebuilding/main-images.ts';
import { keepArguments, keepCompression } from '../../../../src/ops/rebuilding/keep.ts';
import type { Finding } from '../../../../src/protocol/messages.ts';
import { K, facts, soundEntry, soundKernel } from '../../boot/facts.ts';
import { judged } from './judged.ts';

const FATAL: Finding = {
  code: 'lvm_missing',
  severity: 'fatal',
  checkpoint: 'devices',
  kernel: K,
  message: 'no lvm',
  evidence: {},
  repair: ['rebuild'],
};
const STALE: Finding = { ...FATAL, code: 'image_stale', severity: 'warning' };
const CONFIGURE: Finding = { ...FATAL, code: 'root_unknown', repair: ['configure'] };

describe('an image is rebuilt', () => {
  test.each([
    ['unhealthy', [FATAL], true],
    ['unhealthy', [STALE], false],
    ['stale', [STALE], true],
    ['stale', [FATAL], true],
    ['stale', [], false],
    ['always', [], true],
  ] as const)('when "%s", with findings %j: %j', (when, findings, expected) => {
    expect(chooseRebuild(findings, when).rebuild).toBe(expected);
  });

  test('not for what a rebuild does not mend, which is said', () => {
    expect(chooseRebuild([CONFIGURE], 'unhealthy')).toEqual({
      rebuild: false,
      because: 'a rebuild does not mend root_unknown: no lvm',
    });
  });

  test('not for what the site accepts', () => {
    expect(chooseRebuild([{ ...FATAL, ignored: true }], 'stale').rebuild).toBe(false);
  });

  test('for a reason that names the worst finding', () => {
    expect(chooseRebuild([FATAL, STALE], 'stale').because).toBe('lvm_missing: no lvm');
  });
});

describe('which images of an entry a generator makes', () => {
  const ucode = { raw: '/intel-ucode.img', path: '/boot/intel-ucode.img', exists: true };
  const main = { raw: `/initramfs-${K}.img`, path: `/boot/initramfs-${K}.img`, exists: true };

  test('not those that hold early microcode alone', () => {
    const whole = facts().image;
    const [segment] = whole?.segments ?? [];
    const [file] = whole?.files ?? [];
    if (segment === undefined || file === undefined) throw new Error('the sound image has a file and a segment');
    const two = judged({
      entry: { ...soundEntry(''), initrds: [ucode, main] },
      image: {
        over: {
          files: [
            { ...file, path: ucode.path },
            { ...file, path: main.path },
          ],
          segments: [
            { ...segment, early: true },
            { ...segment, file: 1 },
          ],
        },
      },
    });
    expect(mainImages(two)).toEqual([main.path]);
    expect(mainImages(judged())).toEqual([main.path]);
  });

  test('one that is not there counts where it is named for the kernel', () => {
    const absent = judged({
      entry: { ...soundEntry(''), initrds: [ucode, main] },
      image: null,
      imageError: { path: main.path, kind: 'absent', reason: 'no such file' },
    });
    expect(mainImages(absent)).toEqual([main.path]);
  });

  test('a kernel that no entry names gets the name that its kin have', () => {
    const kernel = { ...soundKernel(), images: [] };
    const older = { ...soundKernel(), kernel: '5.0', images: ['/boot/initrd-5.0'] };
    expect(usualPath(judged({ entry: null, kernel, host: { kernels: [older, kernel] } }))).toBe(`/boot/initrd-${K}`);
    expect(usualPath(judged({ entry: null, kernel, host: { kernels: [kernel] } }))).toBe(`/boot/initrd.img-${K}`);
  });
});

describe('what is kept of the old image', () => {
  const path = `/boot/initramfs-${K}.img`;

  test('its compression, where the kernel can unpack that', () => {
    const { image } = facts();
    const segments = (compression: 'zstd' | 'none') => image?.segments.map((each) => ({ ...each, compression })) ?? [];
    const zstd = { image: { over: { segments: segments('zstd') } } };
    expect(keepCompression(facts(zstd), path)).toBe('zstd');
    expect(keepCompression(facts({ ...zstd, kernel: { config: new Map() } }), path)).toBeNull();
    expect(keepCompression(facts({ ...zstd, kernel: { config: null } }), path)).toBeNull();
    expect(keepCompression(facts({ image: { over: { segments: segments('none') } } }), path)).toBe('none');
    expect(keepCompression(facts(zstd), '/boot/another')).toBeNull();
  });

  function built(buildParameters: string, host: object = {}) {
    const dracut = facts().image?.dracut ?? null;
    if (dracut === null) throw new Error("the sound image is dracut's");
    const generator = { name: 'dracut' as const, version: '059-4', modules: [] };
    return facts({ image: { over: { dracut: { ...dracut, buildParameters } } }, host: { generator, ...host } });
  }

  test('whether it was built for this host alone, where dracut built it and builds the next', () => {
    const parameters = " --hostonly --hostonly-mode 'strict' --kver '6.1' --add-drivers 'nvme'";
    const [mode, drivers] = [
      { name: '--hostonly-mode', values: ['strict'] },
      { name: '--add-drivers', values: ['nvme'] },
    ];
    expect(keepArguments(built(parameters), 'keep')).toEqual({ hostonly: true, repeated: [mode, drivers], lost: [] });
    expect(keepArguments(built(parameters), false)).toEqual({ hostonly: false, repeated: [drivers], lost: [] });
    const debian = { name: 'initramfs-tools' as const, version: null, modules: [] };
    expect(keepArguments(built(parameters, { generator: debian }), 'keep')).toEqual({
      hostonly: null,
      repeated: [],
      lost: [],
    });
  });

  test('what it was built with, where it is there still', () => {
    const root = mkdtempSync(join(tmpdir(), 'kept-'));
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    writeFileSync(join(root, 'usr/bin/gpg'), '', { mode: 0o755 });
    const parameters =
      " --install 'gpg /usr/bin/gpg /usr/bin/gone' --include '/etc/unlock.key' '/k' --add-confdir '/usr/bin' --install '/usr/bin/*'";
    const kept = keepArguments(built(parameters, { root }), 'keep');
    expect(kept.repeated).toEqual([
      { name: '--install', values: ['gpg', '/usr/bin/gpg'] },
      { name: '--install', values: ['/usr/bin/*'] },
    ]);
    expect(kept.lost).toEqual([
      '--install /usr/bin/gone (not there any more)',
      '--include /etc/unlock.key (not there any more)',
      '--add-confdir /usr/bin (dracut 59 has no such option)',
    ]);
  });
});
