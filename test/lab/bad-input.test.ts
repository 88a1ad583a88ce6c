import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { ErrorCode } from '../../src/protocol/messages.ts';
import { BUNDLE } from '../setup/build.mjs';
import { whyNoOverlay } from '../setup/overlay.mjs';
import { expectKind } from '../support/answers.ts';
import { callBellwether, check } from '../support/bellwether.ts';
import { withHost } from '../support/host.ts';
import { shell } from '../support/lab-root.ts';
import { sheepPath } from '../support/sheep.ts';
import { describeUnless } from '../support/where.ts';

/** A request that cannot be answered: what the exit status and the error say. */
async function expectRefused(
  request: object | string | Buffer,
  status: number,
  code: ErrorCode,
  ...words: readonly string[]
): Promise<void> {
  const ended = await callBellwether(request);
  const { error, changed } = expectKind('error', ended.answer);
  expect({ status: ended.status, code: error.code, changed }).toEqual({ status, code, changed: false });
  for (const word of words) expect(`${error.message} ${error.hint ?? ''}`).toContain(word);
}

async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bellwether-bad-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const checkOf = (params: object): object => ({ protocol: 1, op: 'check', root: sheepPath('sound'), params });

describe('a request that is no request is refused with 64 and an answer:', () => {
  test.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['white space', ' \n'],
    ['no JSON', 'check the host, please'],
    ['half an object', '{"protocol": 1, "op": "check"'],
    ['two objects', '{"protocol": 1, "op": "version"}\n{"protocol": 1, "op": "version"}'],
    ['a list', '[{"protocol": 1, "op": "version"}]'],
    ['null', 'null'],
    ['a number', '1'],
    ['invalid UTF-8', Buffer.from('7b2270726f746f636f6c223a20312c20226f70223a2022ff227d', 'hex')],
    ['ten megabytes', JSON.stringify({ protocol: 1, op: 'check', params: { ignore: ['x'.repeat(10_000_000)] } })],
    ['ten thousand nested lists', '['.repeat(10_000)],
    [
      'lists in lists, closed',
      `{"protocol": 1, "op": "check", "params": ${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
    ],
    ['two operations', '{"protocol": 1, "op": "check", "op": "repair"}'],
    ['no protocol', '{"op": "version"}'],
  ])('%s', async (_, request) => {
    await expectRefused(request, 64, 'bad_request');
  });

  test('an operation that is not known, by name', () =>
    expectRefused({ protocol: 1, op: 'chekc' }, 64, 'unknown_operation', 'chekc', 'check'));

  test('a protocol that is not spoken, by number', () =>
    expectRefused({ protocol: 2, op: 'check' }, 64, 'unsupported_protocol', '2'));

  test('a mistyped field, with the one that was meant', () =>
    expectRefused({ protocol: 1, op: 'check', dryrun: true }, 64, 'bad_request', 'dryrun', 'dry_run'));

  test('a mistyped parameter, with the one that was meant', () =>
    expectRefused(checkOf({ kernel: 'all' }), 64, 'bad_request', 'kernel', 'kernels'));

  test.each(['../../etc', '-rf', '', '/etc', 'a b', 'a\0b', 'x'.repeat(200)])('the kernel name %j', (name) =>
    expectRefused(checkOf({ kernels: [name] }), 64, 'bad_request', 'kernels'),
  );

  test.each(['relative/path', '', '/with\0nul'])('the image path %j', (image) =>
    expectRefused(checkOf({ image }), 64, 'bad_request', 'image'),
  );
});

describe('what a request names and is not there is told with 69:', () => {
  test('a root that is absent', () =>
    expectRefused({ protocol: 1, op: 'check', root: '/no/such/root' }, 69, 'root_absent', '/no/such/root'));

  test('a root that is a file', () =>
    expectRefused({ protocol: 1, op: 'check', root: BUNDLE }, 69, 'root_absent', BUNDLE));

  test('a kernel that is not installed', () =>
    expectRefused(checkOf({ kernels: ['9.9.9-none'] }), 69, 'kernel_absent', '9.9.9-none'));

  test('an image that is absent', () =>
    expectRefused(checkOf({ image: '/boot/none.img' }), 69, 'image_unreadable', '/boot/none.img'));
});

describe('an image that is no file is never read:', () => {
  const make = {
    'a folder': 'mkdir "$1"',
    'a FIFO': 'mkfifo "$1"',
    'a socket': 'python3 -c "import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])" "$1"',
    'a link to itself': 'ln -s image "$1"',
  };
  test.each(Object.entries(make))('%s', async (_, script) => {
    await withFolder(async (folder) => {
      await shell(
        `cp -a "$2/." "$3" && cd "$3/boot" && ${script.replaceAll('"$1"', 'image')}`,
        '',
        sheepPath('sound'),
        folder,
      );
      const request = { protocol: 1, op: 'check', root: folder, params: { image: '/boot/image' } };
      await expectRefused(request, 69, 'image_unreadable', '/boot/image');
    });
  });
});

test('a capture for which there is no room is told in words, and nothing of it is left', async () => {
  await withFolder(async (folder) => {
    // Past its limit a write fails, as on a full disk.
    const limited = `trap '' XFSZ; ulimit -f 8; "$@" 2>&1 || echo "status $?"; ls -A "${folder}"`;
    const command = ['inspect', '--root', sheepPath('sound'), '--capture', join(folder, 'sheep.tar')];
    expect(await shell(limited, process.execPath, BUNDLE, ...command)).toBe(
      `bellwether: the capture cannot be written to "${folder}/sheep.tar": EFBIG: file too large, write\nstatus 3\n`,
    );
  });
});

describeUnless(whyNoOverlay(), 'what takes root to set up:', () => {
  test('a root that is closed to whoever asks', async () => {
    await withHost(async (host) => {
      await host.sh('mkdir -m 700 /srv/closed');
      const { status, answer } = await host.call({ protocol: 1, op: 'check', root: '/srv/closed' }, { uid: 65_534 });
      const { error } = expectKind('error', answer);
      expect({ status, code: error.code, message: error.message }).toEqual({
        status: 69,
        code: 'root_absent',
        message: 'root "/srv/closed" cannot be read: permission denied (not root?)',
      });
    });
  });

  test.each(['boot/grub2', 'boot/vmlinuz-*', 'etc/fstab', 'usr/lib/modules/*', 'usr/sbin', 'sys/class'])(
    'without root a closed %s makes the verdict unknown',
    async (path) => {
      await withHost(async (host) => {
        await host.run('/bin/cp', ['-a', sheepPath('sound'), '/srv/sheep']);
        await host.sh(`chown -R root:root /srv/sheep; chmod go= /srv/sheep/${path}`);
        const { answer } = await host.call({ protocol: 1, op: 'check', root: '/srv/sheep' }, { uid: 65_534 });
        const { verdict, findings } = expectKind('check', answer);
        expect({ verdict, findings }).toEqual({ verdict: 'unknown', findings: [] });
      });
    },
  );

  test('an image that is a device is never read', async () => {
    await withFolder(async (folder) => {
      await shell('cp -a "$1/." "$2" && mknod "$2/boot/image" c 1 5', sheepPath('sound'), folder);
      const request = { protocol: 1, op: 'check', root: folder, params: { image: '/boot/image' } };
      await expectRefused(request, 69, 'image_unreadable', '/boot/image');
    });
  });

  test('without root an image that cannot be read makes the verdict unknown or an error, never healthy', async () => {
    await withHost(async (host) => {
      await host.run('/bin/cp', ['-a', sheepPath('sound'), '/srv/sheep']);
      await host.sh('chmod 600 /srv/sheep/boot/initramfs-*.img');
      const asRoot = await host.call({ protocol: 1, op: 'check', root: '/srv/sheep' });
      expect(expectKind('check', asRoot.answer).verdict).toBe('healthy');
      const { status, answer } = await host.call({ protocol: 1, op: 'check', root: '/srv/sheep' }, { uid: 65_534 });
      if (status === 0) {
        const { verdict, unknowns } = expectKind('check', answer);
        expect(verdict).toBe('unknown');
        expect(JSON.stringify(unknowns)).toMatch(/permission|EACCES/i);
      } else {
        expect(expectKind('error', answer).error.code).toBe('not_permitted');
      }
    });
  });
});

describe('a host with nothing to boot is not healthy:', () => {
  const judge = (...paths: readonly string[]) =>
    withFolder(async (root) => {
      for (const path of paths) {
        await mkdir(join(root, path, '..'), { recursive: true });
        if (path.endsWith('/')) await mkdir(join(root, path), { recursive: true });
        else await writeFile(join(root, path), '');
      }
      return check({ root });
    });

  test('an empty folder', async () => {
    expect((await judge()).verdict).not.toBe('healthy');
  });

  test('an empty /boot', async () => {
    expect((await judge('boot/', 'etc/fstab', 'usr/lib/modules/')).verdict).not.toBe('healthy');
  });

  test('a folder of modules without a kernel', async () => {
    expect((await judge('boot/', 'usr/lib/modules/6.1.0-1-amd64/modules.dep')).verdict).not.toBe('healthy');
  });

  test('no kernels at all are unknown, with the reason', async () => {
    const { verdict, unknowns, kernels } = await judge('boot/');
    expect(kernels).toEqual([]);
    expect(verdict === 'unknown' || verdict === 'unhealthy').toBe(true);
    if (verdict === 'unknown') expect(unknowns).not.toEqual([]);
  });
});

describe('a reader that goes away', () => {
  test('early ends the program, without a word on its way', async () => {
    const child = spawn(process.execPath, [BUNDLE, 'call'], { timeout: 60_000 });
    child.stdout.destroy();
    child.stdin.end(JSON.stringify({ protocol: 1, op: 'check', root: sheepPath('odd-sheep'), detail: 'full' }));
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = await new Promise<{ status: number | null; signal: string | null }>((resolve) => {
      child.on('close', (status, signal) => {
        resolve({ status, signal });
      });
    });
    expect(ended.signal).toBeNull();
    expect([0, 70]).toContain(ended.status);
    expect(stderr).not.toContain('Unhandled');
  });

  test('of the text face ends it too', async () => {
    const bundle = [process.execPath, BUNDLE, 'check', '--root', sheepPath('odd-sheep')];
    expect(await shell('set +o pipefail; "$@" | head -n 1', ...bundle)).toContain('UNHEALTHY');
  });
});
