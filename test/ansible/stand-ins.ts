/**
 * Programs that stand in for bellwether, to see what a task sends and what it makes of every kind of answer: what a real
 * host can be brought to say is tried with the real one.
 */
import type { Change, ErrorAnswer, MendAnswer, RepairAnswer, Step } from '../../src/protocol/messages.ts';

export const IMAGE = '/boot/initramfs-4.18.0-348.el8.x86_64.img';
export const LIST = '/etc/dnf/plugins/versionlock.list';

export const CHANGES: Change[] = [
  { what: LIST, before: ['htop-0:3.2.1-1.el8.*'], after: ['htop-0:3.2.1-1.el8.*', 'kernel-0:4.18.0-348.el8.*'] },
  { what: IMAGE, before: { size: 20480, modules: 12 }, after: { size: 31457280, modules: 819 } },
  { what: '/etc/note', before: 'old\n', after: 'new' },
  { what: 'kmod', before: null, after: 'kmod-25-18.el8' },
];
/** What `--diff` shows of them. */
export const DIFFS = [
  {
    before_header: LIST,
    after_header: LIST,
    before: 'htop-0:3.2.1-1.el8.*\n',
    after: 'htop-0:3.2.1-1.el8.*\nkernel-0:4.18.0-348.el8.*\n',
  },
  {
    before_header: IMAGE,
    after_header: IMAGE,
    before: '{\n  "modules": 12,\n  "size": 20480\n}\n',
    after: '{\n  "modules": 819,\n  "size": 31457280\n}\n',
  },
  { before_header: '/etc/note', after_header: '/etc/note', before: 'old\n', after: 'new\n' },
  { before_header: 'kmod', after_header: 'kmod', before: '', after: 'kmod-25-18.el8\n' },
];

const BUILD: Step = { action: 'build', what: IMAGE, command: ['dracut'], because: 'driver_missing' };
const mended: Omit<MendAnswer, 'op'> = {
  protocol: 1,
  version: '9.0.0',
  summary: 'the summary',
  changed: true,
  changes: CHANGES,
  dry_run: false,
  steps: [BUILD],
  facts: 'live',
  verdict: 'healthy',
  kernels: [],
  findings: [],
  unknowns: [],
  error: null,
  duration_ms: 1,
};
const unhealthy: Pick<MendAnswer, 'verdict' | 'summary' | 'findings'> = {
  verdict: 'unhealthy',
  summary: 'K will not boot',
  findings: [
    {
      code: 'driver_missing',
      severity: 'fatal',
      checkpoint: 'drivers',
      kernel: 'K',
      message: 'The image lacks virtio_blk.',
      evidence: {},
      repair: ['rebuild'],
    },
  ],
};
const unchanged = { changed: false, changes: [] };
const rounds: RepairAnswer['rounds'] = [
  { steps: [BUILD], failed: 'image_refused: no better', verdict: 'unhealthy', findings: ['driver_missing'] },
];

const repaired: MendAnswer = { ...mended, op: 'repair', rounds: [], images: [] };

const ANSWERS: Readonly<Record<string, MendAnswer>> = {
  reinstalls: { ...mended, op: 'reinstall', packages: [], ...unhealthy },
  rebuilds: { ...mended, op: 'rebuild', images: [] },
  'rebuilds in vain': { ...mended, op: 'rebuild', images: [], ...unhealthy },
  locks: { ...mended, op: 'lock', locks: [], ...unhealthy },
  repairs: repaired,
  'repairs in vain': { ...mended, op: 'repair', rounds, images: [], ...unhealthy },
  'cannot repair': { ...mended, ...unchanged, op: 'repair', rounds: [], images: [], ...unhealthy },
  'needs no repair': { ...mended, ...unchanged, op: 'repair', rounds: [], images: [] },
};

const refusal: ErrorAnswer = {
  protocol: 1,
  op: 'repair',
  version: '9.0.0',
  changed: false,
  changes: [],
  summary: 'another run is at work',
  error: {
    code: 'busy',
    retry: true,
    message: 'another run is at work: pid 4242, rebuild, since 12 s',
    hint: 'wait for it to end',
  },
  duration_ms: 1,
};
const half: ErrorAnswer = {
  ...refusal,
  op: 'rebuild',
  changed: true,
  changes: [CHANGES[3]!],
  error: { code: 'boot_full', retry: false, message: '/boot has 12 bytes left', hint: 'remove a kernel', at: {} },
};
/** A failure that may be another time's, and that waiting for another run does not mend. */
const away: ErrorAnswer = {
  ...refusal,
  error: { code: 'repository_unreachable', retry: true, message: 'no mirror answers', hint: 'see the network' },
};

const print = (value: object) => `printf '%s\\n' '${JSON.stringify(value)}'`;
/** A program that answers with that. */
export const REPOSITORY_AWAY = `${print(away)}; exit 69`;
/** Programs that keep what they were asked and answer what a real run would, or one that goes wrong. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(ANSWERS).map(([name, answer]) => [name, print(answer)])),
  'stops half-way': `${print(half)}; exit 69`,
  'is busy at first': `test -e "$0.again" || { : > "$0.again"; ${print(refusal)}; exit 75; }; ${print(repaired)}`,
  dies: 'kill -9 $$',
};
