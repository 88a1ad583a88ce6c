// node examples/make-sheep/make-sheep.mjs: makes examples/sheep/ anew. Root on a Debian; about six minutes.
// Real kernel, real dracut with real faults, and one real boot, all in a throwaway overlay of this machine; then what
// no check reads is blanked, so that four hosts fit in a few megabytes. examples/sheep/README.md says it to readers.
import { fileURLToPath } from 'node:url';
import { SMALL, blindDepmod, dracut } from '../../test/setup/images.mjs';
import { kernels } from '../../test/setup/kernels.mjs';
import { withOverlay } from '../../test/setup/overlay.mjs';
import { setUp } from '../../test/setup/steps.mjs';
import { ODD_SHEEP_HAS, moduleNames, modulePaths } from './modules.mjs';
import { captureRealBoot } from './real-boot.mjs';
import { writeSheep } from './roots.mjs';
import { shearImage } from './shear.mjs';

const { reason } = await setUp('kernel');
if (reason !== null) throw new Error(reason);
const { version: kernel, dir } = kernels().generic;
const paths = modulePaths(kernel, dir);
const names = moduleNames(paths);

await withOverlay(async (host) => {
  await layKernel(host);
  await host.sh('cat > /tmp/loaded.txt', { input: `${names.join('\n')}\n` });
  const metadata = ['--include', '/tmp/loaded.txt', '/usr/lib/dracut/loaded-kernel-modules.txt'];
  await buildImage(host, 'sound', names, metadata);
  await buildImage(host, 'rescue', names);
  await buildImage(
    host,
    'drifted',
    names.filter((name) => name !== 'virtio_blk'),
  );
  const facts = await captureRealBoot(host, { kernel, vmlinuz: `/boot/vmlinuz-${kernel}`, image: '/boot/sound' });
  await blindDepmod(host);
  await buildImage(host, 'odd', ODD_SHEEP_HAS, metadata);
  for (const name of ['sound', 'rescue', 'drifted', 'odd']) await shearImage(host, `/boot/${name}`);
  await writeSheep(host, { into: fileURLToPath(new URL('../sheep', import.meta.url)), kernel, paths, facts });
});

/** The kernel, and those of its modules that a sheep has, indexed by the real depmod. */
async function layKernel(host) {
  const tree = `/lib/modules/${kernel}`;
  await host.sh(
    `apt-get -qq -y -o APT::Sandbox::User=root install --no-install-recommends qemu-system-x86 fdisk busybox-static binutils >&2
     mkdir -p /boot ${tree} && cp ${dir}/boot/* /boot/
     cd ${dir}${tree} && cp --parents modules.order modules.builtin modules.builtin.modinfo ${paths.join(' ')} ${tree}/
     depmod ${kernel}`,
    { timeout: 300_000, env: { DEBIAN_FRONTEND: 'noninteractive' } },
  );
}

/** An image by the real dracut that holds these drivers of the sheep's, and no other. */
async function buildImage(host, name, drivers, options = []) {
  const omitted = names.filter((driver) => !drivers.includes(driver));
  await dracut(host, kernel, `/boot/${name}`, [
    ...['--no-compress', '--modules', SMALL.modules, '--drivers', drivers.join(' ')],
    ...(omitted.length === 0 ? [] : ['--omit-drivers', omitted.join(' ')]),
    ...options,
  ]);
}
