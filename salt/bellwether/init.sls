# Lays the executable down where the execution module looks for it. From pillar (or minion configuration):
#   bellwether:source       salt://bellwether/bellwether.cjs (put dist/bellwether.cjs beside this file), a path or a URL
#   bellwether:source_hash  its hash, or where to find it: Salt refuses a file that differs (salt:// needs none)
{%- set source_hash = salt['config.get']('bellwether:source_hash', '') %}

bellwether executable:
  file.managed:
    - name: {{ salt['config.get']('bellwether:executable', '/opt/bellwether/bellwether.cjs') | json }}
    - source: {{ salt['config.get']('bellwether:source', 'salt://bellwether/bellwether.cjs') | json }}
    {%- if source_hash %}
    - source_hash: {{ source_hash | json }}
    {%- endif %}
    - user: root
    - group: root
    - mode: '0755'
    - makedirs: True
