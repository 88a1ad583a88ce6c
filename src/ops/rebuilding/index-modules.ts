import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BellwetherError } from '../../protocol/errors.ts';
import { openTree } from '../../host/tree.ts';
import { keepAttributes } from '../../system/images/keep-attributes.ts';
import { judgedOf, type Judged } from '../look.ts';
import type { Site } from '../mending/with-site.ts';

/** What depmod writes, and what the kernel's package brings beside it: a few MB. */
const INDEX = /^modules\.[a-z.]+$/;

/**
 * Has depmod make a kernel's own module index anew, and reads it back: depmod says nothing of what it could not index.
 * Where the index is no better for it, the old files are put back.
 * @returns the kernel as it is judged with the new index
 * @throws BellwetherError `not_effective` where the index is no better; `program_absent`, `command_failed`; the reason of
 *   the tools' signal
 */
export async function indexModules(judged: Judged, { runner, tools, look }: Site): Promise<Judged> {
  const { terms, facts } = judged;
  const { kernel, host } = facts;
  const folder = kernel.modulesDir === null ? null : openTree(host.root, []).outside(kernel.modulesDir);
  if (folder === null) throw new BellwetherError('kernel_absent', `kernel ${kernel.kernel} has no modules here`);
  tools.progress({ what: `making the module index of ${kernel.kernel} anew` });
  const saved = await readIndex(folder);
  try {
    await runner.run('depmod', [kernel.kernel], { signal: tools.signal, timeoutSeconds: 600 });
    const now = judgedOf(await look({ params: { ...terms, kernels: [kernel.kernel] } }), kernel.kernel);
    if (!isBetter(judged, now)) throw notEffective(judged);
    return now;
  } catch (error) {
    await putBack(folder, saved);
    throw error;
  }
}

/** Whole, or with more modules than before: one that cannot be read at all is left out by the best depmod. */
function isBetter(before: Judged, now: Judged): boolean {
  if (!now.judgement.findings.some(({ code }) => code === 'host_module_index')) return true;
  return (now.facts.kernel.index?.modules.size ?? 0) > (before.facts.kernel.index?.modules.size ?? 0);
}

function notEffective({ facts: { kernel } }: Judged): BellwetherError {
  const { index, modules } = kernel;
  return new BellwetherError(
    'not_effective',
    `depmod ended well and made the module index of ${kernel.kernel} no better (${index?.modules.size ?? 0} of ${modules.length} modules): most likely kmod itself is damaged`,
    {
      hint: 'reinstall kmod: `bellwether reinstall kmod`, or `bellwether repair`',
      at: { kernel: kernel.kernel, package: 'kmod', path: index?.dep.path ?? null },
    },
  );
}

async function indexNames(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => INDEX.test(name));
}

interface Saved {
  readonly name: string;
  readonly content: Buffer;
  readonly mode: number;
}

async function readIndex(folder: string): Promise<readonly Saved[]> {
  const names = await indexNames(folder);
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { name, content: await readFile(path), mode: (await stat(path)).mode };
    }),
  );
}

async function putBack(folder: string, saved: readonly Saved[]): Promise<void> {
  for (const name of await indexNames(folder))
    if (!saved.some((file) => file.name === name)) await rm(join(folder, name));
  const left = await indexNames(folder);
  for (const { name, content, mode } of saved) {
    const path = join(folder, name);
    const part = join(folder, `.bellwether-${name}`);
    await writeFile(part, content, { mode });
    if (left.includes(name)) await keepAttributes(path, part);
    await rename(part, path);
  }
}
