import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { whyNot } from '../setup/cache.mjs';
import { imagePath } from '../setup/images.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { shell, withLabRoot, type LabRoot } from '../support/lab-root.ts';
import { expectHealthy, expectDamaged } from '../support/verdicts.ts';
import { describeUnless } from '../support/where.ts';

const needed = whyNot('images') ?? whyNoOverlay();

/** A host whose image is what a shell script makes, as `$out`, of the small real one: `$gzip` as dracut wrote it, `$plain` unpacked. */
function withImage(script: string, judge: (root: LabRoot) => Promise<void>): Promise<void> {
  return withLabRoot(async (root) => {
    const head = 'gzip=$1 plain=$2 out=$3; work=$(mktemp -d); trap "rm -r $work" EXIT; cd "$work"; rm -f "$out"';
    await shell(`${head}\n${script}`, imagePath('small'), imagePath('small-plain'), root.at(root.image));
    await judge(root);
  });
}

/** An early segment as dracut lays it before the rest, `early`: microcode for the processor. */
const EARLY = `mkdir -p early.d/kernel/x86/microcode && echo 1 > early.d/early_cpio
head -c 8192 /dev/urandom > early.d/kernel/x86/microcode/GenuineIntel.bin
(cd early.d && find . | sort | cpio -o -H newc --quiet) > early`;

async function configure(root: LabRoot, option: string): Promise<void> {
  const path = `/boot/config-${root.kernel}`;
  const text = await readFile(root.at(path), 'utf8');
  await root.put(path, text.replace(`${option}=y\n`, `# ${option} is not set\n`));
}

async function flip(path: string, at: (size: number) => number): Promise<void> {
  const bytes = await readFile(path);
  const offset = at(bytes.length);
  for (let each = offset; each < offset + 4; each += 1) bytes[each] = bytes[each]! ^ 0xff;
  await writeFile(path, bytes);
}

describeUnless(needed, 'an image that was cut', () => {
  test.each([
    ['gzip', 'gzip -n -1'],
    ['xz', 'xz -0 --check=crc32'],
    ['zstd', 'zstd -q -1'],
    ['lz4', 'lz4 -l -q -1'],
  ])('does not boot, however it was compressed: %s', async (_, compress) => {
    await withImage(
      `${compress} < "$plain" > whole; head -c $(($(stat -c %s whole) * 2 / 3)) whole > "$out"`,
      async (root) => {
        const { evidence } = expectDamaged(await root.judge(), 'image_truncated');
        expect(evidence).toMatchObject({ path: root.image });
      },
    );
  });

  test('does not boot where the last eight bytes alone are gone', async () => {
    await withImage('head -c -8 "$gzip" > "$out"', async (root) => {
      expectDamaged(await root.judge(), 'image_truncated');
    });
  });

  test('boots where what follows the archive is padding', async () => {
    await withImage('cp "$gzip" "$out"; head -c 4096 /dev/zero >> "$out"', async (root) => {
      expectHealthy(await root.judge());
    });
  });

  test('does not boot where it has no bytes at all', async () => {
    await withImage(': > "$out"', async (root) => {
      expectDamaged(await root.judge(), 'image_empty');
    });
  });
});

describeUnless(needed, 'an image with flipped bytes', () => {
  test.each([
    ['gzip', 'gzip -n -1'],
    ['xz', 'xz -0 --check=crc32'],
    ['zstd', 'zstd -q -1 --check'],
  ])('is not to be trusted: %s', async (_, compress) => {
    await withImage(`${compress} < "$plain" > "$out"`, async (root) => {
      expectHealthy(await root.judge());
      await flip(root.at(root.image), (size) => Math.floor(size / 2));
      expectDamaged(await root.judge(), 'image_corrupt');
    });
  });

  test('is found where the checksum alone is wrong', async () => {
    await withImage('cp "$gzip" "$out"', async (root) => {
      await flip(root.at(root.image), (size) => size - 8);
      expectDamaged(await root.judge(), 'image_corrupt');
    });
  });
});

