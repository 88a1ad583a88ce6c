# All of it may be left out. How the state file bellwether.healthy asks on these hosts, and what with.
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
