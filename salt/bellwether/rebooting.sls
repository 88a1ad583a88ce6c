# Asserts that this host will boot, and notes which kernel: bellwether.rebooted asks after the reboot whether it is that one.
include:
  - bellwether.healthy

what boots next is noted:
  bellwether.next_boot_noted:
    {%- for parameter, value in (salt['config.get']('bellwether:check') or {}).items() if parameter in ('root', 'timeout') %}
    - {{ parameter }}: {{ value | json }}
    {%- endfor %}
    - require:
      - bellwether: this host will boot
