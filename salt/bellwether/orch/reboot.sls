# Reboots a flock in waves, and no host that would not come back: salt-run state.orchestrate bellwether.orch.reboot
# Each wave is asserted healthy, rebooted, waited for, and asserted to run the kernel that was to boot, before the next one; the first
# failure stops all that follow.
# Pillar: tgt (a compound target, all hosts; minions of another kind than Linux, and proxies, are left out of it), tgt_type,
# wave (hosts at a time, 1), patience (seconds for a wave to come back, 900).
# The master's own minion must not be among them: its reboot would end the orchestration.
{%- set linux = salt['saltutil.runner']('manage.up', kwarg={'tgt': 'G@kernel:Linux', 'tgt_type': 'compound'}) %}
{%- set hosts = linux | sort %}
{%- if pillar.get('tgt') %}
{%- set asked = {'tgt': pillar['tgt'], 'tgt_type': pillar.get('tgt_type') or 'compound'} %}
{%- set hosts = salt['saltutil.runner']('manage.up', kwarg=asked) | select('in', linux) | sort %}
{%- endif %}
{%- if not hosts %}

no host answers:
  test.fail_without_changes
{%- endif %}
{%- for wave in hosts | batch(pillar.get('wave') or 1) %}

wave {{ loop.index }} will boot:
  salt.state:
    - tgt: {{ wave | json }}
    - tgt_type: list
    - sls: bellwether.rebooting
    {%- if not loop.first %}
    - require:
      - salt: wave {{ loop.index0 }} booted what was to boot
    {%- endif %}

wave {{ loop.index }} reboots:
  salt.function:
    - name: system.reboot
    - tgt: {{ wave | json }}
    - tgt_type: list
    - kwarg:
        at_time: 1  # a minute, so that the answer is back before the minion goes down
    - require:
      - salt: wave {{ loop.index }} will boot

wave {{ loop.index }} is back:
  salt.wait_for_event:
    - name: salt/minion/*/start
    - id_list: {{ wave | json }}
    - timeout: {{ pillar.get('patience') or 900 }}
    - require:
      - salt: wave {{ loop.index }} reboots

wave {{ loop.index }} booted what was to boot:
  salt.state:
    - tgt: {{ wave | json }}
    - tgt_type: list
    - sls: bellwether.rebooted
    - require:
      - salt: wave {{ loop.index }} is back
{%- endfor %}
