import { describe, expect, it } from '@jest/globals';
import { mirrorOf, parseSources } from '../../setup/apt-sources.mjs';

const SECURITY_FIRST = `
# deb http://old.example/debian bookworm main
deb http://security.example/debian-security bookworm-security main
deb-src http://mirror.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://mirror.example/debian bookworm main contrib # ours
`;

const STANZAS = `Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb deb-src
# a comment inside
URIs:
 http://mirror.example/debian
 http://second.example/debian
Suites: bookworm bookworm-updates
Components: main
Trusted: yes
`;

describe('the mirror that apt uses', () => {
  it('is that of the whole distribution, not of its security updates', () => {
    expect(mirrorOf(parseSources('sources.list', SECURITY_FIRST))).toEqual({
      uri: 'http://mirror.example/debian',
      trusted: false,
    });
  });

  it('is read from stanzas too, where values may stand on lines of their own', () => {
    expect(mirrorOf(parseSources('debian.sources', STANZAS))).toEqual({
      uri: 'http://mirror.example/debian',
      trusted: true,
    });
  });

  it('is not that of another vendor, whose packages are in no component called main', () => {
    expect(mirrorOf(parseSources('vendor.list', 'deb https://vendor.example/apt stable vendor\n'))).toBeNull();
    expect(mirrorOf([])).toBeNull();
  });
});
