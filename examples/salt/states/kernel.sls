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

# The package made its image while it was installed: if that came out bad, or not at all, it is built anew.
its image is good:
  bellwether.rebuilt:
    - require:
        - bellwether: the kernel is the one that was tested

this host will boot:
  bellwether.healthy:
    - require:
        - bellwether: its image is good
