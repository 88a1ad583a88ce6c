import type { StorageNode } from '../types.ts';

/** A node of which nothing is known yet but what it is. */
export const EMPTY_NODE: Omit<StorageNode, 'id' | 'kind' | 'name' | 'type'> = {
  mountPoints: [],
  fsRoot: null,
  uuid: null,
  label: null,
  partuuid: null,
  partlabel: null,
  vg: null,
  lv: null,
  details: [],
  below: [],
  drivers: [],
};
