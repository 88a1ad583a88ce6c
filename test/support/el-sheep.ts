import { fileURLToPath } from 'node:url';
import type { CheckAnswer } from '../../src/protocol/messages.ts';
import type { Runner } from '../../src/system/runner.ts';
import { EVR, K, KMOD, elImage, repository } from '../setup/rpms.mjs';
import { expectKind } from './answers.ts';
import { runnerOn } from './host-runner.ts';
import { withHost, type Host } from './host.ts';

/** Where the sheep's repository lies, on the sheep: a folder of its own, free to change. */
export const REPOSITORY = '/srv/repo';
/** The root of checks: `{ op: 'check', root: ROOT }`. */
export const ROOT = '/sheep';
/** The kernel packages that are installed, and that the repository has in both versions. */
export const FAMILY = [
  'kernel',
  'kernel-core',
  'kernel-devel',
  'kernel-headers',
  'kernel-modules',
  'kernel-modules-extra',
] as const;
/** The entry of a kernel: its file's name less `.conf`. */
export const entryOf = (kernel: string): string => `${MACHINE_ID}-${kernel}`;

const MACHINE_ID = '0e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e';

export interface ElSheepOptions {
  /** Which of the two kernels are installed, in this order; the last is what boots next. Default: the new one. */
  readonly kernels?: readonly ('old' | 'new')[];
  /** Whether every installed kernel has its image, as dracut made it. Default: true. */
  readonly images?: boolean;
  /** Which build of kmod is installed. Default: the new one. */
  readonly kmod?: 'old' | 'new';
}

/** A throwaway host that looks like EL 8 to package managers. */
export interface ElSheep extends Host {
  /** Runs programs on it as the executable runs them on a host: what adapters are opened on. */
  readonly runner: Runner;
  /** Runs the real dnf with `-y`; the answer is what it printed. Fails where dnf fails. */
  dnf(...args: readonly string[]): Promise<string>;
  /** `NAME-[EPOCH:]VERSION-RELEASE.ARCH` of these packages as they are installed, sorted; all of them where none is named. */
  installed(...names: readonly string[]): Promise<string[]>;
  /** Leaves in the repository only the packages whose file name fits, and indexes it anew: `offer(/348|kmod/)`. */
  offer(pattern: RegExp): Promise<void>;
  /** The check of it, from inside: healthy as long as nothing was damaged. */
  judge(params?: object): Promise<CheckAnswer>;
  /** The whole of dnf's lock file. */
  lockFile(): Promise<string>;
  read(path: string): Promise<string>;
  /** Puts a file in place of what is there. */
  write(path: string, content: string): Promise<void>;
}

/**
 * Starts an EL-like sheep in a second or two, hands it to the test, and takes it down whatever happens: an overlay of this machine with a
 * package database of its own, the real dnf 4, rpm and versionlock, and one repository (`REPOSITORY`) that has two
 * kernels (`K.old` and `K.new`, split into `FAMILY` and the kernel tools) and two builds of kmod.
 *
 * - Installed: kmod (this machine's own, now owned by the package), and the family of the kernels asked for. Their
 *   modules and vmlinuz are a real kernel's; indexed; with an image each that dracut made.
 * - `/boot/loader/entries` has an entry for each, `/boot/grub2` what GRUB needs, and `saved_entry` names the last. As on EL,
 *   installing a kernel-core indexes its modules and writes its entry, removing it takes them away; its image is not made.
 * - dnf runs as on EL: `installonly_limit=3`, `best=True`, no cache from before, versionlock enabled and its list empty.
 * - `ROOT` is the same host once more, by a second name: the same files, and a captured `/proc` and `/sys` (ext4 on LVM on a
 *   virtio disk) in place of this machine's. As `ROOT` it is a host that boots, and a capture,
 *   which is judged and never mended; as `/` it is a container on an overlay. What is both: `withLiveSheep`.
 * - dpkg and apt are still there, as where somebody installed both.
 *
 * Needs the set-up step `rpms`: `describeUnless(whyNot('rpms') ?? whyNoOverlay(), …)`.
 */
export function withElSheep<T>(test: (sheep: ElSheep) => Promise<T>, options: ElSheepOptions = {}): Promise<T> {
  const { kernels = ['new'], images = true, kmod = 'new' } = options;
  return withHost(async (host) => {
    const sheep = elSheep(host);
    const packages = [
      'sheep-release-8-1.el8',
      `kmod-${KMOD[kmod]}`,
      ...kernels.flatMap((which) =>
        FAMILY.filter((name) => isBeside(name) || which === kernels.at(-1)).map((name) => `${name}-${EVR[which]}`),
      ),
    ];
    const wanted = images ? kernels.map((which) => elImage(K[which])) : [];
    await host.sh(PREPARE, {
      env: {
        ID: MACHINE_ID,
        REPO: repository(),
        CAPTURED: fileURLToPath(new URL('../../examples/sheep/sound', import.meta.url)),
        RUNNING: K[kernels.at(-1) ?? 'new'],
        PACKAGES: packages.join(' '),
        IMAGES: wanted.join(' '),
        DEFAULT: entryOf(K[kernels.at(-1) ?? 'new']),
      },
    });
    return test(sheep);
  });
}

