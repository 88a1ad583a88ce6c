# All of it may be left out. What the state files bellwether.healthy, .repaired and .locked ask for on these hosts.
bellwether:
  # executable: /opt/bellwether/bellwether.cjs  # where the formula puts it and the functions look for it
  # node: /usr/bin/node                         # the Node.js to run it on, where the one in PATH is too old
  # source: https://mirror.example/bellwether.cjs
  # source_hash: sha256=...                     # needed for a URL
  check:
    kernels: all
    platform: kvm
    ignore:
      - image_stale
  repair:
    kernels: all
  lock:
    version: running  # or one as 4.18.0-348.el8, and 'install: True' to install it first
