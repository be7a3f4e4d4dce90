{# Incremental strategies that leave no old row behind: what tonight touches is deleted
   whole and computed again from raw. #}

{% macro get_incremental_replace_dates_sql(arguments) %}
    delete from {{ arguments.target_relation }}
    where {{ config.require('date_column') }} in (
        select dirty_on from {{ source('night', 'dirty_dates') }}
    );
    {{ _insert_all(arguments) }}
{% endmacro %}

{% macro get_incremental_replace_touched_sessions_sql(arguments) %}
    delete from {{ arguments.target_relation }}
    where session_id in (
        select session_id from ({{ touched_sessions(arguments.target_relation) }})
    );
    {{ _insert_all(arguments) }}
{% endmacro %}

{% macro _insert_all(arguments) %}
    {% set columns = arguments.dest_columns | map(attribute='quoted') | join(', ') %}
    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments.temp_relation }}
{% endmacro %}

{# Stored sessions that an event of a touched date may belong to: those within half an
   hour of a touched date, and those whose tracker id comes again. #}
{% macro touched_sessions(relation) %}
    select stored.*
    from {{ relation }} as stored
    where stored.session_id in (
        select near.session_id
        from {{ relation }} as near
        inner join {{ source('night', 'dirty_dates') }} as dirty
            on dirty.dirty_on between near.touches_from_on and near.touches_until_on
        union
        select again.session_id
        from {{ relation }} as again
        inner join {{ ref('int_web__slots') }} as slots
            on
                again.visitor_id = coalesce(slots.anonymous_id, slots.user_id)
                and again.tracker_session_id = slots.session_id
        where slots.event_on in (select dirty_on from {{ source('night', 'dirty_dates') }})
    )
{% endmacro %}
