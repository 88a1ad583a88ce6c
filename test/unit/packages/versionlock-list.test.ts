import { describe, expect, it } from '@jest/globals';
import type { Lock } from '../../../src/packages/types.ts';
import { parseLocks, planListLock, planListUnlock, type LockList } from '../../../src/packages/versionlock-list.ts';

const dnf = (text: string): LockList => ({ path: '/etc/dnf/plugins/versionlock.list', text, style: 'dnf' });
const yum = (text: string): LockList => ({ path: '/etc/yum/pluginconf.d/versionlock.list', text, style: 'yum' });
const pinned = (name: string, version: string) => ({ name, version, arch: 'x86_64' });
const told = ({ name, version, excludes }: Lock) => `${excludes ? '!' : ''}${name} ${version}`;
const lines = (locks: readonly Lock[]) => locks.map(({ line }) => line);
const add = (locks: readonly Lock[]) => ({
  action: 'lock' as const,
  what: '',
  command: ['tool', ...lines(locks)] as const,
});

/** What the plugin of dnf-plugins-core 4.3.1 wrote for `add kernel-core`, `exclude bind`, and what people write */
const LIST = `
# Added lock on Sat Nov 21 18:13:05 2026
kernel-core-0:4.18.0-348.el8.*

# Added exclude on Sat Nov 21 18:13:09 2026
!bind-32:9.11.36-11.el8.*
# ours
kernel-devel-4.18.0-348.el8.x86_64
kernel-headers-4.18*-*
nginx*
`;

describe('a list of version locks', () => {
  it('has one a line, perhaps with wildcards, and those that exclude', () => {
    expect(parseLocks(dnf(LIST)).map(told)).toEqual([
      'kernel-core 4.18.0-348.el8',
      '!bind 32:9.11.36-11.el8',
      'kernel-devel 4.18.0-348.el8',
      'kernel-headers 4.18*-*',
      'nginx* *',
    ]);
  });

  it('of yum has the epoch in front', () => {
    const text =
      '\n# Added locks on Mon Oct  7 10:00:00 2019\n0:kernel-3.10.0-1062.el7.*\n!32:bind-9.11.4-9.P2.el7.*\n';
    expect(parseLocks(yum(text)).map(told)).toEqual(['kernel 3.10.0-1062.el7', '!bind 32:9.11.4-9.P2.el7']);
  });

  it('gets lines of every architecture, with the epoch', () => {
    const wanted = [pinned('kernel', '4.18.0-348.el8'), pinned('bind', '32:9.11.36-11.el8')];
    const ofDnf = planListLock(dnf(''), [], wanted, true, add);
    expect(lines(ofDnf.add)).toEqual(['kernel-0:4.18.0-348.el8.*', 'bind-32:9.11.36-11.el8.*']);
    expect(ofDnf.commands).toEqual([add(ofDnf.add)]);
    const ofYum = planListLock(yum(''), [], wanted, true, add);
    expect(lines(ofYum.add)).toEqual(['0:kernel-4.18.0-348.el8.*', '32:bind-9.11.36-11.el8.*']);
  });

  it('leaves a pattern that pins the same version where it is, and finds one that pins another in the way', () => {
    const wanted = [pinned('kernel', '4.18.0-348.el8')];
    const removed = (line: string): readonly string[] => {
      const list = dnf(`${line}\n`);
      return lines(planListLock(list, parseLocks(list), wanted, true, add).remove);
    };
    expect(removed('k*-0:4.18.0-348.el8.*')).toEqual([]);
    expect(removed('k*-0:4.18.0-373.el8.*')).toEqual(['k*-0:4.18.0-373.el8.*']);
  });

  it('packages of two architectures share a line', () => {
    const wanted = [pinned('kernel-headers', '1-1'), { ...pinned('kernel-headers', '1-1'), arch: 'i686' }];
    expect(lines(planListLock(dnf(''), [], wanted, true, add).add)).toEqual(['kernel-headers-0:1-1.*']);
  });

  it('what is pinned already, however it is written, is left as it is', () => {
    const list = dnf(LIST);
    const wanted = [pinned('kernel-core', '4.18.0-348.el8'), pinned('kernel-devel', '4.18.0-348.el8')];
    expect(planListLock(list, parseLocks(list), wanted, true, add)).toEqual({ remove: [], add: [], commands: [] });
  });

  it('a lock with wildcards is none on one version: it goes, and its comment with it if the tool wrote it', () => {
    const list = dnf(LIST);
    const wanted = [pinned('kernel-headers', '4.18.0-348.el8'), pinned('bind', '32:9.11.36-11.el8')];
    const plan = planListLock(list, parseLocks(list), wanted, true, add);
    expect(lines(plan.remove)).toEqual(['!bind-32:9.11.36-11.el8.*', 'kernel-headers-4.18*-*']);
    expect(plan.commands.map(({ input }) => input)).toEqual([
      `
# Added lock on Sat Nov 21 18:13:05 2026
kernel-core-0:4.18.0-348.el8.*
# ours
kernel-devel-4.18.0-348.el8.x86_64
nginx*

# Added locks by bellwether
kernel-headers-0:4.18.0-348.el8.*
bind-32:9.11.36-11.el8.*
`,
    ]);
  });

  it('other locks stay where they are to stay', () => {
    const list = dnf('kernel-0:4.18.0-373.el8.*\n');
    const plan = planListLock(list, parseLocks(list), [pinned('kernel', '4.18.0-348.el8')], false, add);
    expect([lines(plan.remove), lines(plan.add)]).toEqual([[], ['kernel-0:4.18.0-348.el8.*']]);
    expect(plan.commands).toEqual([add(plan.add)]);
  });

  it('loses what was asked for, and nothing that merely begins alike', () => {
    const list = dnf('kernel-0:4.18.0-348.el8.*\nkernel-0:4.18.0-348.el8.1.*\n!kernel-0:4.18.0-348.el8.*\n# why\n');
    const [first] = parseLocks(list);
    const { commands } = planListUnlock(list, first === undefined ? [] : [first]);
    expect(commands).toMatchObject([
      { action: 'unlock', input: 'kernel-0:4.18.0-348.el8.1.*\n!kernel-0:4.18.0-348.el8.*\n# why\n' },
    ]);
    expect(planListUnlock(list, []).commands).toEqual([]);
  });

  it('may end up empty', () => {
    const list = dnf('\n# Added lock on Sat Nov 21 18:13:05 2026\nkernel-0:4.18.0-348.el8.*\n');
    expect(planListUnlock(list, parseLocks(list)).commands).toMatchObject([{ input: '' }]);
  });
});
