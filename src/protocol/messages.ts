/**
 * The messages of protocol 1: the one source of the TypeScript types, of `schema/*.json` and of the validators
 * that the build compiles. Import the types from here; the schema values are for `scripts/generate.mjs` alone.
 */
import { Type, type Static, type TSchema } from '@sinclair/typebox';
import {
  OPERATIONS,
  VERDICTS,
  SEVERITIES,
  REPAIRS,
  CHECKPOINTS,
  CHECKPOINT_STATES,
  PLATFORMS,
  FACT_SOURCES,
  ERROR_CODES,
} from './words.ts';

export type * from './words.ts';

const closed = { additionalProperties: false } as const;
const literals = <const T extends readonly string[]>(
  values: T,
  options: { description?: string; default?: T[number] } = {},
) => Type.Unsafe<T[number]>({ type: 'string', enum: values, ...options });
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

// ---- requests ---------------------------------------------------------------------------------------------------

/** What `uname -r` prints: no slash, no white space, no leading dash or dot. */
const KernelName = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: '^[A-Za-z0-9_][A-Za-z0-9_.+~:-]*$',
  description: 'A kernel version as `uname -r` prints it.',
});
const AbsolutePath = (description: string) =>
  Type.String({ minLength: 1, maxLength: 4096, pattern: '^/[^\\u0000]*$', description });

const Kernels = Type.Unsafe<'default' | 'all' | 'running' | string[]>({
  anyOf: [
    { type: 'string', enum: ['default', 'all', 'running'] },
    { type: 'array', items: KernelName, minItems: 1, maxItems: 64 },
  ],
  default: 'default',
  description: '"default" (what boots next), "all", "running", or a list of kernel versions.',
});

const envelope = <O extends (typeof OPERATIONS)[number], P extends TSchema>(op: O, params: P) =>
  Type.Object(
    {
      protocol: Type.Literal(1),
      op: Type.Literal(op),
      root: Type.Unsafe<string>({ ...AbsolutePath('The root of the host to read.'), default: '/' }),
      dry_run: Type.Boolean({ default: false, description: 'Change nothing, answer what would change.' }),
      timeout_s: Type.Number({
        minimum: 1,
        maximum: 86400,
        default: 600,
        description: 'Time limit of the whole request, in seconds.',
      }),
      detail: literals(['summary', 'full'], {
        default: 'summary',
        description: '"summary" answers are at most 16 KiB.',
      }),
      params,
    },
    { ...closed, title: `bellwether request: ${op}`, required: ['protocol', 'op'] },
  );

export const VersionRequest = envelope('version', Type.Object({}, { ...closed, default: {} }));
export const InspectRequest = envelope(
  'inspect',
  Type.Object({ kernels: Kernels }, { ...closed, default: {}, required: [] }),
);
export const CheckRequest = envelope(
  'check',
  Type.Object(
    {
      kernels: Kernels,
      image: Type.Optional(AbsolutePath('Judge this one file as the image of the selected kernel.')),
      platform: literals(['auto', ...PLATFORMS], {
        default: 'auto',
        description: 'The drivers that this platform needs are required too.',
      }),
      ignore: Type.Array(Type.String({ pattern: '^[a-z][a-z0-9_]*$', maxLength: 64 }), {
        default: [],
        maxItems: 128,
        description: 'Finding codes that this site accepts: they stay in the answer, marked, and do not count.',
      }),
      baseline: Type.Optional(
        Type.Unsafe<string>({
          anyOf: [{ const: 'rescue' }, AbsolutePath('An image file.')],
          description: 'An image to compare with: a path, or "rescue".',
        }),
      ),
    },
    { ...closed, default: {}, required: [] },
  ),
);

export const REQUESTS = { version: VersionRequest, inspect: InspectRequest, check: CheckRequest } as const;

export type VersionRequest = Static<typeof VersionRequest>;
export type InspectRequest = Static<typeof InspectRequest>;
export type CheckRequest = Static<typeof CheckRequest>;
export type Request = VersionRequest | InspectRequest | CheckRequest;

// ---- answers ----------------------------------------------------------------------------------------------------

const Verdict = literals(VERDICTS);
const Checkpoint = literals(CHECKPOINTS);
const Evidence = Type.Record(Type.String(), Type.Unknown(), {
  description: 'What was seen: paths, offsets, sizes, the requirement served.',
});

const Finding = Type.Object(
  {
    code: Type.String({ pattern: '^[a-z][a-z0-9_]*$' }),
    severity: literals(SEVERITIES),
    checkpoint: Checkpoint,
    kernel: nullable(Type.String()),
    message: Type.String(),
    evidence: Evidence,
    repair: Type.Array(literals(REPAIRS), { description: 'Operations that mend it, in the order to try.' }),
    ignored: Type.Optional(
      Type.Boolean({ description: 'True where the request accepts this code: it does not count.' }),
    ),
  },
  closed,
);

const Unknown = Type.Object(
  {
    checkpoint: Checkpoint,
    kernel: nullable(Type.String()),
    what: Type.String({ description: 'What could not be read or decided.' }),
    reason: Type.String(),
  },
  closed,
);

