# One kernel on every host of a kind: installed, moved by no update, and booted next once its image is good. From pillar:
#   kernel_version  its [epoch:]version-release, as 4.18.0-348.el8
#   kernel          what `uname -r` will print of it; without it that version-release and the architecture, as on EL
{%- set kernel = salt['pillar.get']('kernel') or pillar['kernel_version'].split(':')[-1] ~ '.' ~ grains['cpuarch'] %}
include:
  - bellwether

the kernel that was tested is installed and locked:
  bellwether.kernels_locked:
    - version: {{ pillar['kernel_version'] | json }}
    - install: True
    - require:
        - file: bellwether executable

# The package makes its image while it is installed: if that came out bad, or not at all, it is built anew. In test mode
# there may be no such kernel yet, and nothing to say of its image.
its image is good:
  bellwether.rebuilt:
    - kernels:
        - {{ kernel | json }}
    - onlyif: test -d {{ ('/lib/modules/' ~ kernel) | json }}
    - require:
        - bellwether: the kernel that was tested is installed and locked

# Only now: a kernel that would boot worse than what boots next is refused.
it boots next:
  bellwether.kernels_locked:
    - version: {{ pillar['kernel_version'] | json }}
    - install: True
    - make_default: True
    - require:
        - bellwether: its image is good

this host will boot:
  bellwether.healthy:
    - require:
        - bellwether: it boots next
