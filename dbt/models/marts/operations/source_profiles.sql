-- What the next nights compare new files with. The values of ids, texts and personal
-- columns were never read.
select
    {{ tonight() }} as as_of_date,
    file_id,
    source,
    feed,
    path,
    reading,
    column_name,
    rows,
    nulls,
    lowest,
    highest,
    distinct_values,
    value_counts
from {{ source('night', 'file_profiles') }}
where is_kept
