{# CTEs that say what the touches of a relation mean: source, medium, campaign and channel.
   A visit without campaign parameters takes the referrer: a search engine is known by
   its name under any ending, every other host by its full name. #}
{% macro channels_of(visits) %}
touches as (
    select
        touch,
        nullif(split_part(touch, chr(31), 1), '') as utm_source,
        nullif(split_part(touch, chr(31), 2), '') as utm_medium,
        nullif(split_part(touch, chr(31), 3), '') as utm_campaign,
        nullif(split_part(touch, chr(31), 4), '') as referrer,
        {{ bare_host("split_part(split_part(touch, chr(31), 4), '/', 3)") }} as referrer_host,
        {{ bare_host("split_part(touch, chr(31), 5)") }} as visited_host
    from (select distinct touch from {{ visits }} where touch is not null)
),

referred as (
    select
        touches.*,
        case
            when utm_source is not null or utm_medium is not null or utm_campaign is not null then 'tagged'
            when
                referrer_host = visited_host
                or right(referrer_host, length(visited_host) + 1) = '.' || visited_host
                or right(visited_host, length(referrer_host) + 1) = '.' || referrer_host
                or referrer_host = ''
                then 'own'
            when engines.source is not null then 'engine'
            else 'host'
        end as kind,
        engines.source as engine
    from touches
    left join {{ ref('source_categories') }} as engines
        on {{ name_of_host('touches.referrer_host') }} = engines.source and engines.category = 'search'
),

origins as (
    select
        *,
        case kind when 'tagged' then lower(utm_source) when 'engine' then engine when 'host' then referrer_host end as source,
        case kind when 'tagged' then lower(utm_medium) when 'engine' then 'organic' when 'host' then 'referral' end as medium,
        lower(utm_campaign) as campaign
    from referred
),

{{ channel_of('origins') }},

channels as (
    select
        origins.*,
        grouped.channel
    from origins
    inner join grouped
        on
            origins.source is not distinct from grouped.source
            and origins.medium is not distinct from grouped.medium
            and origins.campaign is not distinct from grouped.campaign
)
{% endmacro %}

{# CTEs that give each source, medium and campaign (small letters) of a relation its
   channel: the first rule of the seed channel_rules that holds. #}
{% macro channel_of(origins) %}
grouped as (
    select
        combinations.source,
        combinations.medium,
        combinations.campaign,
        coalesce(min_by(rules.channel, rules.priority), 'unassigned') as channel
    from (select distinct source, medium, campaign from {{ origins }}) as combinations
    left join {{ ref('source_categories') }} as categories
        on combinations.source = categories.source
    left join {{ ref('channel_rules') }} as rules
        on
            coalesce(rules.source_category, coalesce(categories.category, '')) = coalesce(categories.category, '')
            {% for column in ['source', 'medium', 'campaign'] %}
            and (
                rules.{{ column }}_pattern is null
                or {{ is_found('rules.' ~ column ~ '_pattern', "coalesce(combinations." ~ column ~ ", '')") }}
            )
            {% endfor %}
    group by combinations.source, combinations.medium, combinations.campaign
)
{% endmacro %}

{# A host in small letters without a leading www. #}
{% macro bare_host(host) -%}
    case when lower({{ host }}) like 'www.%' then substr(lower({{ host }}), 5) else lower({{ host }}) end
{%- endmacro %}
