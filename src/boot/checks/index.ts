import type { Check } from '../types.ts';
import { bcacheMissing } from './bcache-missing.ts';
import { bootElsewhere } from './boot-elsewhere.ts';
import { bootFull } from './boot-full.ts';
import { bootInterrupted } from './boot-interrupted.ts';
import { bootNearlyFull } from './boot-nearly-full.ts';
import { bootNotMounted } from './boot-not-mounted.ts';
import { bootProgramMissing } from './boot-program-missing.ts';
import { btrfsMissing } from './btrfs-missing.ts';
import { compressionUnsupported } from './compression-unsupported.ts';
import { cryptMissing } from './crypt-missing.ts';
import { cryptoDriverMissing } from './crypto-driver-missing.ts';
import { crypttabStale } from './crypttab-stale.ts';
import { defaultEntryStale } from './default-entry-stale.ts';
import { dlopenLibraryMissing } from './dlopen-library-missing.ts';
import { dmTargetMissing } from './dm-target-missing.ts';
import { dracutModuleAbsent } from './dracut-module-absent.ts';
import { driverBlocked } from './driver-blocked.ts';
import { driverMissing } from './driver-missing.ts';
import { entryFileMissing } from './entry-file-missing.ts';
import { entryForeignMachineId } from './entry-foreign-machine-id.ts';
import { entryWithoutImage } from './entry-without-image.ts';
import { filesystemDriverMissing } from './filesystem-driver-missing.ts';
import { fipsHmac } from './fips-hmac.ts';
import { firmwareMissing } from './firmware-missing.ts';
import { fstabUnknown } from './fstab-unknown.ts';
import { grubConfigMissing } from './grub-config-missing.ts';
import { grubStubStale } from './grub-stub-stale.ts';
import { hostModuleIndex } from './host-module-index.ts';
import { imageCorrupt } from './image-corrupt.ts';
import { imageEmpty } from './image-empty.ts';
import { imageMissing } from './image-missing.ts';
import { imageStale } from './image-stale.ts';
import { imageTooLarge } from './image-too-large.ts';
import { imageTruncated } from './image-truncated.ts';
import { initMissing } from './init-missing.ts';
import { initrdOverlaid } from './initrd-overlaid.ts';
import { inputDriverMissing } from './input-driver-missing.ts';
import { installonlyLimitRisk } from './installonly-limit-risk.ts';
import { iscsiMissing } from './iscsi-missing.ts';
import { kernelDamaged } from './kernel-damaged.ts';
import { kernelDrift } from './kernel-drift.ts';
import { kernelUnsigned } from './kernel-unsigned.ts';
import { kmodMissing } from './kmod-missing.ts';
import { libraryMissing } from './library-missing.ts';
import { loaderMissing } from './loader-missing.ts';
import { lockDrifted } from './lock-drifted.ts';
import { lockIncomplete } from './lock-incomplete.ts';
import { lockMissing } from './lock-missing.ts';
import { luksKeyMissing } from './luks-key-missing.ts';
import { luksUnknown } from './luks-unknown.ts';
import { luksUnlisted } from './luks-unlisted.ts';
import { lvUnknown } from './lv-unknown.ts';
import { lvUnlisted } from './lv-unlisted.ts';
import { lvmDevicesStale } from './lvm-devices-stale.ts';
import { lvmMissing } from './lvm-missing.ts';
import { lvmPassedOver } from './lvm-passed-over.ts';
import { lz4ModernFrame } from './lz4-modern-frame.ts';
import { mdUnknown } from './md-unknown.ts';
import { mdUnlisted } from './md-unlisted.ts';
import { mdadmStale } from './mdadm-stale.ts';
import { mdraidMissing } from './mdraid-missing.ts';
import { memberIgnored } from './member-ignored.ts';
import { modprobeRedirected } from './modprobe-redirected.ts';
import { moduleCompressionUnsupported } from './module-compression-unsupported.ts';
import { moduleDamaged } from './module-damaged.ts';
import { moduleDependencyMissing } from './module-dependency-missing.ts';
import { moduleIndexDangling } from './module-index-dangling.ts';
import { moduleIndexEmpty } from './module-index-empty.ts';
import { moduleIndexTruncated } from './module-index-truncated.ts';
import { moduleNotIndexed } from './module-not-indexed.ts';
import { moduleUnsigned } from './module-unsigned.ts';
import { modulesMissing } from './modules-missing.ts';
import { multipathMissing } from './multipath-missing.ts';
import { multipathStale } from './multipath-stale.ts';
import { nfsMissing } from './nfs-missing.ts';
import { onlyEarlyCpio } from './only-early-cpio.ts';
import { ostreeMissing } from './ostree-missing.ts';
import { packagesDamaged } from './packages-damaged.ts';
import { platformDriverMissing } from './platform-driver-missing.ts';
import { programDamaged } from './program-damaged.ts';
import { resumeUnknown } from './resume-unknown.ts';
import { rootInitMissing } from './root-init-missing.ts';
import { rootMountPointMissing } from './root-mount-point-missing.ts';
import { rootUnknown } from './root-unknown.ts';
import { rootfstypeWrong } from './rootfstype-wrong.ts';
import { scriptDamaged } from './script-damaged.ts';
import { scriptMissing } from './script-missing.ts';
import { segmentMisaligned } from './segment-misaligned.ts';
import { squashUnreadable } from './squash-unreadable.ts';
import { udevMissing } from './udev-missing.ts';
import { unitMissing } from './unit-missing.ts';
import { vermagicMismatch } from './vermagic-mismatch.ts';
import { udevRulesMissing } from './udev-rules-missing.ts';
import { versionMismatch } from './version-mismatch.ts';
import { wrongArch } from './wrong-arch.ts';
import { xzCheckUnsupported } from './xz-check-unsupported.ts';

