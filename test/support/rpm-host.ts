import { openDnf } from '../../src/packages/dnf/dnf.ts';
import { openDnf5 } from '../../src/packages/dnf5/dnf5.ts';
import type { InstalledPackage, Lock, PackageManager, PlannedCommand } from '../../src/packages/types.ts';
import { openZypper } from '../../src/packages/zypper/zypper.ts';
import { whyNot } from '../setup/cache.mjs';
import * as el from '../setup/rpms.mjs';
import * as suse from '../setup/suse-rpms.mjs';
import { whyNoChroot, withChroot } from './chroot.ts';
import { runnerOn } from './host-runner.ts';
import type { Host } from './host.ts';

/** Where the host's one repository lies: a folder of its own, free to change. */
export const REPOSITORY = '/srv/repo';

/** A throwaway host with rpm, one repository, and a package manager newer than this machine's. */
export interface RpmHost extends Host {
  readonly manager: PackageManager;
  /** `NAME-VERSION-RELEASE` of these packages, sorted. */
  installed(...names: readonly string[]): Promise<string[]>;
  /** Runs each command of a plan. */
  carryOut(commands: readonly PlannedCommand[]): Promise<void>;
  /** Locks these to what is asked for, from the locks as they stand. */
  lock(wanted: readonly InstalledPackage[], exclusive?: boolean): Promise<readonly Lock[]>;
  /** Holds a lock file, as another run of dnf 5 or rpm does, for as long as the test with its holder's pid takes. */
  whileHeld(lock: string, test: (pid: number) => Promise<void>): Promise<void>;
  /** Takes packages out of the repository, by the beginnings of their file names. */
  withdraw(...names: readonly string[]): Promise<void>;
}

export const whyNoDnf5 = (): string | null => whyNoChroot('forky') ?? whyNot('rpms');
export const whyNoDnf4 = (): string | null => whyNoChroot('trixie') ?? whyNot('rpms');
export const whyNoZypper = (): string | null => whyNoChroot('forky') ?? whyNot('suse-rpms');

/** Runs in the background: takes the lock of fcntl(2) on `$LOCK`, as dnf 5 and rpm do, and leaves its pid in /run/held. */
const HOLD = `
  cat > /run/hold.pl <<'END'
  use Fcntl;
  open(my $lock, '+>>', $ARGV[0]) or die;
  my $whole = pack('s s x4 q q i x4', F_WRLCK, 0, 0, 0, 0); # struct flock: type, whence, start, len, pid
  fcntl($lock, F_SETLKW, $whole) or die;
  open(my $held, '>', '/run/held.new'); print $held $$; close($held); rename('/run/held.new', '/run/held');
  sleep 100;
END
  rm -f /run/held
  perl /run/hold.pl "$LOCK" > /dev/null 2>&1 &
  for i in {1..200}; do [ -e /run/held ] && break; sleep 0.05; done
  cat /run/held`;

/** A package as the adapters tell it. */
export function packageOf(name: string, version: string): InstalledPackage {
  return { name, version, arch: 'x86_64', kernel: null };
}

/** A host with the real dnf 5, the EL repository, and these packages of it. */
export function withDnf5<T>(packages: readonly string[], test: (host: RpmHost) => Promise<T>): Promise<T> {
  return withChroot('forky', async (host) => {
    await host.sh(
      `${PREPARE}
       rm /usr/bin/zypper # two for the same packages are one too many
       sed -i 's/^enabled.*/enabled = 0/' /etc/dnf/libdnf5-plugins/local.conf # Debian keeps a copy of every package
       mkdir -p /etc/yum.repos.d /etc/dnf/vars
       echo 8 > /etc/dnf/vars/releasever
       printf '[lab]\\nname=lab\\nbaseurl=file://${REPOSITORY}\\ngpgcheck=0\\n' > /etc/yum.repos.d/lab.repo
       dnf5 --quiet --assumeyes install -- sheep-release ${packages.join(' ')}`,
      { env: { REPO: el.repository() } },
    );
    return test(rpmHost(host, openDnf5(runnerOn(host))));
  });
}

/** A host with dnf 4.23, newer than this machine's, the EL repository, and these packages of it. */
export function withDnf4<T>(packages: readonly string[], test: (host: RpmHost) => Promise<T>): Promise<T> {
  return withChroot('trixie', async (host) => {
    await host.sh(
      `${PREPARE}
       rm -f /etc/dnf/plugins/local.conf
       mkdir -p /etc/yum.repos.d /etc/dnf/vars /etc/dnf/plugins
       echo 8 > /etc/dnf/vars/releasever
       printf '[main]\\nreposdir=/etc/yum.repos.d\\ngpgcheck=0\\ninstallonly_limit=3\\nbest=True\\n' > /etc/dnf/dnf.conf
       printf '[lab]\\nname=lab\\nbaseurl=file://${REPOSITORY}\\n' > /etc/yum.repos.d/lab.repo
       dnf --quiet --assumeyes install -- sheep-release ${packages.join(' ')}`,
      { env: { REPO: el.repository() } },
    );
    return test(rpmHost(host, openDnf(runnerOn(host))));
  });
}

/** A host with the real zypper, the SUSE repository, and these packages of it (`name=version`). */
export function withZypper<T>(packages: readonly string[], test: (host: RpmHost) => Promise<T>): Promise<T> {
  return withChroot('forky', async (host) => {
    await host.sh(
      `${PREPARE}
       sed -i 's/^requires:/#&/' /etc/zypp/systemCheck # there is no glibc in this package database
       mkdir -p /etc/zypp/repos.d
       printf '[lab]\\nname=lab\\nbaseurl=file://${REPOSITORY}\\ngpgcheck=0\\nenabled=1\\nautorefresh=1\\n' > /etc/zypp/repos.d/lab.repo
       zypper --non-interactive install --name -- sheep-release ${packages.join(' ')}`,
      { env: { REPO: suse.repository() } },
    );
    return test(rpmHost(host, openZypper(runnerOn(host))));
  });
}

const PREPARE = `
  rpm --initdb
  mkdir -p ${REPOSITORY} /boot /etc/kernel
  cp -r "$REPO/." ${REPOSITORY}/
  echo 0e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e > /etc/machine-id
  echo root=/dev/vda1 > /etc/kernel/cmdline`;

function rpmHost(host: Host, manager: PackageManager): RpmHost {
  const carryOut: RpmHost['carryOut'] = async (commands) => {
    for (const command of commands) await manager.execute(command, {});
  };
  return {
    ...host,
    manager,
    carryOut,
    installed: async (...names) => {
      const text = await host.sh('rpm -q -- "$@" || true'.replace('"$@"', names.join(' ')));
      return text
        .split('\n')
        .filter((line) => line !== '' && !line.endsWith(' is not installed'))
        .map((line) => line.replace(/\.[^.]*$/, ''))
        .sort();
    },
    lock: async (wanted, exclusive = true) => {
      const standing = await manager.locks(wanted.map(({ name }) => name));
      await carryOut(manager.planLock(standing, wanted, exclusive).commands);
      return manager.locks();
    },
    whileHeld: async (lock, test) => {
      const pid = Number(await host.sh(HOLD, { env: { LOCK: lock } }));
      await test(pid);
      await host.sh(`kill ${String(pid)}`);
    },
    withdraw: async (...names) => {
      await host.sh(`cd ${REPOSITORY}; rm -f ${names.map((name) => `${name}*.rpm`).join(' ')}; createrepo_c --quiet .`);
    },
  };
}
