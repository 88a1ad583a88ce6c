import type { Tools } from '../progress.ts';
import { recover, type Recovered } from '../keeping/recover.ts';
import { withChanges } from './with-changes.ts';
import { withOldKernels } from './with-old-kernels.ts';
import { withSite, type Site } from './with-site.ts';

/**
 * A host that an operation has to itself, and on which what a killed run left to put back is back. A dry run has the plan of
 * that, and the host as it is. Where there is no room for what is to be done, the error names the old kernels that may go.
 * @throws BellwetherError those of `withSite` and `recover`; what the work throws, with what was put back among its changes
 */
export function withRecovered<T>(
  request: Parameters<typeof withSite>[0],
  tools: Tools,
  work: (site: Site, recovered: Recovered) => Promise<T>,
): Promise<T> {
  return withSite(request, tools, async (site) => {
    try {
      return await recoverFirst(site, work);
    } catch (error) {
      throw await withOldKernels(site.root, error);
    }
  });
}

async function recoverFirst<T>(site: Site, work: (site: Site, recovered: Recovered) => Promise<T>): Promise<T> {
  const recovered = await recover(site);
  try {
    return await work(site, recovered);
  } catch (error) {
    throw withChanges(error, site.dryRun ? [] : recovered.changes);
  }
}
