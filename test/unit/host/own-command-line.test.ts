import { describe, expect, it } from '@jest/globals';
import { ownCommandLine } from '../../../src/host/loader/own-command-line.ts';
import type { LoaderEntry } from '../../../src/host/types.ts';

const entry = (cmdline: string, more: Partial<LoaderEntry> = {}): LoaderEntry => ({
  id: 'one',
  title: 'one',
  type: 'bls1',
  source: '/boot/loader/entries/one.conf',
  kernel: '6.1',
  linux: { raw: '/vmlinuz', path: '/boot/vmlinuz', exists: true },
  initrds: [],
  cmdline,
  machineId: null,
  architecture: null,
  rescue: false,
  unresolved: [],
  ...more,
});
const own = (entries: readonly LoaderEntry[], defaultEntry: number | null = 0) =>
  ownCommandLine({ entries, defaultEntry });

describe('the command line that a host boots with', () => {
  it('is that of what boots next', () => {
    expect(own([entry('root=/dev/a'), entry('root=/dev/b')], 1)).toBe('root=/dev/b');
  });

  it('is that of another entry where this one does not tell, or rescues', () => {
    expect(own([entry('root=/dev/a', { rescue: true }), entry('root=/dev/b')])).toBe('root=/dev/b');
    expect(own([entry('$kernelopts', { unresolved: ['kernelopts'] }), entry('root=/dev/b')])).toBe('root=/dev/b');
    expect(own([entry('root=/dev/b')], null)).toBe('root=/dev/b');
  });

  it('is not known where no entry boots Linux with one', () => {
    expect(own([], null)).toBeNull();
    expect(own([entry('')])).toBeNull();
    expect(own([entry('x', { linux: null })])).toBeNull();
  });
});
