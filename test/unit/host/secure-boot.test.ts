import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { writeCapture } from '../../../src/host/capture/write-capture.ts';
import { holdsKeysAlone } from '../../../src/host/loader/secure-boot.ts';
import { readHost } from '../../../src/host/read-host.ts';
import { entryOf, espHost, grub, program, SHIM, secureBoot, signatureList, signed, variables } from './efi.ts';
import { makeRoot, mountinfo, type Layout } from './roots.ts';

const KEY = signatureList('certificate');
const HASH = signatureList('hash');

const host = (...layouts: Layout[]) => makeRoot(mountinfo(['0:50', '/', 'overlay', 'overlay']), ...layouts);
const read = async (...layouts: Layout[]) => {
  const { secureBoot: on, trust } = await readHost(host(...layouts));
  return { on, trust };
};

describe('Secure Boot', () => {
  test.each<[string, Parameters<typeof secureBoot>[0], boolean]>([
    ['is on where its variable says so', {}, true],
    ['is off where its variable says so', { on: 0 }, false],
    ['asks for nothing while firmware waits for its keys', { setup: 1 }, false],
    ['asks for nothing where shim was told to let everything pass', { validationOff: [6, 1] }, false],
    ['is on where shim says that it looks', { validationOff: [6, 0] }, true],
    ['is not turned off by a variable that shim did not leave', { validationOff: [7, 1] }, true],
  ])('%s', async (_, told, on) => {
    expect((await read(secureBoot({ ...told, db: KEY }))).on).toBe(on);
  });

  test('is not known where its variable is cut, and off where firmware does not speak EFI', async () => {
    const [path = ''] = Object.keys(secureBoot({}));
    expect(await read({ [path]: Buffer.from([6, 0]) })).toEqual({ on: null, trust: null });
    expect((await read({ '/sys/firmware/memmap/0/end': '0' })).on).toBe(false);
  });
});

describe('what Secure Boot goes by', () => {
  test.each<[string, Parameters<typeof secureBoot>[0], object | null]>([
    ['keys of the firmware', { db: KEY }, { shim: false, keysAlone: true }],
    ['keys of the firmware and of shim', { db: Buffer.concat([KEY, KEY]), mok: KEY }, { shim: true, keysAlone: true }],
    [
      'a program that the firmware knows by its hash',
      { db: Buffer.concat([KEY, HASH]) },
      { shim: false, keysAlone: false },
    ],
    [
      'a program that somebody enrolled in shim by its hash',
      { db: KEY, mok: Buffer.concat([KEY, HASH]) },
      { shim: true, keysAlone: false },
    ],
    ['a list that is cut', { db: KEY.subarray(0, -1) }, { shim: false, keysAlone: false }],
    ['nothing that is known', {}, null],
    ['nothing, where it is off', { on: 0, db: KEY }, null],
  ])('is %s', async (_, told, trust) => {
    expect((await read(secureBoot(told))).trust).toEqual(trust);
  });

  test('is not known where a list cannot be read, which the loader is not blamed for', async () => {
    const [db = ''] = Object.keys(secureBoot({ db: KEY })).filter((path) => path.includes('/db-'));
    const { trust, unread } = await readHost(host(secureBoot({}), { [`${db}/x`]: '' }));
    expect(trust).toBeNull();
    expect(unread.filter(({ what }) => what === db)).toMatchObject([{ part: 'signing' }]);
  });

  test('is in a capture, without the lists', async () => {
    const root = makeRoot(espHost(), secureBoot({ db: KEY, mok: KEY }));
    const tar = join(root, 'facts.tar');
    await writeCapture(root, tar, { select: () => ({ kernels: [], images: [] }) });
    const unpacked = makeRoot({});
    execFileSync('tar', ['-xf', tar, '-C', unpacked]);
    expect((await readHost(unpacked)).trust).toEqual({ shim: true, keysAlone: true });
    expect(execFileSync('tar', ['-tf', tar], { encoding: 'utf8' })).not.toMatch(/MokListRT|\/db-/);
  });

  test('is told of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(KEY.length), (noise, cut) => {
        const bytes = Buffer.concat([KEY.subarray(0, cut), noise]);
        expect(typeof holdsKeysAlone(bytes)).toBe('boolean');
      }),
    );
  });
});

describe('under Secure Boot a loader', () => {
  const AT = '/boot/efi/EFI/debian';
  const started = async (shim: Buffer, core: Buffer, told: Layout) => {
    const files = { [`${AT}/shimx64.efi`]: shim, [`${AT}/grubx64.efi`]: core, [`${AT}/grub.cfg`]: 'x' };
    const entry = variables([3], { '0003': entryOf('\\EFI\\debian\\shimx64.efi') });
    return (await readHost(makeRoot(espHost(files), entry, told))).loader.firmware?.programs[0];
  };
  const CORE = grub('/EFI/debian');
  const ON = secureBoot({ db: KEY, mok: KEY });

  test('runs where it is signed, and what shim starts too', async () => {
    expect(await started(signed(SHIM), signed(CORE), ON)).toMatchObject({ kind: 'shim', fault: null });
    const fault = (file: string) => ({ fault: { kind: 'unsigned', path: `${AT}/${file}` } });
    expect(await started(SHIM, signed(CORE), ON)).toMatchObject(fault('shimx64.efi'));
    expect(await started(signed(SHIM), CORE, ON)).toMatchObject(fault('grubx64.efi'));
    expect(await started(signed(program({ '.text': 'x' })), CORE, ON)).toMatchObject({ kind: 'other', fault: null });
  });

  test('needs no signature where it is off, or a hash may do', async () => {
    expect((await started(SHIM, CORE, secureBoot({ on: 0, db: KEY })))?.fault).toBeNull();
    expect((await started(SHIM, CORE, secureBoot({ db: KEY, mok: HASH })))?.fault).toBeNull();
    expect((await started(SHIM, CORE, {}))?.fault).toBeNull();
  });
});
