import { withHost, type Host } from './host.ts';

/** The kernels of the lab's repository, and the versions of their packages. */
export const K = { old: '6.1.0-50-amd64', new: '6.1.0-56-amd64' } as const;
export const VERSION = { old: '6.1.176-1', new: '6.1.192-2' } as const;

/** A repository in a folder: packages without content but one file, in versions that exist nowhere else; no other source. */
const PREPARE = `
mkdir -p /srv/repo && cd /srv/repo
make() {
  at=$(mktemp -d); mkdir -p "$at/DEBIAN" "$at/usr/share/lab" "$at/etc"
  echo "$1 $2" > "$at/usr/share/lab/$1"; echo "$1" > "$at/etc/$1.conf"
  printf '%s\\n' "Package: $1" "Version: $2" 'Architecture: amd64' 'Maintainer: lab <lab@localhost>' 'Section: kernel' 'Description: lab' "\${@:3}" > "$at/DEBIAN/control"
  echo "/etc/$1.conf" > "$at/DEBIAN/conffiles"
  (cd "$at" && md5sum "usr/share/lab/$1" > DEBIAN/md5sums)
  dpkg-deb --root-owner-group --build -Znone "$at" "/srv/repo/$1_$2_amd64.deb" > /dev/null
  rm -r "$at"
}
make toy 1.0-1; make toy 1.0-2; make toy 2.0-1; make other 1
for which in '${K.old} ${VERSION.old}' '${K.new} ${VERSION.new}'; do
  set -- $which
  make "linux-image-$1" "$2" 'Source: linux-signed-amd64'
  make linux-image-amd64 "$2" 'Source: linux-signed-amd64' "Depends: linux-image-$1 (= $2)"
done
cat > /usr/local/bin/index <<'END'
cd /srv/repo
for deb in *.deb; do
  dpkg-deb -f "$deb"
  printf 'Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n' "$deb" "$(stat -c %s "$deb")" "$(sha256sum "$deb" | cut -d' ' -f1)"
done > Packages
apt-get -qq update
END
chmod +x /usr/local/bin/index
rm -rf /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/preferences /etc/apt/preferences.d /var/lib/apt/lists
mkdir -p /etc/apt/sources.list.d /etc/apt/preferences.d
echo 'deb [trusted=yes] file:/srv/repo ./' > /etc/apt/sources.list
index
`;

/** Starts a throwaway host whose only repository is the lab's, with these packages of it installed, and hands it to the test. */
export function withAptHost(installed: readonly string[], test: (host: Host) => Promise<void>): Promise<void> {
  return withHost(async (host) => {
    await host.sh(PREPARE);
    if (installed.length > 0) await host.sh(`apt-get -qq -y install ${installed.join(' ')} 2>&1`);
    await test(host);
  });
}
