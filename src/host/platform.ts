/** What the host runs on. */
import type { Platform } from '../protocol/messages.ts';
import { line, type HostTree } from './tree.ts';

interface Signature {
  readonly platform: Platform;
  readonly field: 'sys_vendor' | 'product_name' | 'bios_vendor' | 'board_vendor' | 'chassis_asset_tag';
  readonly pattern: RegExp;
}

/** The clouds before the hypervisors they are built on. */
const SIGNATURES: readonly Signature[] = [
  { platform: 'aws', field: 'sys_vendor', pattern: /^Amazon EC2/ },
  { platform: 'aws', field: 'bios_vendor', pattern: /^Amazon EC2/ },
  { platform: 'gce', field: 'product_name', pattern: /^Google Compute Engine/ },
  { platform: 'azure', field: 'chassis_asset_tag', pattern: /^7783-7084-3265-9085-8269-3286-77$/ },
  { platform: 'hyperv', field: 'product_name', pattern: /^Virtual Machine/ },
  { platform: 'vmware', field: 'sys_vendor', pattern: /^VMware/ },
  { platform: 'xen', field: 'sys_vendor', pattern: /^Xen/ },
  { platform: 'xen', field: 'product_name', pattern: /^HVM domU/ },
  { platform: 'kvm', field: 'sys_vendor', pattern: /^(?:QEMU|KVM)/ },
  { platform: 'kvm', field: 'product_name', pattern: /^(?:KVM|Standard PC|RHEV|oVirt|OpenStack|Bochs)/ },
  { platform: 'kvm', field: 'sys_vendor', pattern: /^(?:Red Hat|OpenStack|Nutanix|DigitalOcean|Hetzner|oVirt)/ },
];

const DMI = '/sys/class/dmi/id';

/** By the firmware's own words (DMI), the hypervisor interface, then the virtual devices that are there. */
export function readPlatform(devices: HostTree | null): { name: Platform | null; evidence: string } {
  if (devices === null) return { name: null, evidence: 'no /sys to tell by' };
  const dmi = (field: string): string | null => line(devices, `${DMI}/${field}`);
  for (const { platform, field, pattern } of SIGNATURES) {
    const value = dmi(field);
    if (value === null || !pattern.test(value)) continue;
    if (platform === 'hyperv' && dmi('sys_vendor') !== 'Microsoft Corporation') continue;
    return { name: platform, evidence: `DMI ${field}: ${value}` };
  }
  const hypervisor = line(devices, '/sys/hypervisor/type');
  if (hypervisor === 'xen') return { name: 'xen', evidence: '/sys/hypervisor/type: xen' };
  const virtio = devices.list('/sys/bus/virtio/devices');
  if (virtio.length > 0) return { name: 'kvm', evidence: `virtio devices: ${virtio.join(', ')}` };
  if (devices.list('/sys/bus/vmbus/devices').length > 0)
    return { name: 'hyperv', evidence: '/sys/bus/vmbus has devices' };
  const vendor = dmi('sys_vendor');
  if (vendor === null) return { name: null, evidence: 'no DMI data, no hypervisor interface' };
  const product = dmi('product_name');
  return {
    name: 'metal',
    evidence: `DMI sys_vendor: ${vendor}${product === null ? '' : `, product_name: ${product}`}`,
  };
}
