/** The answers of protocol 1. */
import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { closed, literals, nullable } from './shapes.ts';
import {
  ACTIONS,
  CHECKPOINTS,
  CHECKPOINT_STATES,
  DIFFERENCES,
  ERROR_CODES,
  FACT_SOURCES,
  OPERATIONS,
  PLATFORMS,
  REPAIRS,
  SEVERITIES,
  VERDICTS,
} from './words.ts';

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
    remake: Type.Optional(
      Type.Object(
        {
          images: Type.Array(Type.String(), {
            description: 'The files that a generator has to write; none where none may.',
          }),
          generator: nullable(
            Type.String({
              description: 'The one that the host has; where that is not known, the one that made the image.',
            }),
          ),
          because: nullable(Type.String({ description: 'Why no generator may be run for this kernel.' })),
          command: nullable(Type.Array(Type.String(), { description: 'What makes its image anew then.' })),
        },
        { ...closed, description: 'How the images of this kernel are made anew.' },
      ),
    ),
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

const Change = Type.Object(
  {
    what: Type.String({ description: 'The file, the package or the lock.' }),
    before: Type.Unknown(),
    after: Type.Unknown(),
  },
  closed,
);

const common = <O extends TSchema>(op: O) => ({
  protocol: Type.Literal(1),
  op,
  version: Type.String({ description: 'The version of bellwether that answered.' }),
  changed: Type.Boolean(),
  changes: Type.Array(Change, { description: 'In a dry run: what the run would change; the same list.' }),
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

const Step = Type.Object(
  {
    action: literals(ACTIONS),
    what: Type.String({ description: 'The package, the file or the kernel.' }),
    command: nullable(Type.Array(Type.String(), { description: 'The argument list, where a program does it.' })),
    because: Type.String({ description: 'The finding or the fact that asks for it, in words.' }),
  },
  closed,
);

/**
 * What every answer of an operation that may change a host holds: the plan, and what the check says now. A lock or a
 * reinstall with nothing to do judges nothing: its verdict is unknown, its lists are empty but for the reason.
 */
const mended = {
  dry_run: Type.Boolean(),
  steps: Type.Array(Step, { description: 'The plan: in a dry run what would be done, else what was done.' }),
  facts: literals(FACT_SOURCES, { description: 'Where the facts came from.' }),
  verdict: Verdict,
  kernels: Type.Array(KernelReport),
  findings: Type.Array(Finding, { description: 'What the check finds now: in a dry run, before.' }),
  unknowns: Type.Array(Unknown),
};

const DamagedFile = Type.Object(
  { path: Type.String(), differs: Type.Array(literals(DIFFERENCES)), harmless: Type.Boolean() },
  closed,
);

export const ReinstallAnswer = Type.Object(
  {
    ...common(Type.Literal('reinstall')),
    ...mended,
    packages: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          version: Type.String({ description: '[epoch:]version-release, as installed.' }),
          arch: Type.String(),
          damaged: Type.Boolean({ description: 'As found, before anything was done.' }),
          files: Type.Array(DamagedFile, { description: 'What differs from what the package brought, as found.' }),
          reinstalled: Type.Boolean({ description: 'Whether it was reinstalled, or in a dry run would be.' }),
        },
        closed,
      ),
    ),
  },
  { ...closed, title: 'bellwether answer: reinstall' },
);

const ImageState = Type.Object(
  {
    size: Type.Integer({ minimum: 0, description: 'Bytes.' }),
    modules: Type.Integer({ minimum: 0, description: 'Kernel module files for this kernel.' }),
    indexed: nullable(Type.Integer({ minimum: 0, description: 'Modules that its modules.dep.bin names.' })),
    verdict: Verdict,
    findings: Type.Array(Type.String(), { description: 'Codes, each once.' }),
  },
  closed,
);

const RebuiltImage = Type.Object(
  {
    kernel: Type.String(),
    path: Type.String(),
    rebuilt: Type.Boolean({ description: 'Whether it was rebuilt, or in a dry run would be.' }),
    because: Type.String(),
    before: nullable(ImageState),
    after: nullable(ImageState),
    findings_gone: Type.Array(Type.String()),
    backup: nullable(Type.String({ description: 'Where the old image is kept.' })),
    build_ms: nullable(Type.Integer({ minimum: 0, description: "The generator's time." })),
  },
  closed,
);

export const RebuildAnswer = Type.Object(
  { ...common(Type.Literal('rebuild')), ...mended, images: Type.Array(RebuiltImage) },
  { ...closed, title: 'bellwether answer: rebuild' },
);

export const LockAnswer = Type.Object(
  {
    ...common(Type.Literal('lock')),
    ...mended,
    locks: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          version: Type.String({ description: '[epoch:]version-release, perhaps with wildcards.' }),
          line: Type.String({ description: 'As it stands where it is kept.' }),
          source: Type.String({ description: 'The file that keeps it, or the package database.' }),
        },
        closed,
      ),
      { description: 'The locks on these packages now, or in a dry run as they would be.' },
    ),
  },
  { ...closed, title: 'bellwether answer: lock' },
);

export const RepairAnswer = Type.Object(
  {
    ...common(Type.Literal('repair')),
    ...mended,
    rounds: Type.Array(
      Type.Object(
        {
          steps: Type.Array(Step),
          failed: nullable(
            Type.String({ description: 'Why the steps did not come to their end, where they did not.' }),
          ),
          verdict: Verdict,
          findings: Type.Array(Type.String(), { description: 'Codes that the check finds after it.' }),
        },
        closed,
      ),
      { description: 'What was tried, and what the check said after each.' },
    ),
    images: Type.Array(RebuiltImage),
  },
  { ...closed, title: 'bellwether answer: repair' },
);

export const ErrorAnswer = Type.Object(
  {
    protocol: Type.Literal(1),
    op: nullable(Type.String({ description: 'The operation asked for, where it could be read.' })),
    version: Type.String(),
    changed: Type.Boolean(),
    changes: Type.Array(Change, { description: 'What had been changed by then, and stays changed.' }),
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
  reinstall: ReinstallAnswer,
  rebuild: RebuildAnswer,
  lock: LockAnswer,
  repair: RepairAnswer,
  error: ErrorAnswer,
} as const;

export type Finding = Static<typeof Finding>;
export type Unknown = Static<typeof Unknown>;
export type KernelReport = Static<typeof KernelReport>;
export type ErrorObject = Static<typeof ErrorObject>;
export type VersionAnswer = Static<typeof VersionAnswer>;
export type InspectAnswer = Static<typeof InspectAnswer>;
export type CheckAnswer = Static<typeof CheckAnswer>;
export type Change = Static<typeof Change>;
export type Step = Static<typeof Step>;
export type DamagedFile = Static<typeof DamagedFile>;
export type RebuiltImage = Static<typeof RebuiltImage>;
export type ImageState = Static<typeof ImageState>;
export type ReinstallAnswer = Static<typeof ReinstallAnswer>;
export type RebuildAnswer = Static<typeof RebuildAnswer>;
export type LockAnswer = Static<typeof LockAnswer>;
export type RepairAnswer = Static<typeof RepairAnswer>;
export type MendAnswer = ReinstallAnswer | RebuildAnswer | LockAnswer | RepairAnswer;
export type ErrorAnswer = Static<typeof ErrorAnswer>;
export type Answer = VersionAnswer | InspectAnswer | CheckAnswer | MendAnswer | ErrorAnswer;
