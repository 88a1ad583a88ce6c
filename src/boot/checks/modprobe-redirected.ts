import type { ImageFacts } from '../../image/types.ts';
import { lastValue } from '../command-line.ts';
import { loadedByModprobe } from '../drivers/by-modprobe.ts';
import { initPathOf } from '../userspace/start-init.ts';
import { findExecutable, runsSystemd } from '../userspace/programs.ts';
import { followScripts } from '../userspace/scripts/followed-scripts.ts';
import { startedUnits } from '../userspace/started-units.ts';
import type { BootFacts, Check } from '../types.ts';

/** A sysctl setting in the image makes the kernel call a `modprobe` that the image does not have. */
export const modprobeRedirected: Check = {
  code: 'modprobe_redirected',
  checkpoint: 'devices',
  severity: 'fatal',
  symptom: '"unknown filesystem type", "unknown target type": what the kernel itself asks for is never loaded.',
  cause: 'A sysctl file, or the command line, sets kernel.modprobe to a script of the host, which is not in the image.',
  cure: 'Take the setting out (`grubby --remove-args`, or the file out of the image), or have the script copied: `install_items+=" /path/of/script "` in /etc/dracut.conf.d/; then build anew.',
  repair: ['configure', 'rebuild'],
  *observe(facts, requirements) {
    const { image } = facts;
    if (image === null || image.unread.length > 0) return;
    const setting = (appliesSysctl(facts, image) ? lastSetting(image) : null) ?? bootSetting(facts);
    if (setting === null || findExecutable(image.tree, [setting.value]) !== null) return;
    const [needed] = loadedByModprobe(facts, requirements);
    yield {
      defect: true,
      message:
        setting.value === ''
          ? `${setting.where} turns kernel.modprobe off: the kernel loads no module by itself.`
          : `${setting.where} sets kernel.modprobe to ${setting.value}, which the image does not have.`,
      evidence: { path: setting.where, line: setting.line, value: setting.value, because: needed?.because ?? null },
      // Where the kernel asks for nothing by itself, nobody will miss it.
      ...(needed === undefined ? { severity: 'warning' } : {}),
    };
  },
};

/** systemd's unit does, and scripts that call sysctl; that the program is in the image means nothing. */
function appliesSysctl({ cmdline }: BootFacts, { tree }: ImageFacts): boolean {
  if (runsSystemd(tree)) {
    const started = startedUnits(tree, cmdline);
    return (
      started === null || started.commands.some(({ command }) => /(?:^|\/)(?:systemd-)?sysctl$/.test(command.program))
    );
  }
  const followed = followScripts(tree, initPathOf(cmdline), cmdline);
  return [...(followed?.texts.values() ?? [])].some((text) => /^[^#\n]*\bsysctl\s/m.test(text));
}

interface Setting {
  /** A path in the image, or a word of the command line. */
  readonly where: string;
  /** Of a file. */
  readonly line: number | null;
  readonly value: string;
}

/** Files are read in the order of their names, whatever their folder; /etc wins over /usr/lib; the last word counts (sysctl.d(5)). */
function lastSetting({ tree }: ImageFacts): Setting | null {
  const byName = new Map<string, string>();
  for (const folder of ['usr/lib/sysctl.d', 'lib/sysctl.d', 'usr/local/lib/sysctl.d', 'run/sysctl.d', 'etc/sysctl.d'])
    for (const path of tree.entries.keys())
      if (path.startsWith(`${folder}/`) && path.endsWith('.conf')) byName.set(path.slice(folder.length + 1), path);
  const ordered = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  let last: Setting | null = null;
  for (const path of [...ordered, 'etc/sysctl.conf']) {
    const lines = (tree.text(path) ?? '').split('\n');
    for (const [at, line] of lines.entries()) {
      const value = /^\s*-?\s*kernel[./]modprobe\s*=\s*(.*?)\s*$/.exec(line)?.[1];
      if (value !== undefined) last = { where: path, line: at + 1, value };
    }
  }
  return last;
}

/** `sysctl.kernel.modprobe=`, which the kernel itself sets before it starts init (since 5.8; fs/proc/proc_sysctl.c). */
function bootSetting({ cmdline }: BootFacts): Setting | null {
  const value = cmdline === null ? null : lastValue(cmdline, 'sysctl.kernel.modprobe', 'sysctl.kernel/modprobe');
  return value === null ? null : { where: 'sysctl.kernel.modprobe= of the command line', line: null, value };
}
