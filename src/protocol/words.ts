/** The closed vocabularies of protocol 1. */
export const OPERATIONS = ['version', 'inspect', 'check'] as const;
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
  'timed_out',
  'busy',
  'internal',
] as const;

export type Operation = (typeof OPERATIONS)[number];
export type Verdict = (typeof VERDICTS)[number];
export type Severity = (typeof SEVERITIES)[number];
export type Repair = (typeof REPAIRS)[number];
export type Checkpoint = (typeof CHECKPOINTS)[number];
export type CheckpointState = (typeof CHECKPOINT_STATES)[number];
export type Platform = (typeof PLATFORMS)[number];
export type FactSource = (typeof FACT_SOURCES)[number];
export type ErrorCode = (typeof ERROR_CODES)[number];
