select
    {{ tonight() }} as as_of_date,
    source,
    feed,
    change,
    column_name,
    detail,
    is_read,
    is_first_file,
    first_seen_in,
    files
from {{ source('night', 'schema_drift') }}
