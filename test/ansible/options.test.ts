import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { whyNot } from '../setup/cache.mjs';
import { describeUnless } from '../support/where.ts';
import { RELEASES, type Release, programsOf } from './releases.ts';

const run = promisify(execFile);

/** The operations that each module asks. */
const OPERATIONS_OF = {
  boot_info: ['check', 'inspect', 'version'],
  initramfs: ['check', 'rebuild'],
  package_intact: ['reinstall'],
  kernel_lock: ['lock'],
  repair: ['repair'],
} as const;

/** What no request has: how the executable is found, and which operation is asked. */
const NO_FIELDS = ['executable', 'checksum', 'node'];
const SELECTS: Readonly<Record<string, readonly string[]>> = { boot_info: ['operations'], initramfs: ['state'] };

interface Field {
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly { readonly const?: string; readonly type?: string }[];
}
interface RequestSchema {
  readonly properties: Readonly<Record<string, Field>> & {
    readonly params: { readonly properties: Readonly<Record<string, Field>> };
  };
}
const requestOf = (op: string) =>
  JSON.parse(
    readFileSync(new URL(`../../schema/request-${op}.json`, import.meta.url), 'utf8'),
  ) as unknown as RequestSchema;

interface Option {
  readonly default?: unknown;
  readonly choices?: readonly string[];
  readonly description: readonly string[];
}
interface Documentation {
  readonly doc: {
    readonly options: Readonly<Record<string, Option>>;
    readonly attributes: Readonly<Record<string, { readonly support: string; readonly details?: readonly string[] }>>;
  };
  readonly examples: string;
  readonly return: Readonly<Record<string, unknown>>;
}

async function readDocumentation(release: Release): Promise<Readonly<Record<string, Documentation>>> {
  const folder = await mkdtemp(join(tmpdir(), 'bellwether-doc-'));
  try {
    await mkdir(join(folder, 'ansible_collections/bellwether'), { recursive: true });
    const source = fileURLToPath(new URL('../../ansible', import.meta.url));
    await symlink(source, join(folder, 'ansible_collections/bellwether/boot'));
    const names = Object.keys(OPERATIONS_OF).map((name) => `bellwether.boot.${name}`);
    const { stdout } = await run(join(programsOf(release), 'ansible-doc'), ['--json', '--type', 'module', ...names], {
      env: {
        ...process.env,
        LC_ALL: 'C.UTF-8',
        HOME: folder,
        ANSIBLE_HOME: folder,
        ANSIBLE_COLLECTIONS_PATH: folder,
        PYTHONDONTWRITEBYTECODE: '1',
      },
    });
    return JSON.parse(stdout) as Record<string, Documentation>;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe.each(RELEASES)('as ansible-doc of ansible-core %s reads it', (release) => {
  const reason = whyNot(`venv-ansible-${release}`);
  let documentation: Readonly<Record<string, Documentation>>;
  beforeAll(async () => {
    if (reason === null) documentation = await readDocumentation(release);
  });

  describe.each(Object.entries(OPERATIONS_OF))('%s', (name, operations) => {
    const described = () => documentation[`bellwether.boot.${name}`]!;
    const fields = Object.assign({}, ...operations.map((op) => requestOf(op).properties.params.properties)) as Record<
      string,
      Field
    >;

    describeUnless(reason, 'has', () => {
      test('an option for each parameter of the requests that it makes, and no other', () => {
        const others = [...NO_FIELDS, ...(SELECTS[name] ?? []), 'root', 'timeout', 'detail'];
        expect(Object.keys(described().doc.options).sort()).toEqual([...others, ...Object.keys(fields)].sort());
      });

      test('the defaults of the request, declared or in words', () => {
        const { properties } = requestOf(operations[0]);
        const { root, timeout, detail, ...options } = described().doc.options;
        expect([root?.default, timeout?.default, detail?.default]).toEqual([
          properties.root?.default,
          properties.timeout_s?.default,
          properties.detail?.default,
        ]);
        for (const [field, { default: wanted }] of Object.entries(fields)) {
          const { default: declared, description } = options[field]!;
          if (declared !== undefined && declared !== null)
            expect({ field, declared }).toEqual({ field, declared: wanted });
          else if (typeof wanted === 'string')
            expect(description.join(' ')).toContain(`V(${wanted}), which it is where`);
        }
      });

      test('the choices of the request where it names them', () => {
        for (const [field, { enum: words, anyOf }] of Object.entries(fields)) {
          const { choices } = described().doc.options[field]!;
          const flag = anyOf?.some(({ type }) => type === 'boolean') === true;
          const wanted = flag ? [...anyOf.flatMap((each) => each.const ?? []), 'true', 'false'] : words;
          if (choices !== undefined) expect({ field, choices }).toEqual({ field, choices: wanted });
        }
      });

      test('a word on each of its limits', () => {
        const { attributes } = described().doc;
        expect(Object.keys(attributes).sort()).toEqual(
          expect.arrayContaining(['action', 'async', 'check_mode', 'diff_mode', 'platform']),
        );
        for (const [attribute, { support, details }] of Object.entries(attributes)) {
          if (support !== 'full') expect({ attribute, details }).toMatchObject({ details: [expect.any(String)] });
        }
      });

      test('a return value for each answer that it may hand on', () => {
        const { return: returned, examples } = described();
        expect(Object.keys(returned)).toEqual(
          expect.arrayContaining([...operations, 'executable', 'shipped', 'error', 'answer']),
        );
        expect('changes' in returned).toBe(operations.some((op) => !['check', 'inspect', 'version'].includes(op)));
        expect(examples).toContain(`bellwether.boot.${name}:`);
      });
    });
  });
});
