/** The closed vocabularies of protocol 1. */
export const OPERATIONS = ['version', 'inspect', 'check', 'reinstall', 'rebuild', 'lock', 'repair'] as const;
export const VERDICTS = ['healthy', 'unhealthy', 'unknown'] as const;
export const SEVERITIES = ['fatal', 'warning', 'note'] as const;
export const REPAIRS = ['reinstall', 'rebuild', 'depmod', 'lock', 'configure', 'free_space', 'mount'] as const;
/** In the order that the boot takes them. */
export const CHECKPOINTS = ['loader', 'unpack', 'init', 'drivers', 'devices', 'root', 'switch-root', 'host'] as const;
export const CHECKPOINT_STATES = ['passed', 'warned', 'failed', 'unknown'] as const;
export const PLATFORMS = ['kvm', 'vmware', 'hyperv', 'xen', 'aws', 'gce', 'azure', 'metal'] as const;
export const FACT_SOURCES = ['live', 'mounted', 'captured', 'offline'] as const;
export const ERROR_CODES = [
  'bad_request',
  'unsupported_protocol',
  'unknown_operation',
  'bad_usage',
  'root_absent',
  'kernel_absent',
  'image_unreadable',
  'baseline_absent',
  'not_permitted',
  'program_absent',
  'not_supported',
  'package_manager_absent',
  'package_absent',
  'version_absent',
  'repository_unreachable',
  'generator_absent',
  'boot_full',
  'boot_read_only',
  'boot_not_mounted',
  'command_failed',
  'not_effective',
  'image_refused',
  'timed_out',
  'interrupted',
  'busy',
  'internal',
] as const;

/**
 * What a step of a plan does; `clear`: a file goes that a run left behind, or that has served; `configure`: packages that
 * are unpacked get their scripts run.
 */
export const ACTIONS = [
  'clean_cache',
  'clear',
  'download',
  'configure',
  'reinstall',
  'install',
  'depmod',
  'build',
  'replace',
  'unlock',
  'lock',
  'make_default',
] as const;
/** In what a file may differ from what its package brought: the columns of `rpm -V`. */
export const DIFFERENCES = [
  'missing',
  'size',
  'mode',
  'digest',
  'device',
  'link',
  'owner',
  'group',
  'mtime',
  'capabilities',
] as const;
/** The compressions that the kernel's initramfs code knows, by its own config names, plus none. */
export const COMPRESSIONS = ['none', 'gzip', 'bzip2', 'lzma', 'xz', 'lzo', 'lz4', 'zstd'] as const;

export type Operation = (typeof OPERATIONS)[number];
export type Verdict = (typeof VERDICTS)[number];
export type Severity = (typeof SEVERITIES)[number];
export type Repair = (typeof REPAIRS)[number];
export type Checkpoint = (typeof CHECKPOINTS)[number];
export type CheckpointState = (typeof CHECKPOINT_STATES)[number];
export type Platform = (typeof PLATFORMS)[number];
export type FactSource = (typeof FACT_SOURCES)[number];
export type ErrorCode = (typeof ERROR_CODES)[number];
export type Difference = (typeof DIFFERENCES)[number];
export type Compression = (typeof COMPRESSIONS)[number];
