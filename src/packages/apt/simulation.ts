/** What `apt-get --simulate` would do: by package, the version that it would take, null where it would be removed. */
export function parseAptSimulation(text: string): ReadonlyMap<string, string | null> {
  const moves = new Map<string, string | null>();
  for (const line of text.split('\n')) {
    const { verb, name, version } =
      /^(?<verb>Inst|Remv|Purg) (?<name>[^\s:]+)(?::\S+)?(?: \[[^\]]*\])*(?: \((?<version>\S+))?/.exec(line)?.groups ??
      {};
    if (name !== undefined) moves.set(name, verb === 'Inst' ? (version ?? null) : null);
  }
  return moves;
}

/** The versions in the answer of `apt-cache madison`, in its order, each once; sources are none. */
export function parseMadison(text: string, name: string): readonly string[] {
  const versions = text.split('\n').flatMap((line) => {
    const [found = '', version = '', where = ''] = line.split(' | ').map((part) => part.trim());
    return found === name && version !== '' && !where.endsWith(' Sources') ? [version] : [];
  });
  return [...new Set(versions)];
}

/** The version that `apt-cache policy` would take; null where there is none. */
export function parseCandidate(text: string): string | null {
  const version = /^ {2}Candidate: (\S+)$/m.exec(text)?.[1] ?? null;
  return version === '(none)' ? null : version;
}
