-- Personal data may stand anywhere in a rejected line: the bytes as delivered stay in the
-- raw folder.
select
    {{ tonight() }} as as_of_date,
    file_id,
    path,
    line,
    {{ masked('reason') }} as reason,
    {{ masked(text_of('raw')) }} as raw
from {{ source('night', 'quarantine_rows') }}