/** Every rule, in boot order. A new rule is one file here and one line below. */
export const CHECKS: readonly Check[] = [
  // loader
  loaderMissing,
  imageMissing,
  entryWithoutImage,
  grubConfigMissing,
  grubStubStale,
  kernelDamaged,
  kernelUnsigned,
  entryFileMissing,
  initrdOverlaid,
  defaultEntryStale,
  entryForeignMachineId,
  bootElsewhere,
  bootNotMounted,
  versionMismatch,
  kernelDrift,
  wrongArch,
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
  // init
  bootInterrupted,
  initMissing,
  libraryMissing,
  dlopenLibraryMissing,
  bootProgramMissing,
  programDamaged,
  scriptMissing,
  scriptDamaged,
  unitMissing,
  // drivers
  moduleIndexEmpty,
  moduleNotIndexed,
  driverMissing,
  filesystemDriverMissing,
  moduleIndexDangling,
  moduleIndexTruncated,
  hostModuleIndex,
  modulesMissing,
  platformDriverMissing,
  vermagicMismatch,
  moduleDamaged,
  moduleDependencyMissing,
  cryptoDriverMissing,
  inputDriverMissing,
  firmwareMissing,
  moduleUnsigned,
  moduleCompressionUnsupported,
  driverBlocked,
  // devices
  udevMissing,
  udevRulesMissing,
  kmodMissing,
  lvmMissing,
  cryptMissing,
  mdraidMissing,
  btrfsMissing,
  bcacheMissing,
  multipathMissing,
  iscsiMissing,
  nfsMissing,
  dmTargetMissing,
  modprobeRedirected,
  ostreeMissing,
  squashUnreadable,
  // root
  rootUnknown,
  rootfstypeWrong,
  lvUnknown,
  lvUnlisted,
  luksKeyMissing,
  luksUnknown,
  luksUnlisted,
  mdUnknown,
  mdUnlisted,
  resumeUnknown,
  crypttabStale,
  mdadmStale,
  multipathStale,
  lvmDevicesStale,
  lvmPassedOver,
  fipsHmac,
  dracutModuleAbsent,
  imageStale,
  // switch-root
  rootInitMissing,
  rootMountPointMissing,
  fstabUnknown,
  // host
  bootFull,
  bootNearlyFull,
  packagesDamaged,
  lockMissing,
  lockDrifted,
  lockIncomplete,
  installonlyLimitRisk,
];
