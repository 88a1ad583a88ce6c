# Locks this host's kernel to one version. Pillar bellwether:lock holds parameters of bellwether.kernels_locked, if any.
include:
  - bellwether

no update moves the kernel:
  bellwether.kernels_locked:
    {%- for parameter, value in (salt['config.get']('bellwether:lock') or {}).items() %}
    - {{ parameter }}: {{ value | json }}
    {%- endfor %}
    - require:
      - file: bellwether executable
