/** What the operations know of image generators: one interface, one adapter each. */
import type { Compression } from '../protocol/messages.ts';

export type GeneratorName = 'dracut' | 'initramfs-tools';

/** An option of a generator that says what an image holds, each of its values apart. */
export interface BuildOption {
  readonly name: string;
  readonly values: readonly string[];
}

/** One image to build. */
export interface BuildJob {
  /** K */
  readonly kernel: string;
  /** Where the image is to be written: never the final name. */
  readonly output: string;
  /** A folder that is there, for the generator's temporary files. */
  readonly tmpdir: string;
  /** null: as the generator's configuration says. */
  readonly hostonly: boolean | null;
  readonly addDrivers: readonly string[];
  readonly omitDrivers: readonly string[];
  readonly addModules: readonly string[];
  readonly omitModules: readonly string[];
  /** null: as the generator's configuration says. */
  readonly compress: Compression | null;
  /** How the old image was built, to be said again: for dracut alone, as `readAsBuilt` found it. */
  readonly repeated: readonly BuildOption[];
}

export interface BuildCommand {
  readonly command: readonly [program: string, ...args: string[]];
  /** Beside the fixed environment that every program gets. */
  readonly env: Readonly<Record<string, string>>;
  /** Folders that must be there before it runs: a path below `tmpdir`, and the folder that it is a copy of. */
  readonly copies: ReadonlyMap<string, string>;
  /** Files that must be there before it runs, after the copies: a path below `tmpdir`, and the text at their end. */
  readonly files: ReadonlyMap<string, string>;
}

/** The generator that a host has, as far as its command line depends on it. */
export interface Generator {
  readonly name: GeneratorName;
  /** As it says itself; null: not known. */
  readonly version: string | null;
}

/** One generator. */
export interface Builder {
  readonly name: GeneratorName;
  /**
   * The command that builds this image. Nothing is run.
   * @throws BellwetherError `not_supported` naming the parameter that this generator has no way to follow
   */
  plan(job: BuildJob): BuildCommand;
}
