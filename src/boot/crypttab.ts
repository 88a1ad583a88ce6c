/** One line of crypttab(5). */
export interface CrypttabLine {
  /** The mapping below /dev/mapper. */
  readonly name: string;
  readonly device: string;
  /** `none` and `-` are no key file: null. */
  readonly keyFile: string | null;
  readonly options: readonly string[];
}

export function parseCrypttab(text: string): readonly CrypttabLine[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', device = '', keyFile = '', options = ''] = line.trim().split(/\s+/);
    if (name === '' || name.startsWith('#') || device === '') return [];
    return [
      {
        name,
        device,
        keyFile: ['', 'none', '-'].includes(keyFile) ? null : keyFile,
        options: options.split(',').filter((option) => option !== ''),
      },
    ];
  });
}
