{{ config(severity='warn', description='A component of so many identifiers is no person; nobody in it is glued together. See identity_quarantine: block the value that links them or cut it.') }}

select component, identifiers, hub
from {{ ref('identity_quarantine') }}
