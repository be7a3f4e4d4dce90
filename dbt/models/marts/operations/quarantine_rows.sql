-- Personal data may stand anywhere in a rejected line: the bytes as delivered stay in the
-- raw folder.
select
    {{ tonight() }} as as_of_date,
    file_id,
    path,
    line,
    {{ masked_text('encode(reason)') }} as reason,
    {{ masked_text('raw') }} as raw
from {{ source('night', 'quarantine_rows') }}
