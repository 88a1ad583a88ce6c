import type { Change, ErrorCode, ErrorObject } from './messages.ts';

interface ErrorClass {
  /** Exit status of `bellwether call`, after sysexits.h. Never 1 or 2: Salt reports its own time-out as 1. */
  readonly exit: 64 | 69 | 70 | 75;
  /** Whether the same request may succeed later, unchanged. */
  readonly retry: boolean;
}

const CLASSES: Readonly<Record<ErrorCode, ErrorClass>> = {
  bad_request: { exit: 64, retry: false },
  unsupported_protocol: { exit: 64, retry: false },
  unknown_operation: { exit: 64, retry: false },
  bad_usage: { exit: 64, retry: false },
  root_absent: { exit: 69, retry: false },
  kernel_absent: { exit: 69, retry: false },
  image_unreadable: { exit: 69, retry: false },
  baseline_absent: { exit: 69, retry: false },
  not_permitted: { exit: 69, retry: false },
  program_absent: { exit: 69, retry: false },
  not_supported: { exit: 69, retry: false },
  package_manager_absent: { exit: 69, retry: false },
  package_absent: { exit: 69, retry: false },
  version_absent: { exit: 69, retry: false },
  repository_unreachable: { exit: 69, retry: true },
  generator_absent: { exit: 69, retry: false },
  boot_full: { exit: 69, retry: false },
  boot_read_only: { exit: 69, retry: false },
  boot_not_mounted: { exit: 69, retry: false },
  command_failed: { exit: 70, retry: false },
  not_effective: { exit: 70, retry: false },
  image_refused: { exit: 70, retry: false },
  timed_out: { exit: 75, retry: true },
  interrupted: { exit: 75, retry: true },
  busy: { exit: 75, retry: true },
  internal: { exit: 70, retry: false },
};

/** An error that a caller can act on: a closed code, a message that names the key and the value, a hint. */
export class BellwetherError extends Error {
  override readonly name = 'BellwetherError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly at: Readonly<Record<string, unknown>> | undefined;
  /** What had been changed by then, and stays changed. */
  readonly changes: readonly Change[];

  constructor(
    code: ErrorCode,
    message: string,
    details: {
      hint?: string;
      at?: Readonly<Record<string, unknown>>;
      cause?: unknown;
      changes?: readonly Change[];
    } = {},
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.at = details.at;
    this.changes = details.changes ?? [];
  }

  get exitCode(): number {
    return CLASSES[this.code].exit;
  }

  /** The same error, that says more: words behind its message and its hint, more of `at`, what else had been changed by then. */
  saying({
    words = [],
    hint,
    at,
    changes = [],
  }: {
    readonly words?: readonly string[];
    readonly hint?: string;
    readonly at?: Readonly<Record<string, unknown>>;
    readonly changes?: readonly Change[];
  }): BellwetherError {
    const where = at === undefined ? this.at : { ...this.at, ...at };
    const hints = [this.hint, hint].filter((each) => each !== undefined);
    return new BellwetherError(this.code, [this.message, ...words].join('; '), {
      ...(hints.length === 0 ? {} : { hint: hints.join('; ') }),
      ...(where === undefined ? {} : { at: where }),
      cause: this,
      changes: [...this.changes, ...changes],
    });
  }

  /** The error as it stands in an answer. */
  toObject(): ErrorObject {
    return {
      code: this.code,
      retry: CLASSES[this.code].retry,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.at === undefined ? {} : { at: { ...this.at } }),
    };
  }
}
