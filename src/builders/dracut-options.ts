/** dracut(8): which of its options say what an image holds, and which say where and how it is made. */

/**
 * What an option is given. `names`: words in one argument · `items`: files, patterns of files and programs in one
 * argument · `file`: one file or folder of the host · `copy`: a file or folder of the host, and where it goes in the
 * image · `text`: anything
 */
export type Takes = 'nothing' | 'names' | 'items' | 'file' | 'copy' | 'text';

export interface ContentOption {
  readonly takes: Takes;
  /** The first dracut that knows it. */
  readonly since: number;
  /** It says how far one host alone is meant. */
  readonly ofHost: boolean;
}

function content(takes: Takes, since = 0, ofHost = false): ContentOption {
  return { takes, since, ofHost };
}

/** What is repeated, by the name that it is repeated by. */
export const CONTENT: ReadonlyMap<string, ContentOption> = new Map([
  ['--add', content('names')],
  ['--force-add', content('names')],
  ['--prefer', content('names', 112)],
  ['--modules', content('names')],
  ['--omit', content('names')],
  ['--add-drivers', content('names')],
  ['--force-drivers', content('names', 39)],
  ['--drivers', content('names')],
  ['--omit-drivers', content('names')],
  ['--filesystems', content('names')],
  ['--fscks', content('names')],
  ['--nofscks', content('nothing')],
  ['--install', content('items')],
  ['--install-optional', content('names', 39)],
  ['--include', content('copy')],
  ['--add-fstab', content('file')],
  ['--fstab', content('nothing')],
  ['--mount', content('text')],
  ['--add-device', content('text', 35)],
  ['--ro-mnt', content('nothing')],
  ['--kernel-cmdline', content('text')],
  ['--sshkey', content('file')],
  ['--fwdir', content('text')],
  ['--libdirs', content('names')],
  ['--kmoddir', content('file')],
  ['--conf', content('file')],
  ['--confdir', content('file')],
  ['--add-confdir', content('file', 104)],
  ['--prefix', content('text')],
  ['--noprefix', content('nothing')],
  ['--kernel-only', content('nothing')],
  ['--no-kernel', content('nothing')],
  ['--mdadmconf', content('nothing')],
  ['--nomdadmconf', content('nothing')],
  ['--lvmconf', content('nothing')],
  ['--nolvmconf', content('nothing')],
  ['--nvmf-nbft-mode', content('text', 112)],
  ['--strip', content('nothing')],
  ['--aggressive-strip', content('nothing', 58)],
  ['--nostrip', content('nothing')],
  ['--early-microcode', content('nothing')],
  ['--no-early-microcode', content('nothing')],
  ['--persistent-policy', content('text')],
  ['--squash-compressor', content('text', 57)],
  ['--hostonly-mode', content('text', 48, true)],
  ['--hostonly-cmdline', content('nothing', 37, true)],
  ['--no-hostonly-cmdline', content('nothing', 37, true)],
  ['--no-hostonly-default-device', content('nothing', 47, true)],
  ['--hostonly-i18n', content('nothing', 44, true)],
  ['--no-hostonly-i18n', content('nothing', 44, true)],
  ['--hostonly-nics', content('names', 51, true)],
]);

/** Other names of the same. */
export const ALIASES: ReadonlyMap<string, string> = new Map([
  ['-a', '--add'],
  ['-m', '--modules'],
  ['-o', '--omit'],
  ['-d', '--drivers'],
  ['-I', '--install'],
  ['-i', '--include'],
  ['-k', '--kmoddir'],
  ['-c', '--conf'],
  ['--device', '--add-device'],
  // So in 056 and 057.
  ['--aggresive-strip', '--aggressive-strip'],
  ['-H', '--hostonly'],
  ['--host-only', '--hostonly'],
  ['-N', '--no-hostonly'],
  ['--no-host-only', '--no-hostonly'],
]);

/**
 * What is not: the kernel, the output, its form, temporary files, words on the terminal, and what a rebuild has a
 * parameter for.
 */
export const PASSED_OVER: ReadonlySet<string> = new Set([
  ...['--kver', '--rebuild', '--tmpdir', '--force', '-f', '--keep', '--local', '-l', '--regenerate-all', '--parallel'],
  ...['-p', '--noimageifnotneeded', '--remove', '--loginstall', '--stdlog', '-L', '--logfile', '--verbose', '-v'],
  ...[
    '--quiet',
    '-q',
    '--debug',
    '--profile',
    '--printsize',
    '--printconfig',
    '--list-modules',
    '--show-modules',
    '-M',
  ],
  ...['--print-cmdline', '--help', '-h', '--version', '--hostonly', '--no-hostonly'],
  ...['--compress', '--compress-level', '--no-compress', '--gzip', '--bzip2', '--lzma', '--xz', '--lzo', '--lz4'],
  ...['--zstd', '--enhanced-cpio', '--reproducible', '--no-reproducible', '--hardlink', '--nohardlink', '--prelink'],
  ...['--noprelink', '--uefi', '--no-uefi', '--ukify', '--no-ukify', '--uefi-stub', '--uefi-splash-image', '--sbat'],
  ...['--kernel-image', '--no-machineid'],
]);
