/** The domain: what a rule reads, what it yields. Pure; imports types alone. */
import type { Checkpoint, Platform, Repair, Severity } from '../protocol/messages.ts';
import type { HostFacts, KernelFacts, LoaderEntry } from '../host/types.ts';
import type { ImageFacts } from '../image/types.ts';

/** Everything the verdict on one kernel is made from. */
export interface BootFacts {
  readonly host: HostFacts;
  /** K: what would be booted. */
  readonly kernel: KernelFacts;
  /** The entry judged; null where no entry names K, or where one image was asked for by path. */
  readonly entry: LoaderEntry | null;
  /** Whether the entry is what boots next. */
  readonly isDefault: boolean;
  /** The command line that K gets: the entry's, else /etc/kernel/cmdline or that of the running kernel; null: not known. */
  readonly cmdline: CommandLine | null;
  /** Null: there is none, or it could not be read (`imageError`). */
  readonly image: ImageFacts | null;
  /** Why an image that should be there was not read. */
  readonly imageError: {
    readonly path: string;
    readonly kind: 'absent' | 'unreadable';
    readonly reason: string;
  } | null;
  /** Module counts of other images on this host, to compare with: the rescue image, other kernels', the baseline. */
  readonly siblings: readonly {
    readonly path: string;
    readonly role: 'rescue' | 'sibling' | 'baseline';
    readonly modules: number;
    readonly size: number;
  }[];
  /** Locks that somebody wants to be there; none where nobody asked for any. */
  readonly locksAsked: readonly { readonly name: string; readonly version: string }[];
  /** One image was asked for by path: which one the loader would take is not in question. */
  readonly imageAsked: boolean;
  /** The platform whose drivers are required; null: none asked for. */
  readonly platform: Platform | null;
  /** Of modules that the boot needs and that are signed, by their paths in the image: what is not told is not known. */
  readonly signatures: ReadonlyMap<string, SignatureState>;
  /**
   * Of programs and libraries that the boot needs and that no checksum covers, by their paths in the image: whether they are
   * what the host has there. Told where both are of the same build.
   */
  readonly copies: ReadonlyMap<string, CopyState>;
}

/**
 * Of two files of the same build: all that is loaded of them is the same; the host's is as its package brought it, and the
 * image's is `damaged`; one of the two is, and which is not known.
 */
export type CopyState = 'same' | 'damaged' | 'differs';

/** `fits`: the kernel will find that its own key made the signature over this content; `does_not_fit`: that it did not. */
export type SignatureState = 'fits' | 'does_not_fit';

/** A kernel command line, split as the kernel splits it (quotes kept together). */
export interface CommandLine {
  readonly text: string;
  /** In order; a word without '=' has value null. */
  readonly words: readonly { readonly key: string; readonly value: string | null }[];
}

/** One thing that must be there for K to reach `/`. */
export interface Requirement {
  readonly kind: 'driver' | 'filesystem' | 'layer';
  /** Module name, file system type, or layer kind (lvm, crypt, md, multipath, iscsi, nfs…). */
  readonly name: string;
  /** In words, down to `/`: "virtio_blk, because /dev/vda2 holds the PV of vg0, which holds /". */
  readonly because: string;
  /** The device's modalias, where the driver came from one: any module of K that claims it will do. */
  readonly modalias?: string;
}

/** What a rule found: a defect, or something it could not decide. */
export type Observation =
  | {
      readonly defect: true;
      readonly message: string;
      readonly evidence: Readonly<Record<string, unknown>>;
      /** Where it differs from the rule's own. */
      readonly severity?: Severity;
      readonly repair?: readonly Repair[];
    }
  | { readonly defect: false; readonly what: string; readonly reason: string };

/** One rule, one file in `checks/`, named by its code. */
export interface Check {
  /** Stable: what findings carry, what `ignore` takes. */
  readonly code: string;
  readonly checkpoint: Checkpoint;
  readonly severity: Severity;
  /** What the person at the console would see. */
  readonly symptom: string;
  /** What usually causes it. */
  readonly cause: string;
  /** What cures it, in words, with the command. */
  readonly cure: string;
  /** Operations that mend it, in the order to try. */
  readonly repair: readonly Repair[];
  /** Yields nothing where all is well. Never throws for facts that are merely bad. */
  observe(facts: BootFacts, requirements: readonly Requirement[]): Iterable<Observation>;
}
