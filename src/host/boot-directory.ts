/** The file systems that a loader reads, and whether they are mounted. */
import { roomAt, type Room } from '../system/room-at.ts';
import { nullable, number, object } from './derived-shape.ts';
import { fstabFor } from './fstab.ts';
import type { BootFileSystems } from './loader/boot-paths.ts';
import { mountAt, type Mount } from './mountinfo.ts';
import type { DeviceNames } from './storage/device-names.ts';
import type { FactOrigin } from './source.ts';
import type { HostTree } from './tree.ts';
import type { BootDirectory, FstabLine } from './types.ts';

const MOUNT_POINTS = ['/boot', '/efi', '/boot/efi'] as const;

const ROOM = nullable(object({ total: number, free: number }));

/** What fstab wants mounted for booting, and the room on the file system that holds /boot. */
export async function readBootDirectory(
  tree: HostTree,
  fstab: readonly FstabLine[],
  { mounts, source }: FactOrigin,
): Promise<BootDirectory> {
  const wanted = MOUNT_POINTS.flatMap((mountPoint) => {
    const line = fstabFor(fstab, mountPoint);
    if (line === null) return [];
    const mounted = mounts === null ? null : mountAt(mounts, mountPoint) !== null;
    return [{ mountPoint, mounted, spec: line.spec }];
  });
  const here = source === 'live' || source === 'mounted' || tree.captured;
  const room = !here ? null : await tree.derive('statfs:/boot', ROOM, readRoom);
  return { mounts: wanted, total: room?.total ?? null, free: room?.free ?? null };
}

/** Null, with the reason on record, where it cannot be had. */
async function readRoom(tree: HostTree): Promise<Room | null> {
  const at = tree.captured ? null : tree.outside('/boot');
  if (at === null) return null;
  try {
    return await roomAt(at);
  } catch (error) {
    tree.miss('room on /boot', error instanceof Error ? error.message : String(error));
    return null;
  }
}

/** File systems at the places that matter to a loader, from mountinfo, or from fstab where nothing is mounted. */
export function readBootFileSystems(
  fstab: readonly FstabLine[],
  mounts: readonly Mount[] | null,
  names: DeviceNames | null,
): BootFileSystems {
  const all = ['/', ...MOUNT_POINTS].flatMap((mountPoint) => {
    const line = fstabFor(fstab, mountPoint);
    const mount = mounts === null ? null : mountAt(mounts, mountPoint);
    if (mountPoint !== '/' && line === null && mount === null) return [];
    return [
      {
        mountPoint,
        names: [...(mount === null ? [] : (names?.ofDevice(mount) ?? [])), ...(line === null ? [] : [line.spec])],
        type: mount?.type ?? null,
        subvolume:
          mount === null ? subvolumeOf(line) : mount.type === 'btrfs' && mount.fsRoot !== '/' ? mount.fsRoot : '',
        mounted: mounts === null ? null : mount !== null,
      },
    ];
  });
  return { all, guessed: mounts === null && fstab.length === 0 };
}

function subvolumeOf(line: FstabLine | null): string {
  const option = line?.options.find((word) => word.startsWith('subvol='))?.slice('subvol='.length);
  if (option === undefined || option === '') return '';
  return option.startsWith('/') ? option : `/${option}`;
}
