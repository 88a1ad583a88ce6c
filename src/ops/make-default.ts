/** Which kernel boots next: said by the loader's own means, proven by reading back what the loader will do. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defaultEntryOf } from '../host/loader/default-entry.ts';
import { openTree } from '../host/tree.ts';
import type { LoaderEntry, LoaderFacts } from '../host/types.ts';
import { BellwetherError } from '../protocol/errors.ts';
import type { Change, Finding, Step } from '../protocol/messages.ts';
import { writeWhole } from '../system/atomic-write.ts';
import { withVariable } from './default-entry/grubenv.ts';
import { fileName, findWay, type Way } from './default-entry/ways.ts';
import { kernelInstallHint } from './kernel-install-hint.ts';
import type { Judged } from './look.ts';
import { syncFolder } from './mending/sync-folder.ts';
import type { Site } from './mending/with-site.ts';

type SettableWay = Exclude<Way, { readonly kind: 'none' }>;

export interface DefaultPlan {
  /** K */
  readonly kernel: string;
  readonly way: SettableWay;
  readonly step: Step;
  readonly change: Change;
  /** What is wrong with what boots next as it is: codes. */
  readonly accepted: ReadonlySet<string>;
  /** Whether it is known that the kernel is no worse. */
  readonly judged: boolean;
}

/**
 * What it takes to make a kernel what boots next; null where it is that already. Changes nothing.
 * @param present whether it is installed: one that is yet to be has no entry yet
 * @throws BellwetherError `not_supported` where this loader cannot be told; `kernel_absent` where no entry boots it;
 *   `image_refused` where it would boot no better than what boots next now
 */
export async function planDefault(site: Site, kernel: string, present: boolean): Promise<DefaultPlan | null> {
  const { host, judged } = await site.look({ params: { kernels: 'default' } });
  const now = defaultEntryOf(host.loader)?.kernel ?? null;
  if (now === kernel) return null;
  const way = wayOf(site, host.loader);
  if (way.kind === 'none')
    throw new BellwetherError('not_supported', `"params.make_default" is true, but ${way.reason}`, { hint: way.hint });
  const entry = entryOf(host.loader, kernel);
  if (entry === null && present) throw noEntry(site.root, kernel);
  const accepted = new Set(
    judged
      .filter(({ target }) => target.isDefault)
      .flatMap(faultsOf)
      .map(({ code }) => code),
  );
  if (present) await refuseWorse(site, kernel, now, accepted);
  return {
    kernel,
    way,
    step: {
      action: 'make_default',
      what: kernel,
      command: entry === null || way.kind !== 'program' ? null : [...way.command(kernel, entry)],
      because: `what boots next is ${now ?? 'not known'}`,
    },
    change: { what: 'what boots next', before: now, after: kernel },
    accepted,
    judged: present,
  };
}

/**
 * Does what was planned.
 * @throws BellwetherError `kernel_absent`, `image_refused`, `not_permitted`, `command_failed`…
 */
export async function applyDefault(site: Site, plan: DefaultPlan): Promise<void> {
  const { kernel, way } = plan;
  const loader = await site.loader();
  const entry = entryOf(loader, kernel);
  if (entry === null) throw noEntry(site.root, kernel);
  if (!plan.judged) await refuseWorse(site, kernel, defaultEntryOf(loader)?.kernel ?? null, plan.accepted);
  site.tools.progress({ what: `making ${kernel} what boots next` });
  await setDefault(site, way, entry);
}

/** How this host is told what to boot next. */
export function wayOf(site: Site, loader: LoaderFacts): Way {
  return findWay(openTree(site.root, []), loader, site.source === 'live');
}

/** Has an entry boot next. Whether it does is to be read back. @throws BellwetherError `not_permitted`, `command_failed`… */
export async function setDefault(site: Site, way: SettableWay, entry: LoaderEntry): Promise<void> {
  switch (way.kind) {
    case 'program': {
      const [program, ...args] = way.command(entry.kernel ?? '', entry);
      await site.runner.run(program, args);
      break;
    }
    case 'grubenv':
      await rewrite(site, way.path, (text) => withVariable(text, 'saved_entry', entry.id));
      break;
    case 'loader_conf':
      await rewrite(site, way.path, (text) => withDefault(text, fileName(entry)));
      break;
  }
  await syncWritten(site, way.kind === 'program' ? '/boot' : dirname(way.path));
}

/** The loader reads what was written from the disk alone. */
async function syncWritten(site: Site, path: string): Promise<void> {
  const folder = openTree(site.root, []).outside(path);
  const unsettled = folder === null ? null : await syncFolder(site, folder);
  if (unsettled !== null) site.tools.progress({ what: unsettled });
}

/** K of what boots next, read anew; null where nothing says. */
export async function readDefault(site: Site): Promise<string | null> {
  return defaultEntryOf(await site.loader())?.kernel ?? null;
}

/** A host that boots is not told to boot what does not. */
async function refuseWorse(
  site: Site,
  kernel: string,
  now: string | null,
  accepted: ReadonlySet<string>,
): Promise<void> {
  const { judged } = await site.look({ params: { kernels: [kernel] } });
  const worse = judged.flatMap(faultsOf).filter(({ code }) => !accepted.has(code));
  const [first] = worse;
  if (first === undefined) return;
  throw new BellwetherError(
    'image_refused',
    `${kernel} ${now === kernel ? 'is what boots next, and' : 'is not made what boots next,'} it would not boot: ${first.message}`,
    {
      hint: `mend it first: bellwether rebuild --kernel ${kernel}`,
      at: { kernel, boots_next: now, findings: worse.map(({ code }) => code) },
    },
  );
}

function faultsOf({ judgement }: Judged): readonly Finding[] {
  return judgement.findings.filter(({ severity, ignored }) => severity === 'fatal' && ignored !== true);
}

function entryOf({ entries }: LoaderFacts, kernel: string): LoaderEntry | null {
  return entries.find((entry) => entry.kernel === kernel && !entry.rescue) ?? null;
}

function noEntry(root: string, kernel: string): BellwetherError {
  return new BellwetherError('kernel_absent', `no boot entry boots ${kernel}`, {
    hint: `have one made: ${kernelInstallHint(root, kernel)}`,
    at: { kernel },
  });
}

async function rewrite({ root }: Site, path: string, edit: (text: string) => string): Promise<void> {
  const there = openTree(root, []).outside(path);
  await writeWhole(there ?? join(root, path), edit(there === null ? '' : readFileSync(there, 'utf8')));
}

/** The line of loader.conf(5) that names the default, in place of the one that was there. */
function withDefault(text: string, name: string): string {
  const rest = text.split('\n').filter((line) => !/^\s*default\s/.test(line));
  return [`default ${name}`, ...rest].join('\n').replace(/\n*$/, '\n');
}
