# Mends what keeps this host from booting. Pillar bellwether:repair holds parameters of bellwether.repaired, if any.
include:
  - bellwether

what keeps this host from booting is mended:
  bellwether.repaired:
    {%- for parameter, value in (salt['config.get']('bellwether:repair') or {}).items() %}
    - {{ parameter }}: {{ value | json }}
    {%- endfor %}
    - require:
      - file: bellwether executable
