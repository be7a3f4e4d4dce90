select
    {{ tonight() }} as as_of_date,
    *
from {{ source('segmentation', 'cluster_models') }}
