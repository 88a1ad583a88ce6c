/** The arguments of the commands that a menu is made of. */

/**
 * `search --fs-uuid --set=root UUID`: the variable that is set, and the file system by what was searched for, `UUID=…` or
 * `LABEL=…`; one that is searched for by a file has no name.
 */
export function parseSearch(words: readonly string[]): { variable: string; device: string } | null {
  let [variable, kind] = ['root', 'file'];
  const names: string[] = [];
  words.forEach((word, index) => {
    const set = /^(?:--set|-s)(?:=(.*))?$/.exec(word);
    if (set !== null) variable = set[1] ?? variable;
    else if (word === '--fs-uuid' || word === '-u') kind = 'UUID';
    else if (word === '--label' || word === '-l' || word === '--fs-label') kind = 'LABEL';
    else if (!word.startsWith('-')) {
      // `--set root`, in two words
      if (/^(?:--set|-s)$/.test(words[index - 1] ?? '') && index < words.length - 1) variable = word;
      else names.push(word);
    }
  });
  const wanted = names[names.length - 1];
  return wanted === undefined ? null : { variable, device: kind === 'file' ? '' : `${kind}=${wanted}` };
}

const WITH_VALUE = new Set(['--class', '--users', '--hotkey', '--id', '--source']);

/** Of `menuentry` and `submenu`: the first word that is no option, and the value of `--id`. */
export function titleAndId(words: readonly string[]): { title: string; id: string | null } {
  let [title, id]: [string | null, string | null] = [null, null];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const inline = /^--id=(.*)$/.exec(word);
    if (inline?.[1] !== undefined) id = inline[1];
    else if (WITH_VALUE.has(word)) {
      if (word === '--id') id = words[at + 1] ?? null;
      at += 1;
    } else if (!word.startsWith('--')) {
      title ??= word;
    }
  }
  return { title: title ?? '', id };
}
