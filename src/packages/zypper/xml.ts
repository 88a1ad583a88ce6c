/** What is read of zypper's XML (`zypper --xmlout`, schema `xmlout.rnc` that comes with it). */

/** One `<solvable>` and the list that it stands in: `to-upgrade`, `to-install`, `to-remove`, `solvable-list`… */
export interface Solvable {
  readonly list: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const ELEMENT = /<(?<list>to-[\w-]+|solvable-list)>|<solvable(?<attributes>(?:\s+[\w-]+="[^"]*")*)\s*\/?>/g;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

export function parseSolvables(xml: string): readonly Solvable[] {
  const found: Solvable[] = [];
  let list = '';
  for (const { groups } of xml.matchAll(ELEMENT)) {
    if (groups?.list !== undefined) list = groups.list;
    else found.push({ list, attributes: attributesOf(groups?.attributes ?? '') });
  }
  return found;
}

/** The text of what zypper said in XML. */
export function textOf(xml: string): string {
  return decoded(xml.replace(/<[^>]*>/g, ''));
}

function attributesOf(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(/(?<key>[\w-]+)="(?<value>[^"]*)"/g)].map(
    ({ groups }) => [groups?.key ?? '', decoded(groups?.value ?? '')] as const,
  );
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
