import { describe, expect, it } from '@jest/globals';
import { parseVerification } from '../../../src/packages/rpm/verify.ts';

/** `rpm -V --nodeps --noscripts -- kmod`, rpm 4.18, of a package with much done to it */
const KMOD = `S.5....T.  c /etc/depmod.d/dist.conf
S.5....T.    /usr/bin/kmod
....L....    /usr/sbin/depmod
missing     /usr/sbin/modinfo
missing   d /usr/share/doc/kmod/NEWS
S.5....T.  d /usr/share/doc/kmod/README
S.5....T.  l /usr/share/licenses/kmod/COPYING
.....UG..  g /var/cache/kmod.cache
`;

const harmful = (text: string) => parseVerification(text).flatMap(({ path, harmless }) => (harmless ? [] : [path]));

describe("rpm's verification", () => {
  it('says of each file what differs, and whether that is the host’s own affair', () => {
    expect(parseVerification(KMOD)).toEqual([
      { path: '/etc/depmod.d/dist.conf', differs: ['size', 'digest', 'mtime'], harmless: true },
      { path: '/usr/bin/kmod', differs: ['size', 'digest', 'mtime'], harmless: false },
      { path: '/usr/sbin/depmod', differs: ['link'], harmless: false },
      { path: '/usr/sbin/modinfo', differs: ['missing'], harmless: false },
      { path: '/usr/share/doc/kmod/NEWS', differs: ['missing'], harmless: true },
      { path: '/usr/share/doc/kmod/README', differs: ['size', 'digest', 'mtime'], harmless: true },
      { path: '/usr/share/licenses/kmod/COPYING', differs: ['size', 'digest', 'mtime'], harmless: true },
      { path: '/var/cache/kmod.cache', differs: ['owner', 'group'], harmless: true },
    ]);
  });

  it('a sound package prints nothing', () => {
    expect(parseVerification('')).toEqual([]);
  });

  it('another date alone is harmless, with anything else it is not', () => {
    expect(harmful('.......T.    /usr/bin/kmod\n.M.....T.    /usr/bin/dracut\n')).toEqual(['/usr/bin/dracut']);
  });

  it.each([
    ['.M.......    /usr/bin/kmod', 'mode'],
    ['...D.....    /dev/x', 'device'],
    ['.....U...    /usr/bin/kmod', 'owner'],
    ['......G..    /usr/bin/kmod', 'group'],
    ['........P    /usr/bin/ping', 'capabilities'],
    ['..5......    /usr/bin/kmod', 'digest'],
  ])('%s is damage', (line, difference) => {
    expect(parseVerification(line)).toMatchObject([{ differs: [difference], harmless: false }]);
  });

  it('rpm of EL 5 has eight columns, and calls the digest by the same column', () => {
    expect(parseVerification('S.5....T    /sbin/depmod\n')).toEqual([
      { path: '/sbin/depmod', differs: ['size', 'digest', 'mtime'], harmless: false },
    ]);
  });

  it('a prelinked program whose digest rpm could not ask for is taken as it is', () => {
    expect(harmful('S.?......    /usr/sbin/lvm\nS.?....T.    /usr/bin/xz\n')).toEqual([]);
    expect(harmful('SM?......    /usr/sbin/lvm\n')).toEqual(['/usr/sbin/lvm']);
  });

  it('names with blanks and brackets are whole', () => {
    expect(parseVerification('S.5....T.    /opt/a (b) c\n')).toMatchObject([{ path: '/opt/a (b) c' }]);
  });

  it('what was not allowed to be read is no verdict', () => {
    expect(() => parseVerification('..?......    /usr/bin/sudo (Permission denied)\n')).toThrow(/cannot be verified/);
    expect(parseVerification('missing     /etc/polkit-1/rules.d/x (Permission denied)\n')).toMatchObject([
      { path: '/etc/polkit-1/rules.d/x', differs: ['missing'] },
    ]);
  });

  it('a line that is not rpm’s is an error, not a sound package', () => {
    expect(() => parseVerification('Unsatisfied dependencies for kmod-25-19.el8.x86_64:\n')).toThrow(/not understood/);
  });
});
