// @ts-check
// A repository as an EL 8 host has it, made by a real rpmbuild and createrepo_c from what is at hand: this machine's own
// kmod, and the cached kernel under the names of two others, split into packages as EL splits its kernel.
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachePath } from './cache.mjs';
import { run } from './command.mjs';
import { SMALL, dracut } from './images.mjs';
import { kernels } from './kernels.mjs';
import { withOverlay } from './overlay.mjs';

const ARCH = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const SPECS = fileURLToPath(new URL('./specs', import.meta.url));

/** Version-release of the two kernels in the repository: the last good one, and the one after it. */
export const EVR = /** @type {const} */ ({ old: '4.18.0-348.el8', new: '4.18.0-373.el8' });

/** The two as `uname -r` would print them. */
export const K = { old: `${EVR.old}.${ARCH}`, new: `${EVR.new}.${ARCH}` };

/** The two builds of kmod in the repository. */
export const KMOD = /** @type {const} */ ({ old: '25-18.el8', new: '25-19.el8' });

/** A folder with the packages and their `repodata`. */
export const repository = () => cachePath('rpms', 'repo');

/**
 * A small image for one of the two kernels, by this machine's dracut.
 * @param {string} kernel K
 */
export const elImage = (kernel) => cachePath('rpms', `initramfs-${kernel}.img`);

/** Made anew when the kernel, kmod, the generator or a spec changes. */
export async function recipe() {
  const versions = await run('dpkg-query', ['-W', 'dracut-core', 'kmod', 'rpm', 'createrepo-c']);
  const specs = readdirSync(SPECS).map((name) => readFileSync(join(SPECS, name), 'utf8'));
  const self = readFileSync(fileURLToPath(import.meta.url), 'utf8');
  return createHash('sha256')
    .update(JSON.stringify([versions, specs, self, kernels().generic.version]))
    .digest('hex');
}

export function isDone() {
  return [join(repository(), 'repodata/repomd.xml'), ...Object.values(K).map(elImage)].every((path) =>
    existsSync(path),
  );
}

export async function make() {
  const work = cachePath('rpms.part');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'repo'), { recursive: true });
  await build(work, 'sheep-release', []);
  layKmod(join(work, 'kmod'));
  for (const evr of Object.values(KMOD)) await build(work, 'kmod', [`payload ${join(work, 'kmod')}`, ...parts(evr)]);
  for (const evr of Object.values(EVR)) {
    const payload = join(work, evr);
    await layPayload(payload, `${evr}.${ARCH}`);
    await build(work, 'kernel', [`payload ${payload}`, ...parts(evr)]);
  }
  await run('createrepo_c', ['--quiet', join(work, 'repo')]);
  await buildImages(work);
  for (const name of readdirSync(work))
    if (!/^repo$|^initramfs/.test(name)) rmSync(join(work, name), { recursive: true });
  rmSync(cachePath('rpms'), { recursive: true, force: true });
  renameSync(work, cachePath('rpms'));
}

/** @param {string} evr */
function parts(evr) {
  const [version, release] = evr.split('-');
  return [`upstream ${version}`, `build ${release}`];
}

/**
 * @param {string} work
 * @param {string} name of the spec
 * @param {readonly string[]} defines
 */
async function build(work, name, defines) {
  const all = [
    `_topdir ${join(work, 'rpmbuild')}`,
    `_rpmdir ${join(work, 'repo')}`,
    '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm',
    ...defines,
  ];
  const spec = join(SPECS, `${name}.spec`);
  await run('rpmbuild', [
    '-bb',
    '--quiet',
    '--nodeps',
    '--target',
    ARCH,
    ...all.flatMap((define) => ['--define', define]),
    spec,
  ]);
}

/**
 * This machine's kmod with its links, where an EL host has them.
 * @param {string} into
 */
function layKmod(into) {
  mkdirSync(join(into, 'usr/bin'), { recursive: true });
  mkdirSync(join(into, 'usr/sbin'), { recursive: true });
  copyFileSync('/bin/kmod', join(into, 'usr/bin/kmod'));
  for (const name of ['depmod', 'insmod', 'lsmod', 'modinfo', 'modprobe', 'rmmod']) {
    symlinkSync('../bin/kmod', join(into, 'usr/sbin', name));
  }
}

/**
 * The cached kernel as `kernel`: `lib/modules/K` with vmlinuz and those modules that a small image wants. What is in the
 * names of a kernel is in its files too: the banner of vmlinuz and each module's vermagic say `kernel`. objcopy leaves off the
 * signature, which would fit no more: they are signed anew, by a key that is not the kernel's, as those of a site's own are.
 * @param {string} into
 * @param {string} kernel K
 */