describeUnless(needed, 'a compression', () => {
  test('that this kernel was built without is not unpacked', async () => {
    await withImage('lz4 -l -q -1 < "$plain" > "$out"', async (root) => {
      expectHealthy(await root.judge());
      await configure(root, 'CONFIG_RD_LZ4');
      expectDamaged(await root.judge(), 'compression_unsupported');
    });
  });

  test('that this kernel was built without is no matter to an image that does not use it', async () => {
    await withImage('cp "$plain" "$out"', async (root) => {
      for (const each of ['GZIP', 'BZIP2', 'LZMA', 'XZ', 'LZO', 'LZ4', 'ZSTD'])
        await configure(root, `CONFIG_RD_${each}`);
      expectHealthy(await root.judge());
    });
  });

  test.each(['crc64', 'sha256'])('by xz with the check %s is refused by the kernel', async (kind) => {
    await withImage(`xz -0 --check=${kind} < "$plain" > "$out"`, async (root) => {
      expectDamaged(await root.judge(), 'xz_check_unsupported');
    });
  });

  test.each(['crc32', 'none'])('by xz with the check %s is taken by the kernel', async (kind) => {
    await withImage(`xz -0 --check=${kind} < "$plain" > "$out"`, async (root) => {
      expectHealthy(await root.judge());
    });
  });

  test('by lz4 in its modern frame is unknown to the kernel', async () => {
    await withImage('lz4 -q -1 < "$plain" > "$out"', async (root) => {
      expectDamaged(await root.judge(), 'lz4_modern_frame');
    });
  });

  test.each([
    ['bzip2', 'bzip2 -1'],
    ['lzma', 'xz --format=lzma -0'],
    ['lzo', 'lzop -1'],
  ])('by %s is read as the kernel reads it', async (_, compress) => {
    await withImage(`${compress} < "$plain" > "$out"`, async (root) => {
      expectHealthy(await root.judge());
    });
  });
});

describeUnless(needed, 'an early segment', () => {
  test('before the compressed one does no harm', async () => {
    await withImage(`${EARLY}; cat early "$gzip" > "$out"`, async (root) => {
      expectHealthy(await root.judge());
    });
  });

  test('that ends at an odd offset hides the plain segment behind it', async () => {
    await withImage(`${EARLY}; (cat early; printf '\\0\\0'; cat "$plain") > "$out"`, async (root) => {
      const { evidence } = expectDamaged(await root.judge(), 'segment_misaligned');
      expect(evidence).toMatchObject({ path: root.image });
    });
  });

  test('that ends at an odd offset hides a compressed segment too: the kernel stops at broken padding', async () => {
    await withImage(`${EARLY}; (cat early; printf '\\0\\0'; cat "$gzip") > "$out"`, async (root) => {
      expectDamaged(await root.judge(), 'segment_misaligned');
    });
  });

  test('that is compressed may end at any offset', async () => {
    await withImage(
      `${EARLY}; gzip -n early; [ $(($(stat -c %s early.gz) % 2)) = 1 ] || head -c 1 /dev/zero >> early.gz
       cat early.gz "$gzip" > "$out"`,
      async (root) => {
        expectHealthy(await root.judge());
      },
    );
  });

  test('that is aligned hides nothing', async () => {
    await withImage(`${EARLY}; (cat early; printf '\\0\\0\\0\\0'; cat "$plain") > "$out"`, async (root) => {
      expectHealthy(await root.judge());
    });
  });

  test('alone boots nothing', async () => {
    await withImage(`${EARLY}; cp early "$out"`, async (root) => {
      expectDamaged(await root.judge(), 'only_early_cpio');
    });
  });

  test('twice, as two initrd files beside the image, does no harm', async () => {
    await withImage(`${EARLY}; cp early "\${out%/*}/microcode.img"; cp "$gzip" "$out"`, async (root) => {
      await root.putEntry({ initrd: `/microcode.img\ninitrd /initramfs-${root.kernel}.img` });
      expectHealthy(await root.judge());
    });
  });
});