/** Headers of two kernels cannot be installed at once. */
function isBeside(name: string): boolean {
  return name !== 'kernel-headers';
}

const PREPARE = `
mkdir -p ${REPOSITORY} /boot/grub2 /boot/loader/entries /etc/kernel /etc/yum.repos.d
cp -r "$REPO/." ${REPOSITORY}/
mkdir ${ROOT}
mount --bind / ${ROOT}
cp -r "$CAPTURED/proc" "$CAPTURED/sys" ${ROOT}/
# /boot is a folder of the root file system here.
grep -v /boot "$CAPTURED/proc/self/mountinfo" > ${ROOT}/proc/self/mountinfo
grep -v /boot "$CAPTURED/etc/fstab" > /etc/fstab
echo "$RUNNING" > ${ROOT}/proc/sys/kernel/osrelease
echo "$ID" > /etc/machine-id
printf '%s\n' 'NAME="CentOS Stream"' 'ID="centos"' 'ID_LIKE="rhel fedora"' 'VERSION_ID="8"' 'PRETTY_NAME="CentOS Stream 8"' > /etc/os-release
echo 'ro root=/dev/mapper/vg0-root rd.lvm.lv=vg0/root' > /etc/kernel/cmdline
printf '%s\\n' 'load_env' 'set default="\${saved_entry}"' 'insmod blscfg' 'blscfg' > /boot/grub2/grub.cfg
{ printf '# GRUB Environment Block\\nsaved_entry=%s\\n' "$DEFAULT"; printf '#%.0s' {1..1024}; } | head -c 1024 > /boot/grub2/grubenv
printf '[sheep]\\nname=sheep\\nbaseurl=file://${REPOSITORY}\\nenabled=1\\n' > /etc/yum.repos.d/sheep.repo
printf '[main]\\nreposdir=/etc/yum.repos.d\\ngpgcheck=0\\ninstallonly_limit=3\\nclean_requirements_on_remove=True\\nbest=True\\n' > /etc/dnf/dnf.conf
# Debian's rpm keeps its database in the caller's home.
mkdir -p /etc/rpm
echo '%_dbpath /var/lib/rpm' > /etc/rpm/macros
rm -rf /etc/dnf/plugins/local.conf /var/lib/rpm /var/lib/dnf /var/cache/dnf
: > /etc/dnf/plugins/versionlock.list
rpm --initdb
rpm --install --nosignature $(printf '${REPOSITORY}/%s.*.rpm ' $PACKAGES)
for image in $IMAGES; do cp "$image" /boot/; done
`;

function elSheep(host: Host): ElSheep {
  const read: ElSheep['read'] = (path) => host.run('/bin/cat', ['--', path]);
  return {
    ...host,
    runner: runnerOn(host),
    dnf: (...args) => host.run('/usr/bin/dnf', ['-y', ...args]),
    installed: async (...names) => {
      const format = '%{NAME}-%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}.%{ARCH}\n';
      const which = names.length === 0 ? ['--all'] : ['--', ...names];
      const { stdout } = await host.tryRun('/usr/bin/rpm', ['-q', '--qf', format, ...which]);
      return stdout
        .split('\n')
        .filter((line) => line !== '' && !line.endsWith(' is not installed'))
        .sort();
    },
    offer: async (pattern) => {
      const files = (await host.sh(`ls ${REPOSITORY}`)).split('\n').filter((name) => name.endsWith('.rpm'));
      const gone = files.filter((name) => !pattern.test(name)).map((name) => `${REPOSITORY}/${name}`);
      await host.run('/bin/rm', ['-f', '--', ...gone]);
      await host.run('/usr/bin/createrepo_c', ['--quiet', REPOSITORY]);
    },
    judge: async (params = {}) => {
      const { answer } = await host.call({ protocol: 1, op: 'check', root: ROOT, detail: 'full', params });
      return expectKind('check', answer);
    },
    lockFile: () => read('/etc/dnf/plugins/versionlock.list'),
    read,
    write: async (path, content) => {
      await host.sh(`mkdir -p "$(dirname "$AT")" && cat > "$AT.new" && mv "$AT.new" "$AT"`, {
        input: content,
        env: { AT: path },
      });
    },
  };
}
