import { describe, expect, test } from '@jest/globals';
import { rootUnknown } from '../../../../src/boot/checks/root-unknown.ts';
import type { FstabLine } from '../../../../src/host/types.ts';
import { facts, node, virtioDisk, type FactsSpec } from '../facts.ts';
import { observe } from '../observe.ts';

const NOTHING = { defects: [], unknowns: [] };
const ROOT = 'root=UUID=bbbbbbbb-0000-4000-8000-000000000002 ro';

function onBtrfs(fsRoot: string | null, cmdline: string, running: string | null, over: FactsSpec = {}): FactsSpec {
  const uuid = 'bbbbbbbb-0000-4000-8000-000000000002';
  const nodes = [
    node({ id: 'fs:/', kind: 'filesystem', type: 'btrfs', mountPoints: ['/'], uuid, fsRoot, below: ['vda'] }),
    virtioDisk(),
  ];
  const root = { spec: `UUID=${uuid}`, mountPoint: '/', type: 'btrfs', line: 1, options: ['subvol=/root'] };
  return {
    cmdline,
    storage: { nodes },
    files: { fstab: [root satisfies FstabLine] },
    host: { cmdlines: { running, kernelInstall: null } },
    ...over,
  };
}

describe('a / that is a subvolume of btrfs', () => {
  test('is not found where the command line has lost the word that the running one has', () => {
    expect(observe(rootUnknown, facts(onBtrfs('/root', ROOT, `${ROOT} rootflags=subvol=root`)))).toMatchObject({
      defects: [
        {
          message:
            '/ is the btrfs subvolume root, and the command line has no rootflags=subvol=root, as that of the running system has.',
          evidence: { subvolume: 'root', rootflags: [], running: `${ROOT} rootflags=subvol=root` },
        },
      ],
      unknowns: [],
    });
    // systemd reads the flags where it reads root=: what dracut froze does not count beside that.
    const files = { 'etc/cmdline.d/95root-dev.conf': { text: ' root=/dev/vda rootflags=subvol=root\n' } };
    const frozen = onBtrfs('/root', ROOT, `${ROOT} rootflags=subvol=root`, { image: { files } });
    expect(observe(rootUnknown, facts(frozen)).defects).toHaveLength(1);
  });

  test.each([
    ['the word is there', '/root', `${ROOT} rootflags=compress=zstd,subvol=/root`, null],
    ['its number is there', '/root', `${ROOT} rootflags=subvolid=256`, null],
    ['the running system has none either', '/@/.snapshots/1/snapshot', ROOT, ROOT],
    ['the running system has the same', '/root', `${ROOT} rootflags=subvol=other`, `${ROOT} rootflags=subvol=other`],
    ['it is the top of the tree', '/', ROOT, null],
    [
      'ostree has mounted a deployment of it',
      '/root/ostree/deploy/x/deploy/1.0',
      `${ROOT} rootflags=subvol=root`,
      null,
    ],
    ['it is not known which it is', null, ROOT, `${ROOT} rootflags=subvol=root`],
  ])('is silent where %s', (_, fsRoot, cmdline, running) => {
    expect(observe(rootUnknown, facts(onBtrfs(fsRoot, cmdline, running)))).toEqual(NOTHING);
  });

  test('goes by what dracut froze where the command line has no root=', () => {
    const files = { 'etc/cmdline.d/95root-dev.conf': { text: ` ${ROOT} rootflags=subvol=root\n` } };
    expect(observe(rootUnknown, facts(onBtrfs('/root', 'quiet', 'quiet', { image: { files } })))).toEqual(NOTHING);
  });

  const had = `${ROOT} rootflags=subvol=root`;
  test.each([
    ['another is named', onBtrfs('/root', `${ROOT} rootflags=subvol=old`, had), /names old, and \/ is root now/],
    ['nothing tells how the host came up', onBtrfs('/root', ROOT, null), /which one is the default is not known/],
    [
      'fstab leaves it to the default subvolume',
      onBtrfs('/root', ROOT, had, {
        files: { fstab: [{ spec: 'UUID=1', mountPoint: '/', type: 'btrfs', options: ['defaults'], line: 1 }] },
      }),
      /default is not known/,
    ],
    ['the entry has variables', onBtrfs('/root', ROOT, had, { entry: { unresolved: ['$x'] } }), /default is not known/],
    ['the running one names the top', onBtrfs('/', `${ROOT} rootflags=subvol=@`, ROOT), /is the top of the tree now/],
  ])('is unknown where %s', (_, spec, reason) => {
    expect(observe(rootUnknown, facts(spec))).toMatchObject({
      defects: [],
      unknowns: [
        {
          what: 'whether the btrfs subvolume that is mounted as / is the right one',
          reason: expect.stringMatching(reason),
        },
      ],
    });
  });
});
