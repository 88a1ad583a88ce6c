import type { Compression, ImageState, RebuildRequest, Step } from '../../protocol/messages.ts';
import type { Terms } from '../look.ts';
import type { Builder, BuildOption } from '../../builders/types.ts';
import type { BackupRule } from '../../system/images/replace-image.ts';

/** What is asked of a rebuild; the kernels, and by what they are judged, are the view's. */
export type RebuildOptions = Omit<RebuildRequest['params'], 'kernels' | keyof Terms>;

/** A file beside an image. */
export interface FileState {
  /** Bytes. */
  readonly size: number;
  /** Seconds since the epoch: the later of mtime and ctime, so that one put there with an old time is not taken for old. */
  readonly changed: number;
}

/** A file that nobody needs, and which may go. */
export interface LeftFile {
  readonly path: string;
  /** As this machine names it. */
  readonly outside: string;
  /** Bytes. */
  readonly size: number;
}

/** A backup of an image of a kernel that is gone. */
export interface Orphan extends LeftFile {
  /** K */
  readonly kernel: string;
}

/** Where one image lies, as found. Paths are the host's own unless they say otherwise. */
export interface ImageSite {
  /** As the boot entry names it. */
  readonly path: string;
  /** With every link followed: the file that is replaced. It need not be there. */
  readonly real: string;
  /** `real`, as this machine names it. */
  readonly outside: string;
  readonly file: FileState | null;
  readonly backup: FileState | null;
  /** What runs that were killed left in its folder. */
  readonly leftovers: readonly LeftFile[];
  /** Backups in its folder whose kernel is gone. */
  readonly orphans: readonly Orphan[];
  /** Why nothing can be written there; null where it can. */
  readonly refusal: 'absent' | 'read_only' | 'not_permitted' | null;
  /** Which file system it is, and the bytes that are free on it. */
  readonly device: number;
  readonly free: number;
  /** Sizes of other kernels' images in the same folder. */
  readonly siblings: readonly number[];
}

/** One image of a kernel, what is known of it, and whether it is to be rebuilt. */
export interface Candidate {
  readonly kernel: string;
  readonly path: string;
  readonly before: ImageState | null;
  /** Codes of what is fatal in it, whatever mends that. */
  readonly faults: readonly string[];
  /** Those of them that a rebuild is said to mend. */
  readonly mendable: readonly string[];
  readonly rebuild: boolean;
  readonly because: string;
  /** `keep`, as this image has it; null: as configured. */
  readonly hostonly: boolean | null;
  readonly compress: Compression | null;
  /** As this image was built, and what of that cannot be said again. */
  readonly repeated: readonly BuildOption[];
  readonly lost: readonly string[];
}

/** One image of a plan. */
export interface PlannedImage extends Candidate {
  /** By what it is judged once it is built: as the old one was. */
  readonly terms: Terms;
  readonly site: ImageSite;
  readonly builder: Builder;
  /** Whether depmod has to mend the kernel's own index first: said of the first of its images. */
  readonly depmod: boolean;
  readonly command: ReturnType<Builder['plan']>;
  readonly backup: BackupRule;
}

/** A file that goes: left behind by a run that was killed, or a backup that has served or whose kernel is gone. */
export interface Clearance extends LeftFile {
  readonly because: string;
}

/** What a rebuild will do: a plain value; only `applyRebuild` changes anything. */
export interface RebuildPlan {
  /** The root of the host, as asked for. */
  readonly root: string;
  /** In words: "dracut 059-4". */
  readonly generator: string;
  /** To be rebuilt, in this order. */
  readonly images: readonly PlannedImage[];
  /** Left as they are, each with its reason. */
  readonly others: readonly Candidate[];
  readonly clear: readonly Clearance[];
  /** What is said of backups that stay. */
  readonly notes: readonly string[];
  readonly steps: readonly Step[];
}
