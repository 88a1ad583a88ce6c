import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Executables that are not bellwether, or not one that these Salt files can use. Each is a shell script, because none
 * of this can be had from the true one.
 */
const SCRIPTS = {
  /** Of a time before `call`: what a commander program prints of a command that it does not know. */
  'knows no call': `echo "error: unknown command 'call'" >&2; exit 1`,
  'speaks another protocol': `echo '{"protocol": 2, "op": "check", "version": "9.0.0", "verdict": "healthy", "error": null}'`,
  'prints rubbish': `echo 'Segmentation fault (core dumped)'`,
  'prints bytes that are no text': `printf '\\377\\376{}\\n'`,
  'prints nothing': `:`,
  'prints for ever': `exec yes`,
  'prints two objects': `echo '{"protocol": 1, "op": "check", "verdict": "healthy", "error": null}'; echo '{}'`,
  'answers another question': `echo '{"protocol": 1, "op": "version", "verdict": "healthy", "error": null}'`,
  'answers, then fails': `echo '{"protocol": 1, "op": "check", "verdict": "healthy", "error": null}'; exit 3`,
  /** And the child does not end when it is told to. */
  'hangs, with a child that holds its output': `echo $$ > "$0.pid"; trap 'echo told > "$0.told"; exit' TERM; (trap '' TERM; sleep 987) & wait`,
  'breaks inside': `echo '{"protocol": 1, "op": "check", "version": "0.1.0", "changed": false, "changes": [], "summary": "it broke", "duration_ms": 1, "error": {"code": "internal", "retry": false, "message": "cannot read properties of undefined", "hint": "report it with the request"}}'; exit 70`,
  'is busy': `echo '{"protocol": 1, "op": "check", "version": "0.1.0", "changed": false, "changes": [], "summary": "busy", "duration_ms": 1, "error": {"code": "busy", "retry": true, "message": "another run holds the lock: pid 4242"}}'; exit 75`,
  /** And the second thing that it changed, it changed twice. */
  'fails half-way': `echo '{"protocol": 1, "op": "repair", "version": "0.1.0", "changed": true, "changes": [{"what": "kmod 30-1", "before": "damaged", "after": "reinstalled"}, {"what": "/boot/a", "before": 1, "after": 2}, {"what": "/boot/a", "before": 2, "after": 3}], "summary": "no room", "duration_ms": 1, "error": {"code": "boot_full", "retry": false, "message": "/boot has 4096 bytes left", "hint": "make room"}}'; exit 69`,
  'keeps what it is asked': `cat > "$0.asked"; exit 1`,
  'lacks its Node.js': `exec /usr/bin/env a-node-that-is-not-here`,
} as const;
export type Misbehaviour = keyof typeof SCRIPTS;

/** Writes such an executable into a folder and returns its path. */
export async function misbehaving(folder: string, misbehaviour: Misbehaviour, mode = 0o755): Promise<string> {
  const path = join(await mkdtemp(join(folder, 'executable-')), 'bellwether');
  await writeFile(path, `#!/bin/sh\n${SCRIPTS[misbehaviour]}\n`, { mode });
  return path;
}
