import { describe, expect, it } from '@jest/globals';
import { renderMend, renderPlan } from '../../../src/cli/render/mend-text.ts';
import { styleFor } from '../../../src/cli/render/style.ts';
import { progressText } from '../../../src/cli/show-progress.ts';
import { shellWords } from '../../../src/protocol/shell-words.ts';
import type { RebuildAnswer, ReinstallAnswer } from '../../../src/protocol/messages.ts';

const plain = styleFor(false, undefined, {});
const K = '6.1.0-56-amd64';
const IMAGE = `/boot/initrd.img-${K}`;

const shared = {
  protocol: 1,
  version: '0.1.0',
  summary: `would rebuild ${IMAGE}`,
  error: null,
  duration_ms: 1,
  facts: 'live',
  verdict: 'unhealthy',
} as const;

const planned: RebuildAnswer = {
  ...shared,
  op: 'rebuild',
  changed: true,
  changes: [{ what: IMAGE, before: 'unhealthy: module_index_empty', after: 'rebuilt' }],
  kernels: [],
  findings: [],
  unknowns: [],
  dry_run: true,
  steps: [
    {
      action: 'build',
      what: IMAGE,
      command: ['dracut', '--force', '--add-drivers', 'virtio_blk xfs', '/boot/new', K],
      because: 'module_index_empty: modules.dep.bin has 12 bytes',
    },
  ],
  images: [],
};

describe('a plan', () => {
  it('numbers the steps, and gives the reason and the command of each as it could be typed', () => {
    expect(renderPlan(planned, plain)).toBe(`rebuild: one step

  1   build ${IMAGE}
      because module_index_empty: modules.dep.bin has 12 bytes
      dracut --force --add-drivers 'virtio_blk xfs' /boot/new ${K}

`);
  });

  it('wraps a long command so that it can be copied', () => {
    const command = ['dracut', '--force', '--tmpdir', '/var/tmp/bellwether', '--kver', K, `${IMAGE}.bellwether-new`];
    const text = renderPlan({ ...planned, steps: [{ ...planned.steps[0]!, command }] }, plain);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(text).toContain(` \\\n        ${IMAGE}.bellwether-new\n`);
  });

  it('says that it was one, and what would change', () => {
    const text = renderMend(planned, plain);
    expect(text).toContain('would change\n  /boot/initrd.img');
    expect(text).toContain('    - unhealthy: module_index_empty\n    + rebuilt\n');
    expect(text.trimEnd().split('\n').at(-1)).toBe('Nothing was done: this was a dry run.');
  });

  it('quotes what a shell would read otherwise', () => {
    expect(shellWords(['a', "it's", '$(reboot)', ''])).toBe(`a 'it'\\''s' '$(reboot)' ''`);
  });
});

describe('what was done', () => {
  it('shows the image before and after', () => {
    const state = { size: 9_400_000, modules: 12, indexed: 0, verdict: 'unhealthy' as const, findings: [] };
    const text = renderMend(
      {
        ...planned,
        dry_run: false,
        verdict: 'healthy',
        images: [
          {
            kernel: K,
            path: IMAGE,
            rebuilt: true,
            because: 'x',
            before: state,
            after: { ...state, modules: 816, indexed: 816, verdict: 'healthy' },
            findings_gone: ['module_index_empty'],
            backup: `${IMAGE}.bellwether-backup`,
            build_ms: 65_200,
          },
        ],
      },
      plain,
    );
    expect(text).toMatch(/modules +12 +816\n/);
    expect(text).toMatch(/indexed +0 +816\n/);
    expect(text).toContain('gone: module_index_empty');
    expect(text).toContain(`kept as ${IMAGE}.bellwether-backup`);
    expect(text).toContain('built in 65.2 s');
  });

  it('is one sentence where nothing was to be done: that nothing was judged casts no doubt', () => {
    const nothing: ReinstallAnswer = {
      ...shared,
      kernels: [],
      findings: [],
      unknowns: [],
      op: 'reinstall',
      verdict: 'unknown',
      changed: false,
      changes: [],
      steps: [],
      dry_run: false,
      summary: 'kmod is intact',
      packages: [],
    };
    expect(renderMend(nothing, plain)).toBe('kmod is intact\n');
    const coloured = styleFor(true, undefined, {});
    expect(renderMend(nothing, coloured)).toBe(`${coloured.good('kmod is intact')}\n`);
  });
});

describe('the line of progress', () => {
  it('tells what, for how long, and the last line, on one line of the terminal', () => {
    expect(progressText({ what: 'building', line: 'dracut: \u001b[1mhello\n' }, 63_000, 40)).toBe(
      '1:03  building  dracut: \ufffd[1mhello ',
    );
    expect(progressText({ what: 'x'.repeat(200) }, 0, 40)).toHaveLength(40);
  });
});
