import type { StorageNode } from '../types.ts';
import type { LuksHeader } from './luks.ts';

/** Options of crypttab(5) that unlock without typing. */
const UNATTENDED = /^(?:tpm2-device|fido2-device|pkcs11-uri|keyscript)=/;
const TOKENS = /^(?:systemd-tpm2|systemd-fido2|systemd-pkcs11|clevis)$/;

export interface UnlockFacts {
  readonly crypttab: string | null;
  /** Headers by the crypt node's id, where they could be read. */
  readonly headers: ReadonlyMap<string, LuksHeader>;
}

/** Whether a passphrase must be typed to open one of the layers; null where that is not to be told. */
export function needsPassphrase(nodes: readonly StorageNode[], facts: UnlockFacts): boolean | null {
  const answers = nodes
    .filter(({ kind, type }) => kind === 'crypt' && type !== 'verity' && type !== 'integrity')
    .map((node) => needsTyping(node, facts));
  if (answers.includes(true)) return true;
  return answers.includes(null) ? null : false;
}

function needsTyping(node: StorageNode, facts: UnlockFacts): boolean | null {
  if (facts.headers.get(node.id)?.tokens.some((type) => TOKENS.test(type)) === true) return false;
  const line = crypttabLine(facts.crypttab, node);
  if (line === null) return facts.crypttab === null ? null : true;
  const [, , key = 'none', options = ''] = line;
  if (options.split(',').some((option) => UNATTENDED.test(option))) return false;
  return key === 'none' || key === '-' || key === '';
}

/** crypttab's line for a node: by its mapper name, or by the container's UUID. */
function crypttabLine(crypttab: string | null, node: StorageNode): string[] | null {
  const lines = (crypttab ?? '').split('\n').map((line) => line.trim().split(/\s+/));
  const name = node.name.replace('/dev/mapper/', '');
  return (
    lines.find(([target, device]) => {
      if (target === undefined || target.startsWith('#')) return false;
      return target === name || (node.uuid !== null && device?.toLowerCase() === `uuid=${node.uuid.toLowerCase()}`);
    }) ?? null
  );
}
