import { basename } from 'node:path';
import type { Answer } from '../../src/protocol/messages.ts';
import { BUNDLE } from '../setup/build.mjs';
import { withOverlay } from '../setup/overlay.mjs';
import { readAnswer } from './bellwether.ts';

type Overlay = Parameters<Parameters<typeof withOverlay>[0]>[0];

/** A throwaway overlay of this machine: what is done to it lasts as long as the test. */
export interface Host extends Overlay {
  /** One request to `bellwether call` run inside, as the given user where one is named; the answer is held against its schema. */
  readonly call: (
    request: object | string,
    options?: { readonly uid?: number },
  ) => Promise<{ readonly status: number | null; readonly answer: Answer }>;
}

/** Starts a throwaway host, hands it to the test, and takes it down whatever happens. */
export function withHost<T>(test: (host: Host) => Promise<T>): Promise<T> {
  return withOverlay((overlay) => test(hostIn(overlay)));
}

/** An overlay that the bundle can be asked in. */
export function hostIn(overlay: Overlay): Host {
  return {
    ...overlay,
    call: async (request, options = {}) => {
      const input = typeof request === 'string' ? request : JSON.stringify(request);
      // Another user may not enter the folders where the checkout and Node lie: they get copies.
      if (options.uid !== undefined) await overlay.run('/bin/cp', ['-f', process.execPath, BUNDLE, '/usr/local/bin/']);
      const [node, bundle] =
        options.uid === undefined
          ? [process.execPath, BUNDLE]
          : [`/usr/local/bin/${basename(process.execPath)}`, `/usr/local/bin/${basename(BUNDLE)}`];
      const ended = await overlay.tryRun(node, [bundle, 'call'], { input, ...options });
      return { status: ended.status, answer: readAnswer(ended) };
    },
  };
}
