{#
  Tables and views of one night, built in place.

  The adapter's own materializations build beside the old table and rename twice, so that
  readers never miss it. Nobody reads the work file of a night, and for a hundred small
  models the renames cost more than the models.
#}
{% materialization table, adapter='duckdb' %}
  {%- set target = this.incorporate(type='table') -%}
  {{ run_hooks(pre_hooks) }}
  {% do _make_room() %}
  {% call statement('main') -%}
    {{ create_table_as(False, target, compiled_code) }}
  {%- endcall %}
  {{ run_hooks(post_hooks) }}
  {% do adapter.commit() %}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
  {%- set target = this.incorporate(type='view') -%}
  {{ run_hooks(pre_hooks) }}
  {% do _make_room() %}
  {% call statement('main') -%}
    {{ create_view_as(target, compiled_code) }}
  {%- endcall %}
  {{ run_hooks(post_hooks) }}
  {% do adapter.commit() %}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# A stage that is built again finds what it built before, perhaps of another kind. #}
{% macro _make_room() %}
  {%- set existing = load_cached_relation(this) -%}
  {% if existing is not none %}
    {% call statement('make_room') -%}
      drop {{ existing.type }} if exists {{ existing }}
    {%- endcall %}
  {% endif %}
{% endmacro %}
