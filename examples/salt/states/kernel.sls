# One kernel on every host of a kind: installed, booted next, and moved by no update. The version stands in the pillar.
include:
  - bellwether

the kernel is the one that was tested:
  bellwether.kernels_locked:
    - version: {{ pillar['kernel_version'] | json }}
    - install: True
    - make_default: True
    - require:
        - file: bellwether executable
    # The package manager may be at work for someone else just now.
    - retry:
        attempts: 3
        interval: 60

this host will boot:
  bellwether.healthy:
    - require:
        - bellwether: the kernel is the one that was tested
