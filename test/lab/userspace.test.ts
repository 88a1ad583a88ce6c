import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { CheckAnswer } from '../../src/protocol/messages.ts';
import { BUNDLE } from '../setup/build.mjs';
import { whyNot } from '../setup/cache.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { check } from '../support/bellwether.ts';
import { shell, withImageTree, withLabRoot, type ImageTree, type LabRoot } from '../support/lab-root.ts';
import { expectHealthy, expectUnhealthy } from '../support/verdicts.ts';
import { describeUnless } from '../support/where.ts';

const needed = whyNot('images') ?? whyNoOverlay();

function judgeChanged(change: (tree: ImageTree) => Promise<void>): Promise<CheckAnswer> {
  return withLabRoot((root) =>
    withImageTree(async (tree) => {
      await change(tree);
      await root.putImage(await tree.pack());
      return root.judge();
    }),
  );
}

/** Paths in the image, below its top, that match a shell pattern. */
async function find(tree: ImageTree, name: string): Promise<string[]> {
  const found = await shell('cd "$1" && find . -name "$2"', tree.path, name);
  const paths = found.split('\n').filter((path) => path !== '');
  expect(paths).not.toEqual([]);
  return paths;
}

async function removeAll(tree: ImageTree, name: string): Promise<void> {
  await tree.remove(...(await find(tree, name)));
}

describeUnless(needed, '/init', () => {
  test('that leads nowhere is no init', async () => {
    expectUnhealthy(await judgeChanged((tree) => tree.link('init', 'usr/lib/gone')), 'init_missing');
  });

  test('that is a script without its interpreter is no init', async () => {
    expectUnhealthy(await judgeChanged((tree) => tree.put('init', '#!/usr/bin/gone\nexit 0\n')), 'init_missing');
  });

  test('may be reached through links, absolute ones too', async () => {
    const answer = await judgeChanged(async (tree) => {
      await shell('cd "$1" && mv init usr/lib/the-init', tree.path);
      await tree.link('usr/lib/a-link', '/usr/lib/../lib/the-init');
      await tree.link('init', 'usr/lib/a-link');
    });
    expectHealthy(answer);
  });
});

describeUnless(needed, 'a library', () => {
  test('that udev is linked to has to be in the image', async () => {
    const answer = await judgeChanged((tree) => removeAll(tree, 'libkmod.so*'));
    const { message } = expectUnhealthy(answer, 'library_missing');
    expect(message).toContain('libkmod.so.2');
  });

  test('that nothing in the image is linked to may be missing', async () => {
    expectHealthy(await judgeChanged((tree) => removeAll(tree, 'libnss_files.so*')));
  });
});

describeUnless(needed, 'the tools that find the disks', () => {
  test('udev has to be there', async () => {
    const answer = await judgeChanged((tree) => removeAll(tree, 'systemd-udevd'));
    expectUnhealthy(answer, 'udev_missing');
  });

  test('kmod has to be there', async () => {
    const answer = await judgeChanged((tree) => tree.remove('usr/bin/kmod'));
    expectUnhealthy(answer, 'kmod_missing');
  });

  test('lvm has to be there where / is on a logical volume', async () => {
    const answer = await judgeChanged((tree) => tree.remove('usr/sbin/lvm'));
    expectUnhealthy(answer, 'lvm_missing');
  });

  test('dmsetup has to be there, too: lvm waits until a rule of udev’s has had it answer', async () => {
    expectUnhealthy(await judgeChanged((tree) => removeAll(tree, 'dmsetup')), 'lvm_missing');
  });

  test('what no layer of the host needs may be missing', async () => {
    expectHealthy(await judgeChanged((tree) => removeAll(tree, 'losetup')));
  });
});

describeUnless(needed, 'a library that no checksum covers', () => {
  /** Judges a host that has the image's programs as its own, with one bit of a library changed on one side. */
  const judgeDamaged = (compress: string, side: 'image' | 'host' | null, carried = false) =>
    withLabRoot((root) =>
      withImageTree(async (tree) => {
        await shell(
          'cd "$1" && find usr -type f ! -path "usr/lib/modules/*" | cpio -pdm --quiet "$2"',
          tree.path,
          root.path,
        );
        const [library = ''] = await find(tree, 'libc.so.6');
        const whole = await readFile(tree.at(library));
        const damaged = Buffer.from(whole);
        const at = Math.floor(damaged.length / 2);
        damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
        if (side === 'image') await tree.put(library, damaged);
        if (side === 'host') await root.put(library.slice(1), damaged);
        await root.putImage(await tree.pack(compress));
        return carried ? judgeCaptured(root) : root.judge();
      }),
    );

  const judgeCaptured = async ({ path }: LabRoot): Promise<CheckAnswer> => {
    const work = await mkdtemp(join(tmpdir(), 'bellwether-carried-'));
    try {
      await shell(
        '"$1" "$2" inspect --root "$3" --capture "$4/a.tar" >/dev/null',
        process.execPath,
        BUNDLE,
        path,
        work,
      );
      await shell(
        'mkdir "$1/root" && tar -xf "$1/a.tar" -C "$1/root" && test -z "$(find "$1/root" -name libc.so.6)"',
        work,
      );
      return await check({ root: join(work, 'root'), params: {} });
    } finally {
      await rm(work, { recursive: true });
    }
  };

  test.each(['cat', 'lz4 -l -1'])('is what the host has: %s', async (compress) => {
    expectHealthy(await judgeDamaged(compress, null));
  });

  test.each(['cat', 'lz4 -l -1'])('is not what the host has of the same build: %s', async (compress) => {
    const { message } = expectUnhealthy(await judgeDamaged(compress, 'image'), 'program_damaged');
    expect(message).toMatch(/libc\.so\.6 .*one of the two is damaged/);
  });

  test('is told just so where the host’s own is the damaged one, for it is started next', async () => {
    const { repair } = expectUnhealthy(await judgeDamaged('cat', 'host'), 'program_damaged');
    expect(repair).toEqual([]);
  });

  test('and a capture tells it too', async () => {
    expectHealthy(await judgeDamaged('cat', null, true));
    expectUnhealthy(await judgeDamaged('cat', 'image', true), 'program_damaged');
  });
});
