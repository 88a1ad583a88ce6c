import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import type { CheckAnswer } from '../../src/protocol/messages.ts';
import { whyNot } from '../setup/cache.mjs';
import { BLIND_DEPMOD } from '../setup/images.mjs';
import { kernels } from '../setup/kernels.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { shell, withImageTree, withLabRoot, type ImageTree, type LabRoot } from '../support/lab-root.ts';
import { expectDamaged, expectHealthy, expectUnhealthy, findingOf } from '../support/verdicts.ts';
import { describeUnless } from '../support/where.ts';

const needed = whyNot('images') ?? whyNoOverlay();

/** Where the image and the host keep modules of K. */
const modules = (kernel: string): string => `usr/lib/modules/${kernel}`;
const BLOCK = 'kernel/drivers/block/virtio_blk.ko';

/** Judges a host whose image was changed, on the files, before it was packed. */
function judgeChanged(
  change: (tree: ImageTree, dir: string) => Promise<void>,
  params: object = {},
): Promise<CheckAnswer> {
  return withLabRoot((root) =>
    withImageTree(async (tree) => {
      await change(tree, modules(root.kernel));
      await root.putImage(await tree.pack());
      return root.judge(params);
    }),
  );
}

/** The empty index that a real depmod leaves when it can read no module. */
async function indexBlindly(root: LabRoot): Promise<void> {
  const { version, dir } = kernels().generic;
  const base = `${root.path}/blind`;
  await shell(
    'mkdir -p "$2/lib/modules/$3" && cp "$1/lib/modules/$3"/modules.{order,builtin,builtin.modinfo} "$2/lib/modules/$3/" && bash -c "$4" depmod -b "$2" "$3"',
    ...[dir, base, version, BLIND_DEPMOD],
  );
  for (const name of ['modules.dep', 'modules.dep.bin', 'modules.alias.bin']) {
    await root.put(`/${modules(version)}/${name}`, await readFile(`${base}/lib/modules/${version}/${name}`));
  }
  await shell('rm -r "$1"', base);
}

/** Lays the cloud kernel's disk driver over this one's, changed in between. */
async function layForeign(tree: ImageTree, dir: string, change: (module: Buffer) => Buffer): Promise<void> {
  const { version, dir: cloud } = kernels().cloud;
  const module = await readFile(`${cloud}/lib/modules/${version}/${BLOCK}`);
  await tree.put(`${dir}/${BLOCK}`, change(module));
  await tree.depmod();
}

describeUnless(needed, 'the module index in the image', () => {
  test('decides in its binary form: the text emptied, the image boots', async () => {
    expectHealthy(await judgeChanged((tree, dir) => tree.put(`${dir}/modules.dep`, '')));
  });

  test.each([
    ['of no bytes', Buffer.alloc(0)],
    ['of a header alone', Buffer.from('b007f457000200010000000c', 'hex')],
  ])('%s loads nothing, though the text is good', async (_, content) => {
    const answer = await judgeChanged((tree, dir) => tree.put(`${dir}/modules.dep.bin`, content));
    expectUnhealthy(answer, 'module_index_empty', 'module_not_indexed');
  });

  test('that is older than a driver does not know it', async () => {
    const answer = await judgeChanged(async (tree, dir) => {
      const driver = await readFile(tree.at(`${dir}/${BLOCK}`));
      await tree.remove(`${dir}/${BLOCK}`);
      await tree.depmod();
      await tree.put(`${dir}/${BLOCK}`, driver);
    });
    const { message } = expectUnhealthy(answer, 'module_not_indexed');
    expect(message).toContain('virtio_blk');
  });

  test('that names a driver whose file is gone cannot load it', async () => {
    const answer = await judgeChanged((tree, dir) => tree.remove(`${dir}/${BLOCK}`));
    expectDamaged(answer, 'module_index_dangling');
  });

  test('that is cut in the middle is found out', async () => {
    const answer = await judgeChanged(async (tree, dir) => {
      const index = await readFile(tree.at(`${dir}/modules.dep.bin`));
      await tree.put(`${dir}/modules.dep.bin`, index.subarray(0, index.length / 2));
    });
    expectDamaged(answer, 'module_index_truncated');
  });
});

