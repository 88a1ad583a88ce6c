/**
 * The kernel's algorithms behind a dm-crypt cipher, by the names that the kernel asks modprobe for less `crypto-`.
 * `aes-xts-plain64`, `aes-cbc-essiv:sha256`, `capi:xts(aes)-plain64`
 * (https://docs.kernel.org/admin-guide/device-mapper/dm-crypt.html).
 * Null: not a cipher specification.
 */
export function algorithmsOf(cipher: string): readonly string[] | null {
  const words = cipher.startsWith('capi:') ? fromKernelForm(cipher.slice('capi:'.length)) : fromLuksForm(cipher);
  return words === null
    ? null
    : [...new Set(words)].filter(
        (word) => word !== '' && !/^(plain(64(be)?)?|null|benbi|lmk|tcw|eboiv|elephant|random)$/.test(word),
      );
}

function fromLuksForm(cipher: string): readonly string[] | null {
  const [name, mode, ...iv] = cipher.split('-');
  if (name === undefined || mode === undefined || !/^[a-z0-9_,]+$/.test(name)) return null;
  const [ivName = '', hash = ''] = iv.join('-').split(':');
  // Adiantum and the like name their parts with commas: xchacha12,aes-adiantum-plain64.
  return [...name.split(','), mode, ivName, hash];
}

function fromKernelForm(cipher: string): readonly string[] | null {
  const words = cipher.match(/[a-z0-9_]+/g);
  return words === null ? null : words.map(String);
}
