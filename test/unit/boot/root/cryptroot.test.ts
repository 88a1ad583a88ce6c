import { describe, expect, test } from '@jest/globals';
import { luksKeyMissing } from '../../../../src/boot/checks/luks-key-missing.ts';
import { luksUnlisted } from '../../../../src/boot/checks/luks-unlisted.ts';
import { facts, node, virtioDisk, type FactsSpec } from '../facts.ts';
import { observe, severities } from '../observe.ts';

const LUKS = 'dddddddd-0000-4000-8000-000000000004';
const OTHER = 'eeeeeeee-0000-4000-8000-00000000000e';
const BY_UUID = 'root=UUID=bbbbbbbb-0000-4000-8000-000000000002';
const KEY = '/cryptroot/keyfiles/cryptroot.key';

/** A host whose / is on an encrypted partition, and whose image initramfs-tools made with this table. */
function host(table: string | null, spec: FactsSpec = {}, files: NonNullable<FactsSpec['image']>['files'] = {}) {
  return facts({
    cmdline: BY_UUID,
    storage: {
      nodes: [
        node({ id: 'fs:/', kind: 'filesystem', type: 'ext4', mountPoints: ['/'], below: ['dm-0'] }),
        node({
          id: 'dm-0',
          kind: 'crypt',
          name: '/dev/mapper/cryptroot',
          details: ['aes-xts-plain64'],
          below: ['vda2'],
        }),
        node({ id: 'vda2', kind: 'partition', name: '/dev/vda2', uuid: LUKS, below: ['vda'] }),
        virtioDisk(),
      ],
      names: new Set(['/dev/vda', '/dev/vda2', `UUID=${LUKS}`, '/dev/mapper/cryptroot']),
    },
    image: {
      files: { ...(table === null ? {} : { 'cryptroot/crypttab': { text: table } }), ...files },
      over: { generator: 'initramfs-tools', dracut: null },
    },
    ...spec,
  });
}

describe('the table of what an image of initramfs-tools unlocks', () => {
  test.each([
    `cryptroot UUID=${LUKS} none luks`,
    `cryptroot /dev/disk/by-uuid/${LUKS} none luks\nswap UUID=${OTHER} none`,
    'cryptroot /dev/vda2 none',
    `another UUID=${LUKS} none luks`, // under another name, where / goes by its UUID
    'cryptroot /dev/disk/by-id/virtio-lab-part2 none luks', // by a link that is not known, under its own name
  ])('has it by %j', (table) => {
    expect(observe(luksUnlisted, host(table))).toEqual({ defects: [], unknowns: [] });
  });

  test.each(['# nothing', '\0\0\0\0', `swap UUID=${OTHER} none luks`, `cryptroot UUID=${OTHER} none luks`])(
    'lacks it: %j',
    (table) => {
      expect(observe(luksUnlisted, host(table)).defects[0]).toMatchObject({
        message: '/dev/mapper/cryptroot, which / is on, is encrypted, and nothing tells the image to unlock it.',
        evidence: { luks_uuid: LUKS, needed_for: '/' },
      });
    },
  );

  test('calls it otherwise than root= does', () => {
    const spec = { cmdline: 'root=/dev/mapper/cryptroot' };
    expect(observe(luksUnlisted, host(`other UUID=${LUKS} none`, spec)).defects[0]?.message).toBe(
      'The image unlocks what / is on as other, and root= names /dev/mapper/cryptroot.',
    );
    expect(observe(luksUnlisted, host(`cryptroot UUID=${LUKS} none`, spec)).defects).toEqual([]);
  });

  test('leaves open what a link that is not known leads to', () => {
    expect(observe(luksUnlisted, host('other /dev/disk/by-id/virtio-lab none luks'))).toMatchObject({
      defects: [],
      unknowns: [{ what: 'whether /dev/mapper/cryptroot, which / is on, is unlocked' }],
    });
  });

  test('is passed over where the command line says what to unlock', () => {
    const table = `cryptroot UUID=${LUKS} none luks`;
    const by = (source: string) => ({
      cmdline: `${BY_UUID} cryptopts=target=cryptroot,source=${source},key=none,luks`,
    });
    expect(observe(luksUnlisted, host(table, by(`UUID=${OTHER}`))).defects).toHaveLength(1);
    expect(observe(luksUnlisted, host('# nothing', by(`UUID=${LUKS}`))).defects).toEqual([]);
    // Without a device, a word unlocks nothing: so it is turned off.
    expect(observe(luksUnlisted, host(table, { cmdline: `${BY_UUID} cryptopts=` })).defects).toHaveLength(1);
  });

  test('is told by crypttab_stale where it has a device that is gone', () => {
    const crypttab = `cryptroot UUID=${LUKS} none luks\n`;
    const files = { ...facts({}).host.files, crypttab };
    expect(observe(luksUnlisted, host(`cryptroot UUID=${OTHER} none luks`, { host: { files } })).defects).toEqual([]);
  });

  test('that is not there is told by crypt_missing', () => {
    expect(observe(luksUnlisted, host(null))).toEqual({ defects: [], unknowns: [] });
  });
});

describe('the key that it names', () => {
  const table = `cryptroot UUID=${LUKS} ${KEY} luks`;

  test('has to be in the image', () => {
    expect(observe(luksKeyMissing, host(table)).defects[0]).toMatchObject({
      message: `/dev/mapper/cryptroot, which / is on, is to be unlocked with ${KEY}, which is not in the image.`,
      evidence: { path: KEY },
    });
    expect(observe(luksKeyMissing, host(table, {}, { [KEY.slice(1)]: { size: 64 } })).defects).toEqual([]);
  });

  test('cannot lie on what it unlocks', () => {
    const onRoot = `cryptroot UUID=${LUKS} /FIXME-initramfs-rootmnt/etc/root.key luks`;
    expect(observe(luksKeyMissing, host(onRoot)).defects[0]?.message).toBe(
      '/dev/mapper/cryptroot, which / is on, is to be unlocked with /etc/root.key, which lies on it.',
    );
    expect(severities(luksKeyMissing, host(onRoot))).toEqual(['fatal']);
  });

  test.each([
    `cryptroot UUID=${LUKS} none luks`,
    `cryptroot UUID=${LUKS} /dev/urandom plain`,
    `cryptroot UUID=${LUKS} /dev/disk/by-label/keys:/root.key luks,keyscript=/lib/cryptsetup/scripts/passdev`,
    `swap UUID=${OTHER} /cryptroot/keyfiles/swap.key luks`,
  ])('is none that the image must have: %s', (line) => {
    expect(observe(luksKeyMissing, host(line)).defects).toEqual([]);
  });
});
