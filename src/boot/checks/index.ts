import type { Check } from '../types.ts';
import { bootElsewhere } from './boot-elsewhere.ts';
import { bootNotMounted } from './boot-not-mounted.ts';
import { compressionUnsupported } from './compression-unsupported.ts';
import { defaultEntryStale } from './default-entry-stale.ts';
import { driverMissing } from './driver-missing.ts';
import { entryFileMissing } from './entry-file-missing.ts';
import { entryForeignMachineId } from './entry-foreign-machine-id.ts';
import { entryWithoutImage } from './entry-without-image.ts';
import { filesystemDriverMissing } from './filesystem-driver-missing.ts';
import { imageCorrupt } from './image-corrupt.ts';
import { imageEmpty } from './image-empty.ts';
import { imageMissing } from './image-missing.ts';
import { imageTooLarge } from './image-too-large.ts';
import { imageTruncated } from './image-truncated.ts';
import { lz4ModernFrame } from './lz4-modern-frame.ts';
import { memberIgnored } from './member-ignored.ts';
import { moduleIndexEmpty } from './module-index-empty.ts';
import { moduleNotIndexed } from './module-not-indexed.ts';
import { onlyEarlyCpio } from './only-early-cpio.ts';
import { segmentMisaligned } from './segment-misaligned.ts';
import { versionMismatch } from './version-mismatch.ts';
import { xzCheckUnsupported } from './xz-check-unsupported.ts';

/** Every rule, in boot order. A new rule is one file here and one line below. */
export const CHECKS: readonly Check[] = [
  // loader
  imageMissing,
  entryWithoutImage,
  entryFileMissing,
  defaultEntryStale,
  entryForeignMachineId,
  bootElsewhere,
  bootNotMounted,
  versionMismatch,
  // unpack
  imageEmpty,
  imageTruncated,
  imageCorrupt,
  compressionUnsupported,
  xzCheckUnsupported,
  lz4ModernFrame,
  segmentMisaligned,
  onlyEarlyCpio,
  imageTooLarge,
  memberIgnored,
  // drivers
  moduleIndexEmpty,
  moduleNotIndexed,
  driverMissing,
  filesystemDriverMissing,
];
