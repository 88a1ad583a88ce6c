import { describe, expect, test } from '@jest/globals';
import { rootInitMissing } from '../../../../src/boot/checks/root-init-missing.ts';
import { rootMountPointMissing } from '../../../../src/boot/checks/root-mount-point-missing.ts';
import { CMDLINE, facts } from '../facts.ts';
import { observe, severities } from '../observe.ts';

const there = facts().host.files.rootLayout!.mountPoints;
const layout = (fallback: string | null, mountPoints = there, inits: [string, boolean | null][] = []) => ({
  files: { rootLayout: { inits: new Map(inits), fallback, mountPoints } },
});
const INITRAMFS_TOOLS = {
  image: { files: { 'usr/lib/systemd/systemd': null }, over: { generator: 'initramfs-tools', dracut: null } },
} as const;

describe('the root file system', () => {
  test('holds what init= names, or the boot ends', () => {
    const spec = { ...layout(null, there, [['/opt/ini', false]]), cmdline: `${CMDLINE} init=/opt/ini` };
    expect(observe(rootInitMissing, facts(spec)).defects).toEqual([
      {
        defect: true,
        message: 'init=/opt/ini is not in the root file system.',
        evidence: { init: '/opt/ini', looked_for: ['/opt/ini'], root: '/' },
      },
    ]);
    expect(observe(rootInitMissing, facts({ ...spec, ...layout(null, there, [['/opt/ini', true]]) })).defects).toEqual(
      [],
    );
  });

  test('holds another that scripts of an image take instead, and systemd does not', () => {
    const spec = { ...layout('/sbin/init', there, [['/opt/ini', false]]), cmdline: `${CMDLINE} init=/opt/ini` };
    expect(severities(rootInitMissing, facts({ ...spec, ...INITRAMFS_TOOLS }))).toEqual(['warning']);
    expect(severities(rootInitMissing, facts(spec))).toEqual(['fatal']);
  });

  test('is looked through for what this kernel is told, not another', () => {
    const inits: [string, boolean][] = [['/opt/of-another', false]];
    expect(observe(rootInitMissing, facts(layout('/sbin/init', there, inits)))).toEqual({ defects: [], unknowns: [] });
    const own = { ...layout('/sbin/init', there, inits), cmdline: `${CMDLINE} init=/opt/own` };
    expect(observe(rootInitMissing, facts(own))).toMatchObject({
      defects: [],
      unknowns: [{ what: 'whether init=/opt/own is in the root file system', reason: 'it was not looked for' }],
    });
  });

  test.each([null, '/bin/sh'])('holds an init, not %s', (init) => {
    expect(severities(rootInitMissing, facts({ ...layout(init), ...INITRAMFS_TOOLS }))).toEqual(['fatal']);
  });

  test('may hold systemd alone, which systemd in the image starts', () => {
    expect(observe(rootInitMissing, facts(layout(null)))).toMatchObject({
      defects: [],
      unknowns: [{ what: 'whether the root file system holds an init' }],
    });
  });

  test('is not known where it could not be looked at', () => {
    expect(observe(rootInitMissing, facts({ files: { rootLayout: null } })).unknowns).toEqual([
      { defect: false, what: 'whether the root file system holds an init', reason: 'it could not be looked at' },
    ]);
  });

  test('is put together during the boot on ostree and live systems', () => {
    expect(observe(rootInitMissing, facts({ ...layout(null), cmdline: `${CMDLINE} ostree=/ostree/boot.1` }))).toEqual({
      defects: [],
      unknowns: [],
    });
  });

  test('has folders to mount on', () => {
    const without = layout('/sbin/init', new Map([...there, ['proc', false], ['sys', false]]));
    expect(observe(rootMountPointMissing, facts(without)).defects[0]).toMatchObject({
      message: 'The root file system has no /proc, /sys to mount on.',
      evidence: { missing: ['/proc', '/sys'], mounted: 'ro' },
    });
    expect(severities(rootMountPointMissing, facts(without))).toEqual(['fatal']);
    expect(severities(rootMountPointMissing, facts({ ...without, cmdline: 'root=/dev/vda2 rw' }))).toEqual(['warning']);
  });
});
