# Mends the odd sheep of a flock in waves, then asserts that all of it will boot: salt-run state.orchestrate bellwether.orch.mend
# A host that will boot is looked at and left alone. The first wave with a host that cannot be mended stops all that follow.
# In test mode every wave tells what it would mend, and the assertion tells who would not boot as things are.
# Pillar: tgt (a compound target, all hosts; minions of another kind than Linux, and proxies, are left out of it), tgt_type,
# wave (hosts at a time, 10; the first wave is one host).
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
{%- set waves = [hosts[:1]] + hosts[1:] | batch(pillar.get('wave') or 10) | list %}
{%- for wave in waves if wave %}

wave {{ loop.index }} is mended:
  salt.state:
    - tgt: {{ wave | json }}
    - tgt_type: list
    - sls: bellwether.repaired
    {%- if not loop.first %}
    - require:
      - salt: wave {{ loop.index0 }} is mended
    {%- endif %}
    - require_in:
      - salt: the flock will boot
{%- endfor %}
{%- if hosts %}

the flock will boot:
  salt.state:
    - tgt: {{ hosts | json }}
    - tgt_type: list
    - sls: bellwether.healthy
{%- endif %}
