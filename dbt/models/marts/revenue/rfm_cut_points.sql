select
    {{ tonight() }} as as_of_date,
    metric,
    q20,
    q40,
    q60,
    q80,
    fitted_on,
    fitted_customers
from {{ ref('rfm_cuts') }}
where as_of_date = {{ tonight() }}
