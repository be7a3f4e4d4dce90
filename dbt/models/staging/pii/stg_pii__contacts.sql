select
    feed,
    email_hash,
    phone_hash,
    user_id,
    billing_customer_id,
    email,
    phone,
    name
from {{ source('raw', 'pii') }}
