import type { ImageTree } from '../../image/types.ts';
import { valuesOf } from '../command-line.ts';
import { OPENS_ITSELF, opensItself } from '../luks.ts';
import type { CommandLine } from '../types.ts';
import { findProgram, runsSystemd } from './programs.ts';

const UNITS = 'usr/lib/systemd/system';

/**
 * What of a systemd image's means to ask for a passphrase is not there, in words: systemd-cryptsetup leaves a question, and
 * waits without end for somebody to put it (systemd-ask-password(1), its "password agents"). Empty where a key, a chip or
 * clevis answers it.
 * @param words the command line as dracut takes it
 */
export function missingAsker(tree: ImageTree, words: CommandLine): readonly string[] {
  if (!runsSystemd(tree) || isAnswered(tree, words) || asksBy(tree, 'plymouth', 'plymouthd')) return [];
  if (asksBy(tree, 'console', 'systemd-tty-ask-password-agent')) return [];
  return [
    'what asks for the passphrase (systemd-ask-password-console.path and .service, systemd-tty-ask-password-agent)',
  ];
}

function asksBy(tree: ImageTree, agent: string, program: string): boolean {
  const unit = (kind: string, section: string) =>
    tree.text(`${UNITS}/systemd-ask-password-${agent}.${kind}`)?.includes(section) === true;
  return unit('path', '[Path]') && unit('service', '[Service]') && findProgram(tree, program) !== null;
}

function isAnswered(tree: ImageTree, words: CommandLine): boolean {
  return (
    valuesOf(words, 'rd.luks.key', 'luks.key').length > 0 ||
    opensItself(words) ||
    findProgram(tree, 'clevis') !== null ||
    [...tree.entries.keys()].some((path) => path.startsWith('etc/cryptsetup-keys.d/')) ||
    (tree.text('etc/crypttab') ?? '').split('\n').some(hasKey)
  );
}

/** A line of crypttab: name, device, key file, options. */
function hasKey(line: string): boolean {
  const [name = '#', , key = 'none', options = ''] = line.trim().split(/\s+/);
  return !name.startsWith('#') && (!['none', '-', ''].includes(key) || OPENS_ITSELF.test(options));
}
