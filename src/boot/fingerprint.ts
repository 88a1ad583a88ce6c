import type { Verdict } from '../protocol/messages.ts';
import type { Judgement } from './judge.ts';
import type { BootFacts } from './types.ts';

const SHOWN_KERNEL = 48;

/**
 * What makes this host's boot like or unlike another's, as lines to be hashed: equal for equal hosts, whatever their
 * names, disks and clocks. Nothing volatile is in it: no time, host name, UUID, path or size.
 */
export function comparableLines(facts: BootFacts, judgement: Judgement): readonly string[] {
  const { host, kernel, image } = facts;
  const modules = image?.modules.filter((module) => module.kernel === kernel.kernel).map((module) => module.name) ?? [];
  const index = image?.indexes.get(kernel.kernel);
  return [
    `os ${host.os?.id ?? '-'} ${host.os?.version ?? '-'}`,
    `arch ${host.arch}`,
    `platform ${host.platform.name ?? '-'}`,
    `kernel ${kernel.kernel}`,
    `loader ${host.loader.name ?? '-'}`,
    `generator ${host.generator?.name ?? '-'} ${host.generator?.version ?? '-'}`,
    `image ${image === null ? '-' : image.segments.map((segment) => segment.compression).join(' ')}`,
    `dracut ${image?.dracut?.modules.join(' ') ?? '-'}`,
    `modules ${[...modules].sort().join(' ')}`,
    `index ${index === undefined ? '-' : `${index.dep.state} ${[...index.modules.keys()].sort().join(' ')}`}`,
    `verdict ${judgement.verdict}`,
    `findings ${judgement.findings.map((finding) => finding.code).join(' ')}`,
  ];
}

/**
 * The fingerprint: version, verdict, kernel, and a hash of the comparable lines; at most 128 bytes.
 * @param hash hex digest of the lines
 */
export function fingerprintOf(verdict: Verdict, kernel: string, hash: string): string {
  return `v1:${verdict}:${kernel.slice(0, SHOWN_KERNEL)}:${hash.slice(0, 32)}`;
}
