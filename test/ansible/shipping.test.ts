import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUNDLE } from '../setup/build.mjs';
import { describeUnless } from '../support/where.ts';
import { REMOTE_TMP, SHEPHERD, type SshHost } from './flock.ts';
import { type Pasture, openPasture } from './pasture.ts';
import { type PlayOptions, QUICK, type Result, type Task } from './play.ts';
import { RELEASES, type Release, whyNoPython, whyNoRelease } from './releases.ts';

const SOUND = fileURLToPath(new URL('../../examples/sheep/sound', import.meta.url));
const CACHE = '/var/cache/bellwether';

/** As Ansible does it unless told: modules are sent as files. */
const WITH_FILES = { env: {} } as const;

const whyNot = (release: Release) => whyNoRelease(release) ?? whyNoPython('3.11');

const healthy = (name = 'sound', more: object = {}): Task => ({
  name,
  'bellwether.boot.initramfs': { root: SOUND },
  ...more,
});

jest.setTimeout(300_000); // a play takes seconds, more on a busy machine

describe.each(RELEASES)('with ansible-core %s', (release) => {
  let pasture: Pasture | undefined;
  let host: SshHost;

  beforeAll(async () => {
    if (whyNot(release) !== null) return;
    pasture = await openPasture(release, { wether: '3.11' });
    host = pasture.hosts.wether!;
  });
  afterAll(() => pasture?.close());

  const play = (tasks: readonly Task[], options: Partial<PlayOptions> = {}) =>
    pasture!.play(tasks, { env: QUICK, ...options });
  const playOne = async (task = healthy(), options: Partial<PlayOptions> = {}): Promise<Result> =>
    (await play([task], options)).result(options.hosts?.[0] ?? host, task.name);
  const cached = async () =>
    (await host.host.sh(`find ${CACHE} -mindepth 1 -printf '%m %u %f\\n' 2>/dev/null || true`)).trim();
  const inode = () => host.host.sh(`stat -c '%i %Z' ${CACHE}/*.cjs`);
  const asShepherd = (vars: object): SshHost => ({
    ...host,
    vars: { ...host.vars, ansible_user: SHEPHERD.name, ...vars },
  });
  const asRootBySu = {
    ansible_become: 'true',
    ansible_become_method: 'su',
    ansible_become_password: SHEPHERD.rootPassword,
  };

  describeUnless(whyNot(release), 'the bundle', () => {
    beforeEach(async () => {
      await host.host.sh(`rm -rf ${CACHE}`);
    });

    test('is put on the host once, named for its checksum, and not sent again', async () => {
      const played = await play([healthy('first'), healthy('second')], WITH_FILES);
      const carried = join(pasture!.collection.installed, 'plugins/files/bellwether.cjs');
      const sum = (await sha256(carried)).slice(0, 16);
      const executable = `${CACHE}/bellwether-${sum}.cjs`;
      expect(played.result(host, 'first')).toMatchObject({ status: 'ok', changed: false, shipped: true, executable });
      expect(played.result(host, 'second')).toMatchObject({ status: 'ok', changed: false, shipped: false, executable });
      expect(await cached()).toBe(`755 root bellwether-${sum}.cjs`);
      const before = await inode();
      expect(await playOne()).toMatchObject({ shipped: false });
      expect(await inode()).toBe(before);
    });

    test('that was altered on the host is not run but sent again', async () => {
      const { executable } = await playOne();
      await host.host.sh(`echo 'touch /run/altered-was-run' > ${String(executable)}`);
      expect(await playOne()).toMatchObject({ status: 'ok', shipped: true, executable });
      await expect(host.host.sh('cat /run/altered-was-run')).rejects.toThrow('No such file');
    });

    test.each([WITH_FILES, { env: QUICK }])(
      'is not kept on a host that is only looked at in check mode (%j)',
      async (how) => {
        expect(await playOne(healthy(), { ...how, args: ['--check'] })).toMatchObject({ status: 'ok', shipped: true });
        expect(await cached()).toBe('');
        expect(await host.host.sh(`find ${REMOTE_TMP} -mindepth 1`)).toBe('');
      },
    );

    test('that is there serves check mode too', async () => {
      await playOne();
      expect(await playOne(healthy(), { args: ['--check'] })).toMatchObject({ status: 'ok', shipped: false });
    });

    test('is not sent where the host has a bellwether of its own', async () => {
      await host.host.run('cp', [BUNDLE, '/opt/bellwether']);
      const checksum = await sha256(host.host.path('/opt/bellwether'));
      const own = { root: SOUND, executable: '/opt/bellwether', checksum };
      const result = await playOne({ name: 'own', 'bellwether.boot.boot_info': own });
      expect(result).toMatchObject({ status: 'ok', shipped: false, executable: '/opt/bellwether' });
      expect(await cached()).toBe('');
    });

    test('is run by the Node.js that the task names', async () => {
      await host.host.sh(
        `printf '#!/bin/sh\\ntouch /run/named-node\\nexec "${process.execPath}" "$@"\\n' > /opt/node; chmod 755 /opt/node`,
      );
      const named = { root: SOUND, node: '/opt/node' };
      expect(await playOne({ name: 'named', 'bellwether.boot.initramfs': named })).toMatchObject({ status: 'ok' });
      await host.host.run('test', ['-e', '/run/named-node']);
    });

    test('is sent where the places that a task names are left empty', async () => {
      const empty = { root: SOUND, executable: null, checksum: '', node: null };
      const result = await playOne({ name: 'empty', 'bellwether.boot.boot_info': empty });
      expect(result).toMatchObject({ status: 'ok', shipped: true });
    });

    test('is not sent where the defaults of the collection name an installed one', async () => {
      const defaults = { 'group/bellwether.boot.all': { executable: '/opt/not-there' } };
      expect(await playOne(healthy('defaults', { module_defaults: defaults }))).toMatchObject({
        status: 'failed',
        shipped: false,
        error: { code: 'executable_absent' },
      });
    });

    test('may be another one, named by a variable on the controller', async () => {
      const result = await playOne(healthy('other', { vars: { bellwether_bundle: BUNDLE } }));
      expect(result).toMatchObject({ status: 'ok', shipped: true });
      const absent = await playOne(healthy('absent', { vars: { bellwether_bundle: '/not/there.cjs' } }));
      expect(absent).toMatchObject({ status: 'failed' });
      expect(absent.msg).toMatch(/bellwether_bundle: there is no file \/not\/there\.cjs on the controller/);
    });

    test("is root's own where a plain user becomes root", async () => {
      const hosts = [asShepherd(asRootBySu)];
      expect(await playOne(healthy(), { hosts })).toMatchObject({ status: 'ok', shipped: true });
      expect(await cached()).toMatch(/^755 root bellwether-[0-9a-f]{16}\.cjs$/);
      await host.host.sh(`rm -rf ${CACHE}`);
      expect(await playOne(healthy(), { hosts, args: ['--check'] })).toMatchObject({ status: 'ok', shipped: true });
    });

    test('cannot be put there by a plain user, for whom it runs where it was sent, with a word to become root', async () => {
      const { output, result } = await play([healthy()], {
        hosts: [asShepherd({ ansible_python_interpreter: '/usr/bin/python3' })],
      });
      expect(result(host, 'sound')).toMatchObject({ status: 'ok', shipped: true });
      expect(output.replace(/\s+/g, ' ')).toMatch(
        /cannot put the bundle at .*Permission denied.*from the temporary folder.*`become: true`/,
      );
      expect(await cached()).toBe('');
      expect(await host.host.sh(`find ~${SHEPHERD.name}/.bellwether-flock/tmp -mindepth 1`)).toBe('');
    });

    test('is missed with a word of where to get it, in a collection that was not built', async () => {
      const carried = join(pasture!.collection.installed, 'plugins/files');
      await rename(carried, `${carried}.away`);
      try {
        const result = await playOne();
        expect(result).toMatchObject({ status: 'failed' });
        expect(result.msg).toMatch(/carries no bundle: .*bellwether\.cjs is absent\. .*`bellwether_bundle`/);
      } finally {
        await rename(`${carried}.away`, carried);
      }
    });

    test('cannot be waited for in the background', async () => {
      const result = await playOne(healthy('async', { async: 30, poll: 1 }));
      expect(result).toMatchObject({ status: 'failed' });
      expect(result.msg).toMatch(/async/);
    });
  });
});

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
