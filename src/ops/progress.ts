/** What is being done, for a person who waits. */
export interface Doing {
  /** In words: "building /boot/initramfs-K.img with dracut". */
  readonly what: string;
  /** The last line that the program at work printed. */
  readonly line?: string;
}

export type Progress = (doing: Doing) => void;

export const silent: Progress = () => undefined;

/** What an operation that may change a host is given beside its request. */
export interface Tools {
  /** Aborted at the time limit; its reason is the error to throw once what was begun is cleared away, or at its end. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
}
