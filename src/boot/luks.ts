import type { StorageFacts, StorageNode } from '../host/types.ts';
import { valuesOf } from './command-line.ts';
import { nodesBelow } from './storage-stack.ts';
import type { CommandLine } from './types.ts';

/** Options of a volume whose key comes from a chip or a token: no file is needed. */
export const OPENS_ITSELF = /(?:^|[,=])(?:tpm2-device|fido2-device|pkcs11-uri)=/;

/** Whether the command line gives a volume such an option. */
export function opensItself(words: CommandLine): boolean {
  return valuesOf(words, 'rd.luks.options', 'luks.options').some((options) => OPENS_ITSELF.test(options));
}

/** UUIDs that may stand for an encrypted volume, in lower case: what blkid shows of the device below is that of the LUKS header. */
export function luksUuids(node: StorageNode, storage: StorageFacts): readonly string[] {
  const all = [...nodesBelow(storage, node).map(({ uuid }) => uuid), node.uuid];
  return all.filter((uuid) => uuid !== null).map((uuid) => uuid.toLowerCase());
}

/** UUIDs of the volumes that the command line lists, by themselves or with a name for what is in them. */
export function listedUuids(words: CommandLine): {
  readonly alone: readonly string[];
  readonly named: readonly string[];
} {
  return {
    alone: valuesOf(words, 'rd.luks.uuid', 'rd_LUKS_UUID', 'luks.uuid').map(bareUuid),
    named: valuesOf(words, 'rd.luks.name', 'luks.name').map((value) => bareUuid(value.split('=')[0] ?? '')),
  };
}

/** The UUID of a word of the command line, in lower case, without the `luks-` that may stand before it. */
export function bareUuid(value: string): string {
  return value
    .trim()
    .toLowerCase()
    .replace(/^(keysource:)?(luks-)?/, '');
}
