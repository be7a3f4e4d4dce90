select
    {{ tonight() }} as as_of_date,
    file_id,
    source,
    feed,
    path,
    bytes,
    lines,
    loaded,
    quarantined,
    known,
    blank,
    status,
    reason,
    first_seen_at
from {{ source('night', 'files') }}
