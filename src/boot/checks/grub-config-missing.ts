import { lastValue, parseCommandLine } from '../command-line.ts';
import type { BootFacts, Check } from '../types.ts';

/** GRUB is there and its grub.cfg is not: it shows no menu, whatever entries lie beside it. */
export const grubConfigMissing: Check = {
  code: 'grub_config_missing',
  checkpoint: 'loader',
  severity: 'fatal',
  symptom: 'The prompt of GRUB, `grub>`, and no menu.',
  cause:
    'grub.cfg was removed, is a link that leads nowhere, or was never written; `grub2-mkconfig` failed, and its output was moved away.',
  cure: 'Write it anew: `grub2-mkconfig -o /boot/grub2/grub.cfg`, on Debian `update-grub`.',
  repair: ['configure'],
  *observe(facts) {
    const { host, isDefault, imageAsked } = facts;
    const { loader } = host;
    if (imageAsked || loader.lacks.length === 0) return;
    if (!isDefault && loader.defaultEntry !== null) return;
    // default_entry_stale tells what was not read
    if (host.unread.some(({ part }) => part === 'loader')) return;
    if (!startedByGrub(facts)) {
      yield {
        defect: false,
        what: 'what boots next',
        reason: `GRUB has no ${loader.lacks.join(' or ')}, and whether it is GRUB that starts this host is not known`,
      };
      return;
    }
    yield {
      defect: true,
      message: `There is no ${loader.lacks.join(' or ')}: GRUB, which started this host, stops at its prompt.`,
      evidence: { looked_for: [...loader.lacks], loader_evidence: loader.evidence },
    };
  },
};

/** GRUB tells the kernel the path that it loaded it from: it was one of this host's own. */
function startedByGrub({ host: { source, cmdlines, kernels } }: BootFacts): boolean {
  if (cmdlines.running === null || (source !== 'live' && source !== 'captured')) return false;
  const loaded = lastValue(parseCommandLine(cmdlines.running), 'BOOT_IMAGE');
  if (loaded === null || !/^[(/]/.test(loaded)) return false;
  // On a /boot of its own the path begins below it.
  return kernels.some(({ vmlinuz }) => vmlinuz !== null && loaded.endsWith(vmlinuz.path.replace(/^\/boot(?=\/)/, '')));
}
