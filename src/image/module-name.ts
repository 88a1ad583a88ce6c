const MODULE_FILE = /^(?<stem>.+)\.ko(?:\.(?<suffix>gz|xz|zst))?$/;

/** A module name as the kernel and kmod compare it: '-' and '_' are equal. */
export function normalizeModuleName(name: string): string {
  // Asked for tens of thousands of names, few of which have one.
  return name.includes('-') ? name.replaceAll('-', '_') : name;
}

export interface ModuleFileName {
  /** Normalised. */
  readonly name: string;
  readonly compression: 'none' | 'gzip' | 'xz' | 'zstd';
}

/** The module that a path names, or null where it is no module file. */
export function parseModuleFileName(path: string): ModuleFileName | null {
  const groups = MODULE_FILE.exec(path.slice(path.lastIndexOf('/') + 1))?.groups;
  if (groups?.stem === undefined) return null;
  return { name: normalizeModuleName(groups.stem), compression: compressionOf(groups.suffix) };
}

function compressionOf(suffix: string | undefined): ModuleFileName['compression'] {
  switch (suffix) {
    case 'gz':
      return 'gzip';
    case 'xz':
      return 'xz';
    case 'zst':
      return 'zstd';
    default:
      return 'none';
  }
}
