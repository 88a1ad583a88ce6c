import type { Answer } from '../../src/protocol/messages.ts';
import { BUNDLE } from '../setup/build.mjs';
import { SMALL } from '../setup/images.mjs';
import { readAnswer, type Ended } from './bellwether.ts';
import { ROOT, withElSheep, type ElSheep, type ElSheepOptions } from './el-sheep.ts';

/** An EL-like sheep that is, to bellwether, a live host that boots. */
export interface LiveSheep extends ElSheep {
  /** One request to `bellwether call` on it; `protocol`, and `detail: "full"`, are given. */
  readonly ask: (request: object) => Promise<Answer>;
  /** What starts bellwether on it; its arguments follow. */
  readonly command: readonly [string, ...string[]];
  /** A command line as a person types it. */
  readonly bellwether: (...args: readonly string[]) => Promise<Ended>;
}

/** An overlay stands on no disk: where bellwether looks for what a live host stands on, it is shown the sheep's capture. */
const SHOW_CAPTURED = `
for path in sys proc/cmdline proc/filesystems proc/modules proc/swaps proc/sys/kernel/osrelease; do
  [ ! -e "/$path" ] || mount --bind "${ROOT}/$path" "/$path"
done`;
/** And its mounts, which procfs tells each process apart. */
const SHOW_MOUNTS = `mount --bind ${ROOT}/proc/self/mountinfo /proc/$$/mountinfo && exec "$@"`;

/** What makes a program see the sheep's mounts: to be followed by its command. */
export const SHOWN_MOUNTS = ['/bin/sh', '-c', SHOW_MOUNTS, 'sh'] as const;

/** Turns an EL-like sheep into one that lives; what dracut builds on it is small, and so quick to build. */
export async function enliven(sheep: ElSheep): Promise<void> {
  await sheep.sh(SHOW_CAPTURED);
  await sheep.write(
    '/etc/dracut.conf.d/small.conf',
    `hostonly="no"\ndracutmodules+=" ${SMALL.modules} "\ndrivers+=" ${SMALL.drivers} "\n`,
  );
  // Older than any image: none is stale for it.
  await sheep.run('/bin/touch', ['-d', '2020-01-01', '/etc/dracut.conf.d/small.conf']);
}

/** Starts such a sheep, hands it to the test, and takes it down whatever happens. */
export function withLiveSheep<T>(test: (sheep: LiveSheep) => Promise<T>, options?: ElSheepOptions): Promise<T> {
  return withElSheep(async (sheep) => {
    await enliven(sheep);
    const command = [...SHOWN_MOUNTS, process.execPath, BUNDLE] as const;
    const run = (args: readonly string[], input = ''): Promise<Ended> => {
      const [program, ...rest] = command;
      return sheep.tryRun(program, [...rest, ...args], { input, timeout: 600_000 });
    };
    return test({
      ...sheep,
      command,
      ask: async (request) =>
        readAnswer(await run(['call'], JSON.stringify({ protocol: 1, detail: 'full', ...request }))),
      bellwether: (...args) => run(args),
    });
  }, options);
}
