/** What an error says. Errors of Node's own need not be instances of the `Error` that this module sees. */
export function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return typeof message === 'string' ? message : String(message);
}

/** A system call's error code, `ENOENT`, or null where the error is none of a system call. */
export function codeOf(error: unknown): string | null {
  const isSystemError = typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error;
  return isSystemError && typeof error.code === 'string' ? error.code : null;
}

/** Null where OpenSSL refuses what it is given. */
export function unlessRefused<T>(call: () => T): T | null {
  try {
    return call();
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    if (code.startsWith('ERR_OSSL_')) return null;
    throw error;
  }
}

export function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error), { cause: error });
}