async function layPayload(into, kernel) {
  const { version, dir } = kernels().generic;
  const from = join(dir, 'lib/modules', version);
  const to = join(into, 'lib/modules', kernel);
  mkdirSync(to, { recursive: true });
  for (const name of ['modules.builtin', 'modules.builtin.modinfo']) copyFileSync(join(from, name), join(to, name));
  copyFileSync(join(dir, `boot/config-${version}`), join(to, 'config'));
  writeFileSync(join(to, 'vmlinuz'), renamed(readFileSync(join(dir, `boot/vmlinuz-${version}`)), version, kernel));
  const modules = await closure(from, SMALL.drivers.split(' '));
  writeFileSync(join(to, 'modules.order'), modules.map((path) => `${path}\n`).join(''));
  for (const path of modules) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    const modinfo = join(into, `${basename(path)}.modinfo`);
    await run('objcopy', [`--dump-section=.modinfo=${modinfo}`, join(from, path), '/dev/null']);
    writeFileSync(
      modinfo,
      readFileSync(modinfo, 'latin1').replace(`vermagic=${version} `, `vermagic=${kernel} `),
      'latin1',
    );
    await run('objcopy', [`--update-section=.modinfo=${modinfo}`, join(from, path), join(to, path)]);
    rmSync(modinfo);
  }
  await sign(modules.map((path) => join(to, path)));
}

/**
 * A kernel's bytes with another version in its banner, which is no longer than it was.
 * @param {Buffer} kernel
 * @param {string} from
 * @param {string} to
 */
function renamed(kernel, from, to) {
  const at = kernel.indexOf(`${from} (`);
  if (at === -1) return kernel; // arm64 keeps the banner in its compressed part
  const end = kernel.indexOf(0, at);
  const banner = kernel
    .toString('latin1', at, end)
    .replace(from, to)
    .slice(0, end - at);
  const copy = Buffer.from(kernel);
  copy.write(banner, at, 'latin1');
  return copy;
}

/**
 * Signs modules as the kernel's sign-file does (scripts/sign-file.c; `struct module_signature`, include/linux/module_signature.h).
 * @param {readonly string[]} modules
 */
async function sign(modules) {
  const work = mkdtempSync(join(tmpdir(), 'bellwether-signer-'));
  try {
    const key = ['-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=lab', '-keyout', 'key', '-out', 'certificate'];
    await run('openssl', ['req', '-new', '-x509', '-days', '3650', ...key], { cwd: work });
    const how = ['-sign', '-binary', '-noattr', '-nocerts', '-nosmimecap', '-md', 'sha256', '-outform', 'DER'];
    const by = ['-signer', 'certificate', '-inkey', 'key', '-out', 'signature'];
    for (const module of modules) {
      await run('openssl', ['cms', ...how, ...by, '-in', module], { cwd: work });
      const message = readFileSync(join(work, 'signature'));
      const about = Buffer.from([0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
      about.writeUInt32BE(message.length, 8);
      appendFileSync(module, Buffer.concat([message, about, Buffer.from('~Module signature appended~\n')]));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * The files of these modules and of all that they depend on, as `modules.dep` names them.
 * @param {string} folder `lib/modules/K`
 * @param {readonly string[]} names
 */
async function closure(folder, names) {
  /** @type {Map<string, {path: string, needs: string[]}>} */
  const known = new Map();
  const nameOf = (/** @type {string} */ path) =>
    basename(path)
      .replace(/\.ko.*$/, '')
      .replaceAll('-', '_');
  for (const line of readFileSync(join(folder, 'modules.dep'), 'utf8').split('\n')) {
    const [path, rest] = line.split(':');
    if (path && rest !== undefined) known.set(nameOf(path), { path, needs: rest.split(' ').filter(Boolean) });
  }
  /** @type {Set<string>} */
  const wanted = new Set();
  for (const name of [...names, 'crc32c_generic', 'crc32c_intel']) {
    const module = known.get(name);
    for (const path of module === undefined ? [] : [module.path, ...module.needs]) wanted.add(path);
  }
  return [...wanted].sort();
}

/**
 * @param {string} work
 */
async function buildImages(work) {
  await withOverlay(async (host) => {
    await host.sh(
      `mkdir -p /lib/modules; for dir in ${Object.values(EVR)
        .map((evr) => join(work, evr))
        .join(' ')}; do cp -r $dir/lib/modules/* /lib/modules/; done`,
    );
    for (const kernel of Object.values(K)) {
      const image = `/boot/initramfs-${kernel}.img`;
      await host.run('/usr/sbin/depmod', [kernel]);
      await dracut(host, kernel, image, ['--gzip', '--modules', SMALL.modules, '--drivers', SMALL.drivers]);
      copyFileSync(host.path(image), join(work, basename(image)));
    }
  });
}
