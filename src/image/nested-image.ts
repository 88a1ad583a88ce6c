/** Bytes that it takes to tell: the superblock of erofs starts at 1024. */
export const NESTED_HEAD = 1028;

const NAMES: Readonly<Record<string, 'squashfs' | 'erofs'>> = {
  'squash-root.img': 'squashfs',
  'squashfs-root.img': 'squashfs',
  'erofs-root.img': 'erofs',
};

/** Whether a file is a file system image, by its magic or by the name that dracut gives it. */
export function detectNestedImage(path: string, head: Uint8Array): 'squashfs' | 'erofs' | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length >= 4 && view.getUint32(0, true) === 0x73717368) return 'squashfs';
  if (head.length >= NESTED_HEAD && view.getUint32(1024, true) === 0xe0f5e1e2) return 'erofs';
  return NAMES[path.slice(path.lastIndexOf('/') + 1)] ?? null;
}
