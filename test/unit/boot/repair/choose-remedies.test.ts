import { describe, expect, it } from '@jest/globals';
import { chooseRemedies, type PackageState } from '../../../../src/boot/repair/choose-remedies.ts';
import type { Finding } from '../../../../src/protocol/messages.ts';

const K = '6.1.0-56-amd64';
const INTACT: PackageState = { damaged: [], suspects: ['kmod', 'dracut'], reinstalled: [] };

function finding(code: string, repair: Finding['repair'], more: Partial<Finding> = {}): Finding {
  return { code, severity: 'fatal', checkpoint: 'drivers', kernel: K, message: 'm', evidence: {}, repair, ...more };
}

const EMPTY_INDEX = finding('module_index_empty', ['reinstall', 'depmod', 'rebuild']);
const HOST_INDEX = finding('host_module_index', ['reinstall', 'depmod'], { severity: 'warning' });

function choose(findings: readonly Finding[], packages: PackageState = INTACT, rebuilt: readonly string[] = []) {
  return chooseRemedies([{ kernel: K, findings }], packages, new Set(rebuilt));
}

function kinds(...args: Parameters<typeof choose>): readonly string[] {
  return choose(...args).remedies.map(({ kind }) => kind);
}

describe('the least that mends', () => {
  it('is nothing where nothing is wrong', () => {
    expect(choose([])).toEqual({ remedies: [], left: [] });
  });

  it('is nothing for a warning that the host boots with', () => {
    expect(kinds([finding('image_stale', ['rebuild'], { severity: 'warning' })])).toEqual([]);
  });

  it('is nothing for a finding that the site accepts', () => {
    expect(kinds([{ ...EMPTY_INDEX, ignored: true }])).toEqual([]);
  });

  it('is kmod, the index and the image for an odd sheep whose kmod is damaged', () => {
    const { remedies } = choose([EMPTY_INDEX, HOST_INDEX], { ...INTACT, damaged: ['kmod'] });
    expect(remedies).toEqual([
      { kind: 'reinstall', packages: ['kmod'], because: 'kmod differs from what was installed' },
      { kind: 'depmod', kernel: K, because: 'm' },
      { kind: 'rebuild', kernel: K, addDrivers: [], because: 'module_index_empty: m' },
    ]);
  });

  it('leaves a host index alone that is sound, and packages that verify', () => {
    expect(kinds([EMPTY_INDEX])).toEqual(['rebuild']);
  });

  it('reinstalls the suspects, although they verify, once a rebuild did not help', () => {
    const { remedies } = choose([EMPTY_INDEX], INTACT, [K]);
    expect(remedies[0]).toMatchObject({ kind: 'reinstall', packages: ['kmod', 'dracut'] });
    expect(kinds([EMPTY_INDEX], { ...INTACT, reinstalled: ['kmod', 'dracut'] }, [K])).toEqual(['rebuild']);
  });

  it('does not blame packages for what no package brings', () => {
    expect(kinds([finding('image_corrupt', ['rebuild'])], INTACT, [K])).toEqual(['rebuild']);
  });

  it('mends a damaged package, or a bad index, of a host that boots', () => {
    const damaged = finding('packages_damaged', ['reinstall'], { severity: 'warning' });
    expect(kinds([damaged], { ...INTACT, damaged: ['kmod'] })).toEqual(['reinstall']);
    expect(kinds([HOST_INDEX])).toEqual(['depmod']);
  });

  it('adds the drivers that were found missing', () => {
    const drivers = finding('driver_missing', ['rebuild'], {
      evidence: { driver: 'virtio-blk', candidates: ['virtio_blk'] },
    });
    const target = finding('dm_target_missing', ['rebuild'], { evidence: { module: 'dm_thin_pool' } });
    expect(choose([drivers]).remedies).toMatchObject([{ kind: 'rebuild', addDrivers: ['virtio_blk'] }]);
    expect(choose([drivers, target]).remedies).toMatchObject([{ addDrivers: ['dm_thin_pool', 'virtio_blk'] }]);
  });

  it('adds none by name where a damaged package, or a bad index, is why they are missing', () => {
    const driver = finding('driver_missing', ['rebuild'], { evidence: { candidates: ['virtio_blk'] } });
    expect(choose([driver, HOST_INDEX]).remedies).toMatchObject([{ kind: 'depmod' }, { addDrivers: [] }]);
    expect(choose([driver], { ...INTACT, damaged: ['kmod'] }).remedies).toMatchObject([{}, { addDrivers: [] }]);
  });

  it('never hands on a driver name that could be read as an option', () => {
    const hostile = finding('driver_missing', ['rebuild'], { evidence: { candidates: ['--force', 'a b', 'xfs'] } });
    expect(choose([hostile]).remedies).toMatchObject([{ addDrivers: ['xfs'] }]);
  });

  it('does not rebuild for a driver that the kernel does not have, unless a package brings it back', () => {
    const zfs = finding('filesystem_driver_missing', ['reinstall', 'rebuild'], { evidence: { candidates: [] } });
    expect(kinds([zfs])).toEqual([]);
    expect(kinds([zfs], { ...INTACT, damaged: ['kernel-modules'] })).toEqual(['reinstall', 'rebuild']);
  });
});

describe('what only a person can mend', () => {
  it('is told and not done', () => {
    const root = finding('root_unknown', ['configure']);
    expect(choose([root])).toEqual({ remedies: [], left: [root] });
  });

  it('does not keep the rest from being mended', () => {
    const root = finding('root_unknown', ['configure']);
    const { remedies, left } = choose([root, EMPTY_INDEX]);
    expect({ kinds: remedies.map(({ kind }) => kind), left }).toEqual({ kinds: ['rebuild'], left: [root] });
  });

  it('comes before an image that would be built from the wrong configuration', () => {
    expect(kinds([finding('lv_unknown', ['configure', 'rebuild'])])).toEqual([]);
  });

  it('is not a full disk that a rebuild itself refuses to write to', () => {
    expect(kinds([finding('image_truncated', ['free_space', 'rebuild'])])).toEqual(['rebuild']);
  });
});
