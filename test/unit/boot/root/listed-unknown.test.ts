import { describe, expect, test } from '@jest/globals';
import { luksUnknown } from '../../../../src/boot/checks/luks-unknown.ts';
import { mdUnknown } from '../../../../src/boot/checks/md-unknown.ts';
import { facts, node, soundStorage, type FactsSpec } from '../facts.ts';
import { observe } from '../observe.ts';

const NOTHING = { defects: [], unknowns: [] };
const ROOT = 'root=/dev/mapper/vg0-root ro';
const HOOKS = {
  'usr/lib/dracut/hooks/pre-trigger/30-parse-md.sh': {},
  'usr/lib/dracut/hooks/cmdline/30-parse-crypt.sh': {},
};

/** The host with the scripts of both layers in its image, and more devices. */
function host(words: string, devices: FactsSpec['storage'] = {}, over: FactsSpec = {}): FactsSpec {
  const sound = soundStorage();
  const all = [...sound.devices, ...(devices.devices ?? [])];
  const names = new Set([...(sound.names ?? []), ...all.flatMap((device) => device.names)]);
  return {
    cmdline: `${ROOT} ${words}`,
    image: { files: HOOKS },
    storage: { names, ...devices, devices: all },
    ...over,
  };
}

describe('rd.md.uuid=', () => {
  const own = 'aaaaaaaa:bbbbbbbb:cccccccc:dddddddd';
  const gone = '11111111:22222222:33333333:44444444';
  const array = { id: 'md127', names: ['/dev/md127', `/dev/disk/by-id/md-uuid-${own}`], holds: 'ext4' };
  const member = {
    id: 'vdb',
    names: ['/dev/vdb', 'UUID=aaaaaaaa-bbbb-bbbb-cccc-ccccdddddddd'],
    holds: 'linux_raid_member',
  };

  test('of an array that is not there is fatal, beside one that is', () => {
    const found = observe(mdUnknown, facts(host(`rd.md.uuid=${own} rd.md.uuid=${gone}`, { devices: [array] })));
    expect(found).toEqual({
      defects: [
        {
          defect: true,
          message: `rd.md.uuid=${gone} names an array that this host does not have; dracut waits for it.`,
          evidence: { word: `rd.md.uuid=${gone}`, arrays: ['aaaaaaaabbbbbbbbccccccccdddddddd'], frozen_in: [] },
        },
      ],
      unknowns: [],
    });
  });

  test('says where the image brings it', () => {
    const files = { ...HOOKS, 'etc/cmdline.d/90mdraid.conf': { text: ` rd.md.uuid=${gone}\n` } };
    expect(observe(mdUnknown, facts(host('', {}, { image: { files } }))).defects).toMatchObject([
      { evidence: { frozen_in: ['etc/cmdline.d/90mdraid.conf'] } },
    ]);
  });

  const upper = own.toUpperCase();
  test('in upper case names none: links are in lower case', () => {
    expect(observe(mdUnknown, facts(host(`rd.md.uuid=${upper}`, { devices: [array] }))).defects).toHaveLength(1);
  });

  test.each([
    ['its array is assembled', host(`rd.md.uuid=${own}`, { devices: [array] })],
    ['it is written with dashes', host('rd.md.uuid=aaaaaaaa-bbbb-bbbb-cccc-ccccdddddddd', { devices: [array] })],
    ['a member tells of it', host(`rd.md.uuid=${own}`, { devices: [member] })],
    ['md is left alone', host(`rd.md.uuid=${gone} rd.md=0`)],
    ['the image has nothing to do with md', host(`rd.md.uuid=${gone}`, {}, { image: {} })],
    [
      'the image is none of dracut’s',
      host(`rd.md.uuid=${gone}`, {}, { image: { files: HOOKS, over: { generator: 'initramfs-tools', dracut: null } } }),
    ],
    [
      'the stack tells the UUID of its array',
      host(`rd.md.uuid=${own}`, {
        nodes: [node({ id: 'md0', kind: 'md', uuid: own })],
        devices: [{ id: 'md0', names: [], holds: null }],
      }),
    ],
  ])('is sound where %s', (_, spec) => {
    expect(observe(mdUnknown, facts(spec))).toEqual(NOTHING);
  });

  test.each([
    ['devices have no names', host(`rd.md.uuid=${gone}`, { names: null })],
    [
      'an array has none that tells its UUID',
      host(`rd.md.uuid=${gone}`, { devices: [{ id: 'md1', names: [], holds: null }] }),
    ],
    ['the entry has variables', host(`rd.md.uuid=${gone}`, {}, { entry: { unresolved: ['$x'] } })],
  ])('is unknown where %s', (_, spec) => {
    expect(observe(mdUnknown, facts(spec))).toMatchObject({
      defects: [],
      unknowns: [{ what: `whether the array ${gone} (rd.md) exists` }],
    });
  });
});

describe('rd.luks.uuid=', () => {
  const own = 'dddddddd-0000-4000-8000-000000000004';
  const gone = 'eeeeeeee-0000-4000-8000-00000000000e';
  const volume = { devices: [{ id: 'vdb', names: ['/dev/vdb', `UUID=${own}`], holds: 'crypto_LUKS' }] };

  test('of a volume that is not there is fatal, beside one that is', () => {
    expect(observe(luksUnknown, facts(host(`rd.luks.uuid=luks-${own} rd.luks.uuid=luks-${gone}`, volume)))).toEqual({
      defects: [
        {
          defect: true,
          message: `rd.luks.uuid=luks-${gone} names an encrypted volume that this host does not have; dracut waits for it.`,
          evidence: { word: `rd.luks.uuid=luks-${gone}`, volumes: [own], frozen_in: [] },
        },
      ],
      unknowns: [],
    });
  });

  test.each([
    ['it is there', host(`rd.luks.uuid=${own}`, volume)],
    ['a part of it is given', host('rd.luks.uuid=luks-dddddddd', volume)],
    [
      'its header lies elsewhere, and it is open',
      host(`rd.luks.uuid=${gone}`, {
        devices: [
          {
            id: 'dm-1',
            names: [`/dev/disk/by-id/dm-uuid-CRYPT-LUKS2-${gone.replace(/-/g, '')}-x`],
            holds: 'ext4',
          },
        ],
      }),
    ],
    ['it holds keys for others', host(`rd.luks.uuid=keysource:${gone}`)],
    ['volumes are named by partition', host(`rd.luks.uuid=${gone} rd.luks.partuuid=1234`)],
    ['volumes are named by serial number', host(`rd.luks.uuid=${gone} rd.luks.serial=1234`)],
    ['LUKS is left alone', host(`rd.luks.uuid=${gone} rd.luks=0`)],
    ['systemd alone reads it', host(`rd.luks.uuid=${gone}`, {}, { image: {} })],
  ])('is sound where %s', (_, spec) => {
    expect(observe(luksUnknown, facts(spec))).toEqual(NOTHING);
  });

  test('is unknown where devices have no names', () => {
    expect(observe(luksUnknown, facts(host(`rd.luks.uuid=${gone}`, { names: null })))).toMatchObject({
      defects: [],
      unknowns: [{ reason: 'not all devices of this host are known by name' }],
    });
  });
});
