### dp::sql::syntax
edit assets/staging/orders.toml 's/^where/wehre/'
dp validate

### dp::sql::empty
asset staging/orders <<'E'
kind = "sql"
sql = ""
E
dp validate

### dp::sql::statements
asset staging/orders <<'E'
kind = "sql"
sql = """
  select 1 as x;
  select 2 as x
"""
E
dp validate

### dp::sql::refused
asset staging/orders <<'E'
kind = "sql"
sql = """
select * from glob('*')
"""
E
dp validate

### dp::sql::unknown_variable
edit assets/staging/orders.toml 's/var.min_amount/var.min_amuont/'
dp validate

### dp::sql::unknown_placeholder
edit assets/staging/orders.toml 's/var.min_amount/min_amount/'
dp validate

### dp::sql::quoted_placeholder
edit assets/staging/orders.toml "s/\\\${var.min_amount}/'&'/"
dp validate

### dp::sql::open_placeholder
edit assets/staging/orders.toml 's/min_amount}/min_amount/'
dp validate

### dp::sql::unknown_column
edit assets/staging/orders.toml 's/^    customer_id,/    custmer_id,/'
dp validate

### dp::sql::binding
asset staging/orders <<'E'
kind = "sql"
sql = """
select sum(ordered_on) as total from raw.orders
"""
E
dp validate

### dp::sql::contract_type
edit assets/staging/orders.toml 's/^\[columns.amount\]/&\ntype = "DOUBLE"/'
dp validate

### dp::sql::contract_column
edit assets/staging/orders.toml 's/^\[columns.amount\]/[columns.amonut]/'
dp validate

### dp::sql::unknown_type
edit assets/staging/orders.toml 's/^\[columns.amount\]/&\ntype = "MONEY"/'
dp validate

### dp::sql::duplicate_column
asset staging/orders <<'E'
kind = "sql"
sql = """
  select id, customer_id as ID from raw.orders
"""
E
dp validate

### dp::sql::unstorable
asset staging/orders <<'E'
kind = "sql"
sql = """
  select id, amount::VARIANT as amount from raw.orders
"""
E
dp validate

### dp::sql::unreadable_source
echo rows > data/orders.parquet
edit assets/raw/orders.toml 's/orders.csv/orders.parquet/'
dp validate

### dp::sql::check
printf '\n[[checks]]\nfreshness = { column = "amount", max_age = "1d" }\n' >> assets/staging/orders.toml
dp validate

### dp::sql::timezone
edit dp.toml '2s/$/\ntimezone = "Europe\/Berlln"/'
dp validate

### dp::sql::icu
asset staging/orders <<'E'
kind = "sql"
sql = """
select id, ordered_on from raw.orders order by id::VARCHAR collate de
"""
E
dp validate

### dp::sql::collation
asset staging/orders <<'E'
kind = "sql"
sql = """
select id, customer_id, amount, note collate nocase as note
from (select *, 'gift' as note from raw.orders)
"""
E
dp validate

### dp::sql::view_zone
asset staging/orders <<'E'
kind = "sql"
materialize = "view"
sql = """
select id as order_id, customer_id, amount, date_trunc('day', ordered_on::TIMESTAMPTZ) as day
from raw.orders
"""
E
dp validate

### dp::sql::unstable
asset staging/orders <<'E'
kind = "sql"
sql = """
select now() as seen_at, id as order_id, customer_id, ordered_on, amount
from raw.orders
"""
E
dp validate

### dp::graph::unknown_upstream
edit assets/staging/orders.toml 's/^from raw.orders/from raw.order/'
dp validate

### dp::graph::cycle
edit assets/staging/orders.toml 's/^from raw.orders/from marts.customers/'
dp validate

### dp::graph::empty_selection
dp plan 'mart.*'