const KernelReport = Type.Object(
  {
    kernel: Type.String(),
    entry: nullable(Type.String({ description: 'The boot loader entry judged: its file name or title.' })),
    default: Type.Boolean({ description: 'Whether this is what boots next.' }),
    image: nullable(Type.String({ description: 'The image judged; the last one where the entry names several.' })),
    images: Type.Array(Type.String(), { description: 'Every image that the entry names, in loading order.' }),
    verdict: Verdict,
    checkpoints: Type.Unsafe<Record<(typeof CHECKPOINTS)[number], (typeof CHECKPOINT_STATES)[number]>>(
      Type.Object(Object.fromEntries(CHECKPOINTS.map((name) => [name, literals(CHECKPOINT_STATES)])), closed),
    ),
    modules: Type.Integer({ minimum: 0, description: 'Kernel module files in the image for this kernel.' }),
  },
  closed,
);

const ErrorObject = Type.Object(
  {
    code: literals(ERROR_CODES),
    retry: Type.Boolean({ description: 'Whether the same request may succeed later, unchanged.' }),
    message: Type.String({ description: 'Names the key and the value.' }),
    hint: Type.Optional(Type.String()),
    at: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  closed,
);

const common = <O extends TSchema>(op: O) => ({
  protocol: Type.Literal(1),
  op,
  version: Type.String({ description: 'The version of bellwether that answered.' }),
  changed: Type.Boolean(),
  changes: Type.Array(Type.Object({ what: Type.String(), before: Type.Unknown(), after: Type.Unknown() }, closed)),
  summary: Type.String({ description: 'One sentence for a person.' }),
  truncated: Type.Optional(
    Type.Boolean({ description: 'True where lists were cut to keep the answer within 16 KiB.' }),
  ),
  error: Type.Null(),
  duration_ms: Type.Integer({ minimum: 0 }),
});

export const VersionAnswer = Type.Object(
  {
    ...common(Type.Literal('version')),
    protocols: Type.Array(Type.Integer()),
    operations: Type.Array(literals(OPERATIONS)),
    generator: nullable(Type.Object({ name: Type.String(), version: nullable(Type.String()) }, closed)),
    package_manager: nullable(Type.Object({ name: Type.String() }, closed)),
  },
  { ...closed, title: 'bellwether answer: version' },
);

export const InspectAnswer = Type.Object(
  {
    ...common(Type.Literal('inspect')),
    facts: Type.Object(
      {
        source: literals(FACT_SOURCES),
        root: Type.String(),
        os: nullable(Type.Object({ id: Type.String(), version: nullable(Type.String()), name: Type.String() }, closed)),
        arch: Type.String(),
        platform: Type.Object({ name: nullable(literals(PLATFORMS)), evidence: Type.String() }, closed),
        running: nullable(Type.String()),
        generator: nullable(Type.Object({ name: Type.String(), version: nullable(Type.String()) }, closed)),
        package_manager: nullable(Type.Object({ name: Type.String() }, closed)),
        loader: Type.Record(Type.String(), Type.Unknown()),
        storage: Type.Array(Type.Record(Type.String(), Type.Unknown())),
        kernels: Type.Array(Type.Record(Type.String(), Type.Unknown())),
        unread: Type.Array(Type.Object({ what: Type.String(), reason: Type.String() }, closed)),
      },
      closed,
    ),
  },
  { ...closed, title: 'bellwether answer: inspect' },
);

export const CheckAnswer = Type.Object(
  {
    ...common(Type.Literal('check')),
    facts: literals(FACT_SOURCES, { description: 'Where the facts came from.' }),
    verdict: Verdict,
    kernels: Type.Array(KernelReport),
    findings: Type.Array(Finding),
    unknowns: Type.Array(Unknown),
    fingerprint: Type.String({ maxLength: 128, pattern: '^v1:' }),
  },
  { ...closed, title: 'bellwether answer: check' },
);

export const ErrorAnswer = Type.Object(
  {
    protocol: Type.Literal(1),
    op: nullable(Type.String({ description: 'The operation asked for, where it could be read.' })),
    version: Type.String(),
    changed: Type.Boolean(),
    changes: Type.Array(Type.Object({ what: Type.String(), before: Type.Unknown(), after: Type.Unknown() }, closed)),
    summary: Type.String(),
    error: ErrorObject,
    duration_ms: Type.Integer({ minimum: 0 }),
  },
  { ...closed, title: 'bellwether answer: error' },
);

export const ANSWERS = {
  version: VersionAnswer,
  inspect: InspectAnswer,
  check: CheckAnswer,
  error: ErrorAnswer,
} as const;

export type Finding = Static<typeof Finding>;
export type Unknown = Static<typeof Unknown>;
export type KernelReport = Static<typeof KernelReport>;
export type ErrorObject = Static<typeof ErrorObject>;
export type VersionAnswer = Static<typeof VersionAnswer>;
export type InspectAnswer = Static<typeof InspectAnswer>;
export type CheckAnswer = Static<typeof CheckAnswer>;
export type ErrorAnswer = Static<typeof ErrorAnswer>;
export type Answer = VersionAnswer | InspectAnswer | CheckAnswer | ErrorAnswer;
