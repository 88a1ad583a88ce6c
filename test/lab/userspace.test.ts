import { expect, test } from '@jest/globals';
import type { CheckAnswer } from '../../src/protocol/messages.ts';
import { whyNot } from '../setup/cache.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { shell, withImageTree, withLabRoot, type ImageTree } from '../support/lab-root.ts';
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
