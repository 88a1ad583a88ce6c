# Asserts that this host runs the kernel that boots next by bellwether.rebooting, which was applied before the reboot.
this host booted what was to boot:
  bellwether.booted_as_noted:
    - name: this host booted what was to boot
    {%- for parameter, value in (salt['config.get']('bellwether:check') or {}).items() if parameter in ('root', 'timeout') %}
    - {{ parameter }}: {{ value | json }}
    {%- endfor %}
