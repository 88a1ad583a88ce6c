import { ownCommandLine } from '../../host/loader/own-command-line.ts';
import { tellHost } from '../../host/tell-host.ts';
import { readHostLoader } from '../../host/read-host.ts';
import type { HostFacts, LoaderFacts } from '../../host/types.ts';
import { openPackageManager } from '../../packages/index.ts';
import type { PackageManager } from '../../packages/types.ts';
import { BellwetherError } from '../../protocol/errors.ts';
import type { MendRequest } from '../../protocol/messages.ts';
import { withHostLock } from '../../system/host-lock.ts';
import { openRunner, type Runner } from '../../system/runner.ts';
import { RequestMemory } from '../request-memory.ts';
import { judgeWithImage, look, type Judged, type Question, type View } from '../look.ts';
import type { Tools } from '../progress.ts';

/** A host that is to be mended, and what there is to do it with. */
export interface Site {
  /** Absolute, links followed. */
  readonly root: string;
  readonly dryRun: boolean;
  readonly source: HostFacts['source'];
  /** `uname -r`; null where the host is not the one that runs. */
  readonly running: string | null;
  /** What it runs ends when the request's time is up, but for what is not to be ended halfway. */
  readonly runner: Runner;
  readonly tools: Tools;
  /** The check. Images that were read before, and are the same files still, are not read again. */
  readonly look: (question: Omit<Question, 'root'>) => Promise<View>;
  /** The boot entries and what boots next, read anew. */
  readonly loader: () => Promise<LoaderFacts>;
  /** `judgeWithImage`, likewise. */
  readonly judgeWithImage: (judged: Judged, path: string) => Promise<Judged>;
  /**
   * The package manager, opened once: it may carry what it planned to where that is done.
   * @throws BellwetherError `package_manager_absent`, `not_supported`
   */
  readonly packages: () => Promise<PackageManager>;
  /** Opened anew, to see what is: works on after the request's time is up, to tell what an interrupted run had done. */
  readonly witness: () => Promise<PackageManager>;
}

/**
 * Gives an operation the host to itself: the lock is held while it works. A dry run changes nothing and holds none.
 * @throws BellwetherError `not_supported` where the root is a capture of a host; `root_absent`; `busy`; `not_permitted`;
 *   what the work throws
 */
export async function withSite<T>(
  { op, root, dry_run: dryRun }: Pick<MendRequest, 'op' | 'root' | 'dry_run'>,
  tools: Tools,
  work: (site: Site) => Promise<T>,
): Promise<T> {
  const host = await tellHost(root);
  if (host.source === 'captured') throw refuseCapture(root);
  const loader = () => readHostLoader(root);
  const commandLine = async () => ownCommandLine(await loader());
  const siteOf = (outlasting: Runner): Site => {
    const runner = endedBy(tools.signal, outlasting);
    const memory = new RequestMemory();
    let packages: Promise<PackageManager> | undefined;
    return {
      root: runner.root,
      dryRun,
      source: host.source,
      running: host.running,
      runner,
      tools,
      look: (question) => look({ ...question, root }, tools.signal, memory),
      loader,
      judgeWithImage: (judged, path) => judgeWithImage(judged, path, tools.signal, memory),
      packages: () => (packages ??= openPackages(host, runner)),
      witness: () => openPackages(host, outlasting),
    };
  };
  if (dryRun) return work(siteOf(openRunner(root, undefined, commandLine)));
  return withHostLock(openRunner(root).root, op, ({ started }) => work(siteOf(openRunner(root, started, commandLine))));
}

async function openPackages({ packageManager }: Pick<HostFacts, 'packageManager'>, runner: Runner) {
  if (packageManager !== null) return openPackageManager(packageManager.name, runner);
  throw new BellwetherError('package_manager_absent', `no package manager is installed below ${runner.root}`, {
    hint: 'dnf, yum, zypper and apt are known',
    at: { root: runner.root },
  });
}

function endedBy(signal: AbortSignal, runner: Runner): Runner {
  return {
    root: runner.root,
    run: (command, args, options = {}) =>
      runner.run(command, args, options.outlives === true ? options : { signal, ...options }),
  };
}

function refuseCapture(root: string): BellwetherError {
  return new BellwetherError(
    'not_supported',
    `"root" is "${root}", a copy of a host's facts: there is nothing to mend`,
    {
      hint: 'run it on the host itself',
      at: { root },
    },
  );
}
