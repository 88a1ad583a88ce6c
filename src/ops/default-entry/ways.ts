/** The ways there are to say what boots next. */
import { isEfi } from '../../host/loader/efi-variables.ts';
import { findGrubConfigs } from '../../host/loader/read-grub.ts';
import { hasProgram, isDirectory, isFile, type HostTree } from '../../host/tree.ts';
import type { LoaderEntry, LoaderFacts } from '../../host/types.ts';

export type Way =
  /** By a program of the host, which is given the entry. */
  | {
      readonly kind: 'program';
      readonly command: (kernel: string, entry: LoaderEntry) => readonly [string, ...string[]];
    }
  /** By `saved_entry` in GRUB's environment block. */
  | { readonly kind: 'grubenv'; readonly path: string }
  /** By `default` in systemd-boot's configuration. */
  | { readonly kind: 'loader_conf'; readonly path: string }
  /** Not at all, and why. */
  | { readonly kind: 'none'; readonly reason: string; readonly hint: string };

/** How this host is told what to boot next: by its own program where there is one. */
export function findWay(tree: HostTree, loader: LoaderFacts, live: boolean): Way {
  switch (loader.name) {
    case 'grub':
      return grubWay(tree);
    case 'systemd-boot':
      return systemdBootWay(tree, live);
    case 'zipl':
    case 'extlinux':
    case null:
      return {
        kind: 'none',
        reason: `what boots next cannot be set here: ${loader.evidence}`,
        hint: 'set it by hand, and ask again without "make_default"',
      };
  }
}

function grubWay(tree: HostTree): Way {
  if (hasProgram(tree, 'grubby')) {
    return {
      kind: 'program',
      command: (kernel, { linux }) => ['grubby', '--set-default', linux?.path ?? `/boot/vmlinuz-${kernel}`],
    };
  }
  const configs = findGrubConfigs(tree, isEfi(tree) === true);
  const [config] = configs;
  const saves = configs.some((path) => /\bdefault=["']?\$\{?saved_entry\}?/.test(tree.text(path) ?? ''));
  if (config !== undefined && !saves) {
    return {
      kind: 'none',
      reason: `${config} does not boot what is saved, but always the same entry`,
      hint: 'GRUB_DEFAULT=saved in /etc/default/grub, then update-grub or grub2-mkconfig',
    };
  }
  const places = [
    ...configs.map((path) => path.replace(/[^/]*$/, 'grubenv')),
    '/boot/grub2/grubenv',
    '/boot/grub/grubenv',
  ];
  const path = places.find((each) => isFile(tree, each)) ?? places[0] ?? '/boot/grub2/grubenv';
  const editor = ['grub2-editenv', 'grub-editenv'].find((name) => hasProgram(tree, name));
  if (editor === undefined || !isFile(tree, path)) return { kind: 'grubenv', path };
  return { kind: 'program', command: (_kernel, { id }) => [editor, path, 'set', `saved_entry=${id}`] };
}

function systemdBootWay(tree: HostTree, live: boolean): Way {
  if (live && isDirectory(tree, '/sys/firmware/efi/efivars') && hasProgram(tree, 'bootctl'))
    return { kind: 'program', command: (_kernel, entry) => ['bootctl', 'set-default', fileName(entry)] };
  const at = ['/efi', '/boot', '/boot/efi'].find((each) => isDirectory(tree, `${each}/loader`)) ?? '/boot';
  return { kind: 'loader_conf', path: `${at}/loader/loader.conf` };
}

/** As systemd-boot names an entry: with its suffix. */
export function fileName({ id, type }: LoaderEntry): string {
  return `${id}${type === 'uki' ? '.efi' : '.conf'}`;
}
