# Asserts that this host will boot. Pillar bellwether:check holds parameters of bellwether.healthy, if any.
include:
  - bellwether

this host will boot:
  bellwether.healthy:
    {%- for parameter, value in (salt['config.get']('bellwether:check') or {}).items() %}
    - {{ parameter }}: {{ value | json }}
    {%- endfor %}
    - require:
      - file: bellwether executable
