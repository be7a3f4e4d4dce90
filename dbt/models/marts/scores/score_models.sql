select
    {{ tonight() }} as as_of_date,
    *
from {{ source('scores', 'score_models') }}
