/** Which entry GRUB boots, from the value of `default`. */

/** A menu as shown, entries numbered in the order of the flat list. */
export type ShownItem =
  | { readonly index: number; readonly id: string | null; readonly title: string }
  | { readonly items: readonly ShownItem[]; readonly id: string | null; readonly title: string };

/** `a>b` names an entry of a submenu; `>>` stands for one `>`. */
function splitPath(value: string): string[] {
  return value
    .replaceAll('>>', '\u0001')
    .split('>')
    .map((part) => part.replaceAll('\u0001', '>').trim());
}

function find(items: readonly ShownItem[], name: string): ShownItem | null {
  if (/^\d+$/.test(name)) return items[Number(name)] ?? null;
  return items.find((item) => item.id === name) ?? items.find((item) => item.title === name) ?? null;
}

/** The first entry below an item: what a submenu boots when nothing more is said. */
function firstEntry(item: ShownItem | undefined): number | null {
  if (item === undefined) return null;
  return 'index' in item ? item.index : firstEntry(item.items[0]);
}

/** The index of the entry that `value` names; null where it names none. A number counts from 0. */
export function findGrubDefault(items: readonly ShownItem[], value: string): number | null {
  const [name = '', ...rest] = splitPath(value);
  const item = find(items, name);
  if (item === null) return null;
  if ('index' in item || rest.length === 0) return firstEntry(item);
  return findGrubDefault(item.items, rest.join('>'));
}

/** What GRUB boots when nothing is said. */
export function firstShown(items: readonly ShownItem[]): number | null {
  return firstEntry(items[0]);
}
