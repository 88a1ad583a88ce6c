import { readHost } from '../host/read-host.ts';
import type { VersionAnswer, VersionRequest } from '../protocol/messages.ts';
import { PROTOCOLS, VERSION } from '../protocol/version.ts';
import { OPERATIONS } from '../protocol/words.ts';
import { unchanged } from './unchanged.ts';

/** What this executable speaks, and which generator and package manager the host has. */
export async function version(request: VersionRequest): Promise<VersionAnswer> {
  const host = await readHost(request.root, { select: () => [] });
  const { generator, packageManager } = host;
  const found = [generator?.name, packageManager?.name].filter((name) => name !== undefined);
  return {
    ...unchanged('version'),
    summary: `bellwether ${VERSION}, protocol ${PROTOCOLS.join(', ')}; found here: ${found.length === 0 ? 'neither generator nor package manager' : found.join(', ')}`,
    protocols: [...PROTOCOLS],
    operations: [...OPERATIONS],
    generator: generator === null ? null : { name: generator.name, version: generator.version },
    package_manager: packageManager,
  };
}
