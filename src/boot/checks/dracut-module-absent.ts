import type { Check } from '../types.ts';

/** dracut's configuration names a module that this dracut does not have: the next build stops, or leaves it out. */
export const dracutModuleAbsent: Check = {
  code: 'dracut_module_absent',
  checkpoint: 'root',
  severity: 'warning',
  symptom: '"dracut module \'…\' cannot be found or installed" at the next build, which then makes no image.',
  cause: 'The package that brought the module was removed, or a configuration file was copied from another release.',
  cure: 'Install the package that has it (dracut-network, dracut-config-…), or take the name out of /etc/dracut.conf.d/.',
  repair: ['configure'],
  *observe({ host }) {
    if (host.generator?.name !== 'dracut' || host.generator.modules.length === 0) return;
    const present = new Set(host.generator.modules);
    for (const [path, { text }] of host.files.dracutConf) {
      for (const { setting, module, line } of wantedModules(text)) {
        if (present.has(module)) continue;
        yield {
          defect: true,
          message: `${path} asks for dracut's module ${module}, which is not installed.`,
          evidence: { path, line, setting, module },
        };
      }
    }
  },
};

interface WantedModule {
  readonly setting: string;
  readonly module: string;
  readonly line: number;
}

/** dracut.conf(5) is shell: `add_dracutmodules+=" lvm crypt "`. What a variable stands for is not guessed. */
function wantedModules(text: string): readonly WantedModule[] {
  return text.split('\n').flatMap((content, at) => {
    const match = /^\s*(add_dracutmodules|force_add_dracutmodules|dracutmodules)\+?=\s*(["']?)(.*?)\2\s*(#.*)?$/.exec(
      content,
    );
    const [, setting = '', , value = ''] = match ?? [];
    return value
      .split(/\s+/)
      .filter((module) => /^[\w-]+$/.test(module))
      .map((module) => ({ setting, module, line: at + 1 }));
  });
}
