import { expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { judge, type Judgement } from '../../../src/boot/judge.ts';
import { Refusal, type Files } from '../../../src/host/files.ts';
import { readHost } from '../../../src/host/read-host.ts';
import { gatherFacts } from '../../../src/ops/gather-facts.ts';
import { readTargets } from '../../../src/ops/read-images.ts';
import { RequestMemory } from '../../../src/ops/request-memory.ts';
import { selectTargets } from '../../../src/ops/select-targets.ts';
import { K } from '../boot/facts.ts';

const root = fileURLToPath(new URL('../../../examples/sheep/sound', import.meta.url));
const memory = new RequestMemory();

/** As to whom is not root: what lies in a closed folder is not even seen, a closed file cannot be read. */
function closed(files: Files, at: string): Files {
  const guard = <T>(path: string, whole: boolean, call: () => T): T => {
    if (path.startsWith(`${at}/`) || (whole && path === at)) throw new Refusal('EACCES');
    return call();
  };
  const guarded: Files = {
    ...files,
    lstat: (path) => guard(path, false, () => files.lstat(path)),
    readlink: (path) => guard(path, false, () => files.readlink(path)),
    readdir: (path) => guard(path, true, () => files.readdir(path)),
    list: (path) => guard(path, true, () => files.list(path)),
    read: (path, limit, offset) => guard(path, true, () => files.read(path, limit, offset)),
    get plain() {
      return guarded;
    },
  };
  return guarded;
}

async function judgeClosed(at: string): Promise<Judgement> {
  const host = await readHost(root, { through: (files, whose) => (whose === 'host' ? closed(files, at) : files) });
  const [target] = selectTargets(host, 'default');
  if (target === undefined) throw new Error('the sample has no default kernel');
  const { images } = await readTargets(host, [target], {}, new AbortController().signal, memory);
  const [image] = images;
  if (image === undefined) throw new Error('the image was not read');
  return judge(gatherFacts(host, target, image, [], null));
}

test('what is closed and not asked for changes nothing', async () => {
  expect(await judgeClosed('/root')).toMatchObject({ verdict: 'healthy', findings: [], unknowns: [] });
});

test.each([
  ['/boot/grub2', 'loader'],
  ['/boot/grub2/grub.cfg', 'loader'],
  ['/boot/grub2/grubenv', 'loader'],
  ['/boot/loader/entries', 'loader'],
  [`/boot/vmlinuz-${K}`, 'loader'],
  ['/etc/fstab', 'switch-root'],
  [`/usr/lib/modules/${K}`, 'drivers'],
  [`/usr/lib/modules/${K}/modules.dep.bin`, 'drivers'],
  ['/usr', 'switch-root'],
  ['/usr/sbin', 'switch-root'],
  ['/sys', 'root'],
  ['/sys/class', 'root'],
  ['/sys/devices', 'root'],
])(
  'a sound host of which %s is closed is unknown at %s, and has no finding of which that is the cause',
  async (at, where) => {
    const { verdict, findings, unknowns } = await judgeClosed(at);
    expect({ verdict, fatal: findings.filter(({ severity }) => severity === 'fatal') }).toEqual({
      verdict: 'unknown',
      fatal: [],
    });
    expect(findings.map(({ code }) => code)).not.toContain('host_module_index');
    expect(unknowns.map(({ checkpoint }) => checkpoint)).toContain(where);
  },
);
