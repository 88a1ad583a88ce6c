import { walkRequired } from '../requirements/walk.ts';
import type { BootFacts, Observation, Requirement } from '../types.ts';
import { unreadContents } from './contents.ts';
import { kernelDrivers } from './kernel-drivers.ts';
import { supplyOf } from './supply.ts';

/** What the kernel will not have of what is required, and what cannot be told. Silent where there is no image: that is its own defect. */
export function* unmetOf(requirements: readonly Requirement[], facts: BootFacts): Iterable<Observation> {
  const drivers = kernelDrivers(facts);
  const { image, kernel } = facts;
  if (image === null) return;
  const unread = unreadContents(image);
  const unseen: string[] = [];
  for (const requirement of requirements) {
    const { because, name, modalias } = requirement;
    const supply = supplyOf(requirement, drivers);
    switch (supply.state) {
      case 'builtin':
      case 'module':
        break;
      case 'unknown':
        yield { defect: false, what: `whether ${kernel.kernel} has ${because}`, reason: supply.reason };
        break;
      case 'not_in_image':
        if (unread === null)
          yield {
            defect: true,
            message: `The image lacks ${because}.`,
            evidence: {
              [requirement.kind]: name,
              requirement: because,
              ...(modalias === undefined ? {} : { modalias }),
              candidates: supply.candidates.slice(0, 5),
              host_path:
                supply.candidates.map((candidate) => drivers.onHost(candidate)).find((path) => path !== null) ?? null,
              image: image.files[image.files.length - 1]?.path ?? null,
            },
          };
        else unseen.push(name);
        break;
      case 'not_in_kernel':
        yield {
          defect: true,
          message: `${kernel.kernel} has no module for ${because}, and nothing built in.`,
          evidence: {
            [requirement.kind]: name,
            requirement: because,
            ...(modalias === undefined ? {} : { modalias }),
            candidates: [],
            modules_dir: kernel.modulesDir,
          },
          repair: ['reinstall', 'rebuild'],
        };
        break;
    }
  }
  if (unread !== null && unseen.length > 0)
    yield { defect: false, what: `whether the image holds ${unseen.join(', ')}`, reason: unread };
}

/** What of the way from `/` to the hardware is not known, so that its drivers are not in the requirements. */
export function* unreadDrivers({ host, platform, image, imageError }: BootFacts): Iterable<Observation> {
  if (imageError?.kind === 'unreadable')
    yield { defect: false, what: 'the drivers in the image', reason: imageError.reason };
  // Without an image the loader's rules have said what there is to say.
  if (image === null || platform !== null) return;
  const { state } = host.storage;
  if (state !== 'complete') {
    const told = host.unread.find(({ part }) => part === 'storage');
    yield {
      defect: false,
      what: 'the drivers of the disks that hold /',
      reason: told?.reason ?? 'the storage stack could be worked out from files alone, and these do not name drivers',
    };
    return;
  }
  for (const { node } of walkRequired(host.storage)) {
    if (node.drivers.length > 0) continue;
    if (node.kind === 'disk' && !/^(iscsi|nbd|nvme|virtio|xen)$/.test(node.type))
      yield { defect: false, what: `the driver of ${node.name}`, reason: 'no driver is seen bound to it' };
    // What these two come over is no network card: a virtio device of their own.
    if (node.kind === 'network' && node.type !== '9p' && node.type !== 'virtiofs')
      yield {
        defect: false,
        what: `the driver of the network that leads to ${node.name}`,
        reason: 'no driver is seen bound to it',
      };
  }
}
