/** What files tell of packages, without any package manager being run: what of a host's tree is needed for it. */
export interface PackageFiles {
  /** At most `limit` bytes of a regular file; null where absent. */
  bytes(path: string, limit?: number): Buffer | null;
  text(path: string): string | null;
  /** Names in a directory; empty where absent. */
  list(path: string): readonly string[];
  /** Of what the path leads to, links followed; null where that is nothing. */
  stat(path: string): { readonly type: string } | null;
  /** The path with every link followed; null where it leads to nothing. */
  real(path: string): string | null;
  /** Where a link points; null for what is no link. */
  link(path: string): string | null;
}
