import { hasWord, lastValue } from '../command-line.ts';
import { runsSystemd } from '../userspace/programs.ts';
import { inWords, refused } from '../refused.ts';
import type { BootFacts, Check } from '../types.ts';

const LOOKED_FOR = ['/sbin/init', '/etc/init', '/bin/init'];

/** The root file system holds nothing that the image could hand over to. */
export const rootInitMissing: Check = {
  code: 'root_init_missing',
  checkpoint: 'switch-root',
  severity: 'fatal',
  symptom: '"Failed to switch root: … does not seem to be an OS tree", or "No init found. Try passing init= bootarg".',
  cause:
    'The init system was removed, /usr is a file system of its own that is not mounted yet, or init= has a typing error.',
  cure: 'Reinstall systemd (systemd-sysv), or set init= right in the entry.',
  repair: ['reinstall', 'configure'],
  *observe(facts) {
    const { host, cmdline, image } = facts;
    if (isComposed(facts)) return;
    const wanted = cmdline === null ? null : lastValue(cmdline, 'init');
    const layout = host.files.rootLayout;
    if (layout === null) {
      yield { defect: false, what: 'whether the root file system holds an init', reason: 'it could not be looked at' };
      return;
    }
    const shellAlone = layout.fallback === '/bin/sh' && wanted === null;
    const isThere = wanted === null ? layout.fallback !== null : (layout.inits.get(wanted) ?? null);
    if (isThere === null) {
      yield {
        defect: false,
        what: `whether init=${wanted ?? ''} is in the root file system`,
        reason: 'it was not looked for',
      };
      return;
    }
    if (isThere && !shellAlone) return;
    const unread = refused(facts, (path) => path === wanted || LOOKED_FOR.includes(path));
    if (unread !== null) {
      yield { defect: false, what: 'whether the root file system holds an init', reason: inWords(unread) };
      return;
    }
    if (wanted === null && image !== null && runsSystemd(image.tree)) {
      yield {
        defect: false,
        what: 'whether the root file system holds an init',
        reason:
          '/sbin/init is not there; systemd in the image may start /usr/lib/systemd/systemd, which was not looked for',
      };
      return;
    }
    // The scripts of dracut and initramfs-tools look on; systemd does not.
    const looksOn = wanted !== null && layout.fallback !== null && image !== null && !runsSystemd(image.tree);
    if (looksOn) {
      yield {
        defect: true,
        severity: 'warning',
        message: `init=${wanted} is not in the root file system; the image takes ${layout.fallback} instead.`,
        evidence: { init: wanted, instead: layout.fallback, root: host.root },
      };
      return;
    }
    yield {
      defect: true,
      message:
        wanted === null
          ? `The root file system holds no init${shellAlone ? ', only a shell' : ''}.`
          : `init=${wanted} is not in the root file system.`,
      evidence: {
        init: wanted,
        looked_for: wanted === null ? LOOKED_FOR : [wanted],
        root: host.root,
      },
    };
  },
};

/** ostree, live and overlay systems put their root together during the boot: what is seen now is not it. */
function isComposed({ cmdline }: BootFacts): boolean {
  if (cmdline === null) return false;
  if (
    ['ostree', 'rd.live.image', 'overlayroot', 'rd.overlay', 'composefs', 'systemd.volatile'].some((key) =>
      hasWord(cmdline, key),
    )
  )
    return true;
  return lastValue(cmdline, 'root')?.startsWith('live:') ?? false;
}
