import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { readHost, readHostLoader } from '../../../src/host/read-host.ts';
import { blockDevice, makeRoot, mountinfo, VIRTIO, type Layout } from './roots.ts';

describe('where the facts come from', () => {
  const disk = blockDevice('vda', '254:0', VIRTIO);

  test('a folder with neither proc nor sys is a host that does not run', async () => {
    const facts = await readHost(makeRoot({ '/etc/hostname': 'x' }));
    expect([facts.source, facts.running, facts.memory]).toEqual(['offline', null, null]);
  });

  test('a folder with copies of both is a captured host', async () => {
    const facts = await readHost(
      makeRoot(disk, mountinfo(['254:0', '/', 'ext4', '/dev/vda']), {
        '/proc/sys/kernel/osrelease': '6.1.0\n',
        '/proc/meminfo': 'MemTotal:        2048 kB\n',
        '/proc/cmdline': 'root=/dev/vda\n',
      }),
    );
    expect(facts).toMatchObject({ source: 'captured', running: '6.1.0', memory: 2 * 1024 * 1024 });
    expect(facts.cmdlines).toEqual({ running: 'root=/dev/vda', kernelInstall: null });
    expect(facts.boot).toMatchObject({ total: null, free: null });
  });

  test('a mount point of the running system is a mounted host, on the running system’s devices', async () => {
    const root = makeRoot({ '/etc/fstab': '/dev/vda / ext4\nUUID=2 /boot ext4\n' });
    const machine = makeRoot(disk, mountinfo(['8:1', '/', 'xfs', '/dev/sda1'], ['254:0', root, 'ext4', '/dev/vda']));
    const facts = await readHost(root, { machine });
    expect(facts.source).toBe('mounted');
    expect(facts.storage.state).toBe('complete');
    expect(facts.storage.nodes.map(({ id, mountPoints }) => [id, ...mountPoints])).toEqual([['fs:/', '/'], ['vda']]);
    expect(facts.boot.mounts).toEqual([{ mountPoint: '/boot', mounted: false, spec: 'UUID=2' }]);
  });

  test('a mounted host with the running system’s proc and sys on it is a mounted host still', async () => {
    const own = mountinfo(['8:1', '/', 'xfs', '/dev/sda1']);
    const root = makeRoot(own, { '/sys/class': null });
    const machine = makeRoot(
      disk,
      mountinfo(['254:0', root, 'ext4', '/dev/vda'], ['0:4', `${root}/proc`, 'proc', 'proc']),
    );
    expect((await readHost(root, { machine })).source).toBe('mounted');
  });

  test('this machine is a live host, whatever it runs', async () => {
    const facts = await readHost('/');
    expect([facts.source, facts.root]).toEqual(['live', '/']);
    expect(facts.storage.nodes.length > 0).toBe(existsSync('/proc/self/mountinfo'));
  });

  test.each(['/does/not/exist', '/etc/hosts'])('%s is no root', async (root) => {
    await expect(readHost(root)).rejects.toMatchObject({ code: 'root_absent' });
  });

  test.each(['sound', 'odd-sheep'])('the loader alone is that of the whole host: %s', async (name) => {
    const root = fileURLToPath(new URL(`../../../examples/sheep/${name}`, import.meta.url));
    const { loader } = await readHost(root);
    expect(await readHostLoader(root)).toEqual(loader);
    expect(loader.entries.length).toBeGreaterThan(0);
  });

  test('reading ends where it is asked to', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    await expect(readHost(makeRoot({}), { signal: controller.signal })).rejects.toThrow('enough');
  });

  test('reading twice yields the same', async () => {
    const root = makeRoot(disk, mountinfo(['254:0', '/', 'ext4', '/dev/vda']));
    expect(await readHost(root)).toEqual(await readHost(root));
  });
});

describe('the platform', () => {
  const platform = async (layout: Layout) => {
    const root = makeRoot(layout, mountinfo(['0:50', '/', 'overlay', 'overlay']), { '/sys/class/block': null });
    return (await readHost(root)).platform;
  };
  const dmi = (fields: Readonly<Record<string, string>>): Layout =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [`/sys/class/dmi/id/${name}`, `${value}\n`]));

  test.each([
    ['kvm', { sys_vendor: 'QEMU', product_name: 'Standard PC (Q35 + ICH9, 2009)' }],
    ['kvm', { sys_vendor: 'Red Hat', product_name: 'KVM' }],
    ['vmware', { sys_vendor: 'VMware, Inc.', product_name: 'VMware7,1' }],
    ['hyperv', { sys_vendor: 'Microsoft Corporation', product_name: 'Virtual Machine' }],
    [
      'azure',
      {
        sys_vendor: 'Microsoft Corporation',
        product_name: 'Virtual Machine',
        chassis_asset_tag: '7783-7084-3265-9085-8269-3286-77',
      },
    ],
    ['xen', { sys_vendor: 'Xen', product_name: 'HVM domU' }],
    ['aws', { sys_vendor: 'Amazon EC2', product_name: 'm5.large' }],
    ['gce', { sys_vendor: 'Google', product_name: 'Google Compute Engine' }],
    ['metal', { sys_vendor: 'Dell Inc.', product_name: 'PowerEdge R640' }],
  ])('%s, by the words of its firmware', async (name, fields) => {
    expect((await platform(dmi(fields))).name).toBe(name);
  });

  test('xen, by its hypervisor interface', async () => {
    expect(await platform({ '/sys/hypervisor/type': 'xen\n' })).toEqual({
      name: 'xen',
      evidence: '/sys/hypervisor/type: xen',
    });
  });

  test('kvm, by virtio devices where the firmware says nothing', async () => {
    expect((await platform({ '/sys/bus/virtio/devices/virtio0': null })).name).toBe('kvm');
  });

  test('is not known without a word from either', async () => {
    expect(await platform({})).toEqual({ name: null, evidence: 'no DMI data, no hypervisor interface' });
  });
});

