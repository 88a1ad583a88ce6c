# Mends the odd sheep of a flock in waves, then asserts that all of it will boot: salt-run state.orchestrate orch.mend
# A host that will boot is looked at and left alone. The first wave with a host that cannot be mended stops all that follow.
# In test mode every wave tells what it would mend, and the assertion tells who would not boot as things are.
# Pillar: tgt (a glob, '*'), wave (hosts at a time, 10).
{%- set hosts = salt['saltutil.runner']('manage.up', kwarg={'tgt': pillar.get('tgt', '*')}) | sort %}
{%- if not hosts %}

no host answers:
  test.fail_without_changes
{%- endif %}
{%- for wave in hosts | batch(pillar.get('wave', 10)) %}

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
