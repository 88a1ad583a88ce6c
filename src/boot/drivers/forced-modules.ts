import type { BootFacts } from '../types.ts';

/**
 * Modules that the image loads by name, without asking the alias index: modules-load.d (systemd), `conf/modules`
 * (initramfs-tools), `rd.driver.pre=` of the command line and of etc/cmdline.d (dracut).
 */
export function forcedModules({ image, cmdline }: BootFacts): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (name: string) => {
    if (name !== '') names.add(name.replaceAll('-', '_'));
  };
  for (const { key, value } of cmdline?.words ?? []) {
    if (/^(rd\.driver\.pre|rdloaddriver|modules_load|rd\.modules_load|modules-load|rd\.modules-load)$/.test(key))
      value?.split(',').forEach(add);
  }
  for (const path of image?.tree.entries.keys() ?? []) {
    const text = isList(path) || isCmdline(path) ? (image?.tree.text(path) ?? '') : '';
    if (isList(path)) for (const line of text.split('\n')) add(/^\s*([^\s#;]+)/.exec(line)?.[1] ?? '');
    if (isCmdline(path))
      for (const [, value = ''] of text.matchAll(/\brd\.driver\.pre="?([^\s"]+)/g)) value.split(',').forEach(add);
  }
  return names;
}

function isList(path: string): boolean {
  return path === 'conf/modules' || /(^|\/)modules-load\.d\/[^/]+\.conf$/.test(path);
}

function isCmdline(path: string): boolean {
  return /(^|\/)etc\/cmdline\.d\/[^/]+\.conf$/.test(path) || path === 'etc/cmdline';
}
