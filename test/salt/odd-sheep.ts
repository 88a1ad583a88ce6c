import { blindDepmod } from '../setup/images.mjs';
import { elImage, K } from '../setup/rpms.mjs';
import { standIn } from '../support/bootable-host.ts';
import type { ElSheep } from '../support/el-sheep.ts';

/** The image of what boots next. */
export const IMAGE = `/boot/initramfs-${K.new}.img`;
const KEPT = '/var/odd.img';

/** The odd sheep: kmod is damaged, and a real dracut has built the image of what boots next with that. */
export async function makeOdd(sheep: ElSheep): Promise<void> {
  await blindDepmod(sheep);
  await sheep.run('/usr/bin/dracut', ['--force', '--quiet', '--kver', K.new, IMAGE], { timeout: 600_000 });
  await sheep.run('/bin/cp', ['-p', IMAGE, KEPT]);
}

/** The same again, with the image that dracut built the first time. */
export async function makeOddAgain(sheep: ElSheep): Promise<void> {
  await blindDepmod(sheep);
  await sheep.run('/bin/cp', ['-p', KEPT, IMAGE]);
}

/** In the place of dracut: what copies the image that dracut would make, in no time; while `held` is there, it waits. */
export async function layQuickGenerator(sheep: ElSheep, held: string): Promise<void> {
  await sheep.run('/bin/cp', [elImage(K.new), '/srv/next']);
  await sheep.write('/usr/bin/dracut', standIn(`while [ -e ${held} ]; do sleep 0.1; done`));
  await sheep.run('/bin/chmod', ['755', '/usr/bin/dracut']);
}
