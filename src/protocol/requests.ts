/** The requests of protocol 1. A field that has a default may be left out. */
import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { closed, literals } from './shapes.ts';
import { COMPRESSIONS, PLATFORMS, type OPERATIONS } from './words.ts';

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
      root: Type.Unsafe<string>({
        ...AbsolutePath('The root of the host to read, as an absolute path.'),
        default: '/',
      }),
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

/** By what a host is judged beside its own facts: the same for the check and for what mends what it finds. */
const terms = {
  platform: literals(['auto', ...PLATFORMS], {
    default: 'auto',
    description: 'The drivers that this platform needs are required too.',
  }),
  ignore: Type.Array(Type.String({ pattern: '^[a-z][a-z0-9_]*$', maxLength: 64 }), {
    default: [],
    maxItems: 128,
    description: 'Finding codes that this site accepts: they stay in the answer, marked, and do not count.',
  }),
};

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
      image: Type.Optional(
        AbsolutePath('One file to judge as the image of the selected kernel, as an absolute path on this machine.'),
      ),
      ...terms,
      baseline: Type.Optional(
        Type.Unsafe<string>({
          anyOf: [{ const: 'rescue' }, AbsolutePath('An image file, as an absolute path.')],
          description: 'An image to compare with: an absolute path, or "rescue".',
        }),
      ),
    },
    { ...closed, default: {}, required: [] },
  ),
);

/** As rpm and dpkg allow it: no leading dash, no slash, no white space, no colon, no glob. */
const PackageName = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: '^[A-Za-z0-9][A-Za-z0-9+._-]*$',
  description: 'The name of a package, without version and architecture.',
});
const Packages = (description: string, more: object = {}) =>
  Type.Unsafe<string[]>(
    Type.Array(PackageName, { minItems: 1, maxItems: 64, uniqueItems: true, description, ...more }),
  );

export const ReinstallRequest = envelope(
  'reinstall',
  Type.Object(
    {
      packages: Packages('The packages to look at.', { default: ['kmod'] }),
      when: literals(['damaged', 'always'], {
        default: 'damaged',
        description: 'Which of them to reinstall: those whose files the package manager says are damaged, or all.',
      }),
      clean_cache: Type.Boolean({
        default: true,
        description:
          "Download anew, so that no damaged download is used again, and empty the package manager's caches afterwards.",
      }),
    },
    { ...closed, default: {}, required: [] },
  ),
);

/** The name of a kernel module or of a dracut module: no leading dash, no slash, no white space. */
const ModuleName = Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$' });
const ModuleNames = (description: string) =>
  Type.Array(ModuleName, { default: [], maxItems: 128, uniqueItems: true, description });

export const RebuildRequest = envelope(
  'rebuild',
  Type.Object(
    {
      kernels: Kernels,
      when: literals(['unhealthy', 'stale', 'always'], {
        default: 'unhealthy',
        description: 'Which images to rebuild: those that would not boot, those that are out of date too, or all.',
      }),
      hostonly: Type.Unsafe<'keep' | boolean>({
        anyOf: [{ const: 'keep' }, { type: 'boolean' }],
        default: 'keep',
        description: '"keep" (as the old image was built, else as configured), or whether only for this host.',
      }),
      add_drivers: ModuleNames('Kernel modules that must be in the image.'),
      omit_drivers: ModuleNames('Kernel modules that must not be in the image.'),
      add_modules: ModuleNames('dracut modules that must be in the image.'),
      omit_modules: ModuleNames('dracut modules that must not be in the image.'),
      compress: literals(['keep', ...COMPRESSIONS], {
        default: 'keep',
        description: '"keep" (as the old image, where the kernel can unpack that), or the compression to use.',
      }),
      backup: Type.Boolean({ default: true, description: 'Keep the old image beside the new one.' }),
      ...terms,
    },
    { ...closed, default: {}, required: [] },
  ),
);

export const LockRequest = envelope(
  'lock',
  Type.Object(
    {
      state: literals(['locked', 'unlocked'], { default: 'locked' }),
      packages: Type.Optional(
        Packages('The packages to lock or unlock; left out: all packages of the kernel that are installed.'),
      ),
      version: Type.String({
        default: 'installed',
        maxLength: 128,
        pattern: '^(installed|running|([0-9]+:)?[A-Za-z0-9][A-Za-z0-9+._~^-]*)$',
        description: '"installed" (the newest that is), "running", or [epoch:]version-release.',
      }),
      install: Type.Boolean({ default: false, description: 'Install exactly these versions first.' }),
      make_default: Type.Boolean({ default: false, description: 'Make the locked kernel what boots next.' }),
      exclusive: Type.Boolean({ default: true, description: 'Other locks on these packages go.' }),
    },
    { ...closed, default: {}, required: [] },
  ),
);

export const RepairRequest = envelope(
  'repair',
  Type.Object(
    {
      kernels: Kernels,
      reinstall: Type.Boolean({ default: true, description: 'Damaged packages may be reinstalled.' }),
      max_rounds: Type.Integer({ default: 3, minimum: 1, maximum: 10 }),
      ...terms,
    },
    { ...closed, default: {}, required: [] },
  ),
);

export const REQUESTS = {
  version: VersionRequest,
  inspect: InspectRequest,
  check: CheckRequest,
  reinstall: ReinstallRequest,
  rebuild: RebuildRequest,
  lock: LockRequest,
  repair: RepairRequest,
} as const;

export type VersionRequest = Static<typeof VersionRequest>;
export type InspectRequest = Static<typeof InspectRequest>;
export type CheckRequest = Static<typeof CheckRequest>;
export type ReinstallRequest = Static<typeof ReinstallRequest>;
export type RebuildRequest = Static<typeof RebuildRequest>;
export type LockRequest = Static<typeof LockRequest>;
export type RepairRequest = Static<typeof RepairRequest>;
/** What may change a host. */
export type MendRequest = ReinstallRequest | RebuildRequest | LockRequest | RepairRequest;
export type Request = VersionRequest | InspectRequest | CheckRequest | MendRequest;
