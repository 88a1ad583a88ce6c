import { describe, expect, it } from '@jest/globals';
import { kernelPackageOf, provesKernel, type RpmRecord } from '../../../src/packages/rpm/kernel-family.ts';
import { parseRecords, queryKernels } from '../../../src/packages/rpm/query.ts';
import { scriptedRunner } from './scripted-runner.ts';

/** Packages of an EL 8 kernel: what `rpm -q --qf FORMAT` prints of them, rpm 4.18 */
const EL8 = `=kernel\t4.18.0-348.el8\tx86_64\tkernel-4.18.0-348.el8.src.rpm
+installonlypkg(kernel)\t
+kernel\t4.18.0-348.el8
+kernel(x86-64)\t4.18.0-348.el8
=kernel-core\t4.18.0-348.el8\tx86_64\tkernel-4.18.0-348.el8.src.rpm
+installonlypkg(kernel)\t
+kernel-core\t4.18.0-348.el8
+kernel-core-uname-r\t4.18.0-348.el8.x86_64
+kernel-uname-r\t4.18.0-348.el8.x86_64
=kernel-headers\t4.18.0-348.el8\tx86_64\tkernel-4.18.0-348.el8.src.rpm
+glibc-kernheaders\t3.0-46
+kernel-headers\t4.18.0-348.el8
=kmod\t25-19.el8\tx86_64\tkmod-25-19.el8.src.rpm
+kmod\t25-19.el8
package nosuch is not installed
`;

const record = (name: string, source = 'kernel', provides: Readonly<Record<string, string>> = {}): RpmRecord => ({
  name,
  version: '4.18.0-348.el8',
  arch: 'x86_64',
  source,
  provides: new Map(Object.entries(provides)),
});

describe('packages of kernels', () => {
  it.each([
    'kernel',
    'kernel-core',
    'kernel-modules',
    'kernel-modules-core',
    'kernel-modules-extra',
    'kernel-modules-internal',
    'kernel-headers',
    'kernel-devel',
    'kernel-devel-matched',
    'kernel-uki-virt',
    'kernel-tools',
    'kernel-tools-libs',
    'kernel-debug',
    'kernel-debug-core',
    'kernel-rt',
    'kernel-rt-core',
    'kernel-64k-modules',
    'kernel-uek',
    'kernel-uek-core',
    'kernel-lt',
    'kernel-ml-modules',
    'kernel-default',
    'kernel-default-base',
    'kernel6.12',
  ])('%s is one', (name) => {
    expect(provesKernel(record(name))).toBe(true);
    expect(provesKernel(record(name, name))).toBe(true);
  });

  it.each([
    'kernel-firmware-iwlwifi',
    'kernel-rpm-macros',
    'kernel-srpm-macros',
    'kernel-macros',
    'kernel-abi-stablelists',
    'kernel-doc',
    'kernel-docs-html',
    'kernel-source',
    'kernel-syms',
    'kernel-debuginfo',
    'kernel-debuginfo-common-x86_64',
    'kernel-rt-debuginfo',
    'kernel-livepatch-6.1.102',
    'kernel-default-livepatch',
    'kernel-install-tools',
    'perf',
    'bpftool',
    'python3-perf',
    'kernelshark',
    'kmod',
  ])('%s is none', (name) => {
    expect(provesKernel(record(name))).toBe(false);
  });

  it('what says of itself that it is a kernel is one, whatever it is called', () => {
    expect(provesKernel(record('linux-lqx', 'linux-lqx', { 'installonlypkg(kernel)': '' }))).toBe(true);
    expect(provesKernel(record('linux-lqx', 'linux-lqx', { 'kernel-uname-r': '6.9.1-lqx' }))).toBe(true);
    expect(provesKernel(record('kmod-nvidia', 'nvidia', { 'installonlypkg(kernel-module)': '' }))).toBe(false);
  });

  it('each names the kernel that it belongs to; headers belong to none', () => {
    const fellows = parseRecords(EL8).filter(provesKernel);
    expect(fellows.map((each) => kernelPackageOf(each, fellows))).toEqual([
      { name: 'kernel', version: '4.18.0-348.el8', arch: 'x86_64', kernel: '4.18.0-348.el8.x86_64', boots: true },
      { name: 'kernel-core', version: '4.18.0-348.el8', arch: 'x86_64', kernel: '4.18.0-348.el8.x86_64', boots: true },
      { name: 'kernel-headers', version: '4.18.0-348.el8', arch: 'x86_64', kernel: null, boots: false },
    ]);
  });

  it('a kernel of SUSE says which it is by its files', async () => {
    const { runner, asked } = scriptedRunner((args) => {
      if (args.includes('-qa'))
        return {
          stdout:
            '=kernel-default\t5.14.21-150500.55.19.1\tx86_64\tkernel-default-5.14.21-150500.55.19.1.nosrc.rpm\n+kernel-default\t5.14.21-150500.55.19.1\n',
        };
      if (args.includes('--whatprovides')) return { exit: 1, stdout: 'no package provides installonlypkg(kernel)\n' };
      return {
        stdout:
          '/boot/\n/lib/modules/\n/lib/modules/5.14.21-150500.55.19-default/\n/lib/modules/5.14.21-150500.55.19-default/kernel/\n',
      };
    });
    expect(await queryKernels(runner)).toMatchObject([
      { name: 'kernel-default', kernel: '5.14.21-150500.55.19-default' },
    ]);
    expect(asked[2]?.slice(-1)).toEqual(['kernel-default-5.14.21-150500.55.19.1.x86_64']);
  });

  it('a database that cannot be read is no host without kernels', async () => {
    const { runner } = scriptedRunner(() => ({
      exit: 1,
      stderr: 'error: cannot open Packages database in /var/lib/rpm\n',
    }));
    await expect(queryKernels(runner)).rejects.toMatchObject({
      code: 'command_failed',
      hint: expect.stringContaining('rebuilddb'),
    });
  });
});