describeUnless(needed, 'a driver', () => {
  test('of the disk that is not in the image keeps it from booting', async () => {
    const answer = await judgeChanged(async (tree, dir) => {
      await tree.remove(`${dir}/${BLOCK}`);
      await tree.depmod();
    });
    const { message, repair } = expectUnhealthy(answer, 'driver_missing');
    expect(message).toContain('virtio_blk, because /dev/vda2 holds the PV of vg0, which holds /');
    expect(repair).toContain('rebuild');
  });

  test.each([
    ['of which a byte was changed', 20_000],
    ['whose signature was', -100],
  ])('%s is refused by the kernel, that of another device may be so', async (_, at) => {
    const flip = (name: string) =>
      judgeChanged(async (tree, dir) => {
        const module = await readFile(tree.at(`${dir}/${name}`));
        const place = at < 0 ? module.length + at : at;
        module.writeUInt8(module.readUInt8(place) ^ 4, place);
        await tree.put(`${dir}/${name}`, module);
      });
    const { evidence } = expectUnhealthy(await flip(BLOCK), 'module_damaged');
    expect(evidence).toMatchObject({ damage: 'its content is not what its signature was made for' });
    expectHealthy(await flip('kernel/drivers/scsi/virtio_scsi.ko'));
  });

  test('that no disk of the host needs may be missing', async () => {
    const answer = await judgeChanged(async (tree, dir) => {
      await tree.remove(`${dir}/kernel/drivers/scsi/virtio_scsi.ko`, `${dir}/kernel/drivers/ata/ahci.ko`);
      await tree.depmod();
    });
    expectHealthy(answer);
  });

  test('of the root file system that is not in the image keeps it from booting', async () => {
    const answer = await judgeChanged(async (tree, dir) => {
      await tree.remove(`${dir}/kernel/fs/ext4/ext4.ko`);
      await tree.depmod();
    });
    expectUnhealthy(answer, 'filesystem_driver_missing');
  });

  test('of a file system that the host does not boot from may be missing', async () => {
    const answer = await judgeChanged(async (tree, dir) => {
      await tree.remove(`${dir}/kernel/fs/xfs/xfs.ko`);
      await tree.depmod();
    });
    expectHealthy(answer);
  });

  test('whose dependency is not in the image cannot be loaded', async () => {
    const answer = await judgeChanged(async (tree, dir) => {
      await tree.remove(`${dir}/kernel/fs/jbd2/jbd2.ko`);
      await tree.depmod();
    });
    const { message } = expectUnhealthy(answer, 'module_dependency_missing');
    expect(message).toContain('jbd2');
  });

  test('built for another kernel may be refused by this one: symbols decide, so nobody knows before', async () => {
    const answer = await judgeChanged((tree, dir) => layForeign(tree, dir, (module) => module));
    expect(answer.verdict).toBe('unknown');
    expect(JSON.stringify(findingOf(answer, 'vermagic_mismatch').evidence)).toContain(kernels().cloud.version);
  });

  test('built for another kernel with other options is refused by this one', async () => {
    const answer = await judgeChanged((tree, dir) =>
      layForeign(tree, dir, (module) => {
        const at = module.indexOf('SMP preempt mod_unload');
        expect(at).toBeGreaterThan(0);
        module.write('SMP PREEMPT mod_unload', at, 'latin1');
        return module;
      }),
    );
    expectUnhealthy(answer, 'vermagic_mismatch');
  });

  test('of another kernel may lie aside, in that kernel’s own folder', async () => {
    const answer = await judgeChanged(async (tree) => {
      const { version, dir: cloud } = kernels().cloud;
      await mkdir(tree.at(`${modules(version)}/kernel/drivers/block`), { recursive: true });
      await copyFile(`${cloud}/lib/modules/${version}/${BLOCK}`, tree.at(`${modules(version)}/${BLOCK}`));
    });
    expectHealthy(answer);
  });

  test('may be compressed, where the image’s kmod can read it', async () => {
    const answer = await judgeChanged(async (tree, dir) => {
      await shell('find "$1" -name "*.ko" -exec xz -0 --check=crc32 {} +', tree.at(dir));
      await tree.depmod();
    });
    expectHealthy(answer);
  });
});

describeUnless(needed, 'a platform that is asked for', () => {
  test('wants its drivers in the image', async () => {
    await withLabRoot(async (root) => {
      expectUnhealthy(await root.judge({ platform: 'hyperv' }), 'platform_driver_missing');
    });
  });

  test('may be content with one of several drivers: which one its disk takes nobody knows before', async () => {
    await withLabRoot(async (root) => {
      const answer = await root.judge({ platform: 'vmware' });
      expect(answer.verdict).toBe('unknown');
      expect(findingOf(answer, 'platform_driver_missing').severity).toBe('warning');
    });
  });

  test('is content with the image that has them', async () => {
    await withLabRoot(async (root) => {
      expectHealthy(await root.judge({ platform: 'kvm' }));
    });
  });
});

describeUnless(needed, 'the host’s own module index', () => {
  test('as a blind depmod leaves it dooms the next image, not this one', async () => {
    await withLabRoot(async (root) => {
      await indexBlindly(root);
      const answer = await root.judge();
      expect(answer.verdict).toBe('healthy');
      expect(findingOf(answer, 'host_module_index')).toMatchObject({ severity: 'warning' });
    });
  });

  test('needs no text', async () => {
    await withLabRoot(async (root) => {
      await root.put(`/${modules(root.kernel)}/modules.dep`, '');
      expectHealthy(await root.judge());
    });
  });
});
