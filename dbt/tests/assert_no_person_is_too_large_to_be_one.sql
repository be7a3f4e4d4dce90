{{ config(
    severity='warn',
    description='So many identifiers are no person: block or cut the hub that identity_quarantine names.',
) }}

select component, identifiers, hub
from {{ ref('identity_quarantine') }}