describe('single facts', () => {
  test('distribution, generator and package manager are told by their files', async () => {
    const facts = await readHost(
      makeRoot({
        '/etc/os-release': 'NAME="CentOS Stream"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="9"\n',
        '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
        '/usr/bin/dracut': '',
        '/usr/lib/dracut/modules.d/90lvm/module-setup.sh': '',
        '/usr/lib/dracut/modules.d/00bash/module-setup.sh': '',
        '/usr/lib/dracut/dracut-version.sh': 'DRACUT_VERSION=057-53.git20240104.el9\n',
        '/usr/bin/dnf': { link: 'dnf-3' },
        '/usr/bin/dnf-3': '',
        '/usr/bin/yum': { link: 'dnf-3' },
      }),
    );
    expect(facts.os).toEqual({ id: 'centos', like: ['rhel', 'fedora'], version: '9', name: 'CentOS Stream' });
    expect(facts.machineId).toBe('0123456789abcdef0123456789abcdef');
    expect(facts.generator).toEqual({ name: 'dracut', version: '057-53.git20240104.el9', modules: ['bash', 'lvm'] });
    expect(facts.packageManager).toEqual({ name: 'dnf' });
  });

  test('dracut 112 says in the program itself which version it is', async () => {
    const facts = await readHost(
      makeRoot({
        '/usr/bin/dracut': '#!/bin/bash\nDRACUT_VERSION="112-7"\n',
        '/usr/lib/dracut/modules.d/09console-setup/module-setup.sh': '',
      }),
    );
    expect(facts.generator).toEqual({ name: 'dracut', version: '112-7', modules: ['console-setup'] });
  });

  test('Debian has its own', async () => {
    const status =
      'Package: a\nVersion: 9\n\nPackage: initramfs-tools-core\nStatus: ok\nVersion: 0.142\n\nPackage: z\n';
    const facts = await readHost(
      makeRoot({ '/usr/sbin/mkinitramfs': '', '/var/lib/dpkg/status': status, '/usr/bin/apt-get': '' }),
    );
    expect(facts.generator).toEqual({ name: 'initramfs-tools', version: '0.142', modules: [] });
    expect(facts.packageManager).toEqual({ name: 'apt' });
  });

  test('frozen configuration comes with its times of change', async () => {
    const { files } = await readHost(
      makeRoot({
        '/etc/crypttab': 'luks UUID=1 none\n',
        '/etc/mdadm.conf': 'ARRAY /dev/md0\n',
        '/etc/dracut.conf': 'hostonly="yes"\n',
        '/etc/dracut.conf.d/10-x.conf': 'add_drivers+=" a "\n',
        '/etc/dracut.conf.d/readme': 'no',
      }),
    );
    expect(files.crypttab).toBe('luks UUID=1 none\n');
    expect([...files.dracutConf.keys()]).toEqual(['/etc/dracut.conf', '/etc/dracut.conf.d/10-x.conf']);
    expect([...files.mtimes.keys()].sort()).toEqual([
      '/etc/crypttab',
      '/etc/dracut.conf',
      '/etc/dracut.conf.d/10-x.conf',
      '/etc/mdadm.conf',
    ]);
  });

  test('the init is the first that is there; those that command lines name are looked for, each', async () => {
    const layout = {
      '/sbin': { link: 'usr/sbin' },
      '/usr/sbin/init': { link: '../lib/init' },
      '/usr/lib/init': '',
      '/boot/grub/grub.cfg':
        'menuentry x {\nlinux /vmlinuz-2.0 init=/gone init=/usr/lib/init\n}\nmenuentry y {\nlinux /vmlinuz-1.0 init=/nowhere\n}\n',
      '/etc/kernel/cmdline': 'init=/elsewhere\n',
    };
    const root = (await readHost(makeRoot(layout))).files.rootLayout;
    expect(root?.fallback).toBe('/sbin/init');
    expect([...(root?.inits ?? [])]).toEqual([
      ['/usr/lib/init', true],
      ['/nowhere', false],
      ['/elsewhere', false],
    ]);
  });
});
