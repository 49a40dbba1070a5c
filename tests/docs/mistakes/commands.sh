### dp::cli::still_declared
applied
dp state mv marts.customers marts.people --reason 'clearer'

### dp::cli::kept_otherwise
applied
mv assets/marts/customers.toml assets/marts/people.toml
edit assets/marts/people.toml '1s/$/\nmaterialize = "view"/'
dp state mv marts.customers marts.people --reason 'clearer'

### dp::cli::nothing_to_accept
applied
dp state accept staging.orders --reason 'harmless'

### dp::cli::nothing_there
applied
rm .dp/store/staging.orders/*/data.parquet
dp state accept staging.orders --reason 'corrected by hand'

### dp::cli::no_rows
edit assets/staging/orders.toml '1s/$/\nmaterialize = "view"/'
applied
dp state accept staging.orders --reason 'harmless'

### dp::cli::already_published
applied
dp state adopt staging.orders data/orders.csv --reason 'made by the old job'

### dp::cli::no_file_to_adopt
dp apply --auto-approve raw.orders raw.customers > /dev/null 2>&1
dp state adopt staging.orders --reason 'made by the old job'

### dp::cli::other_columns
dp apply --auto-approve raw.orders raw.customers > /dev/null 2>&1
dp state adopt staging.orders data/customers.csv --reason 'made by the old job'

### dp::cli::input_not_published
dp state adopt staging.orders data/orders.csv --reason 'made by the old job'

### dp::cli::no_prompt
dp apply < /dev/null

### dp::cli::holder_is_here
busy "$(hostname)" dp state unlock --auto-approve

### dp::cli::no_backup
dp state restore --auto-approve

### dp::state::foreign_backup
mkdir ../other
cp -r . ../other/shop
applied
(cd ../other/shop && applied && dp state backup kept.db > /dev/null)
dp state restore ../other/shop/kept.db --auto-approve

### dp::state::gone
applied
dp state backup kept.db > /dev/null
rm -r .dp/store/raw.orders
dp state restore kept.db --auto-approve

### dp::cli::no_older_plan
dp plan --out dp.toml

### dp::cli::exists
applied
dp state backup kept.db > /dev/null
dp state backup kept.db

### dp::cli::not_found
applied
dp show raw.order

### dp::cli::since
applied
dp events --since yesterday

### dp::cli::would_overwrite
dp init .

### dp::cli::folder_name
dp init 'shop[1]'

### dp::cli::no_source
: > empty.csv
dp init ../fresh --from-csv empty.csv

### dp::cli::usage | error
dp plan --exlpain

### dp::project::not_there
cd /
dp --project nowhere plan

### dp::cli::nothing_published
dp query 'from marts.customers'

### dp::cli::nothing_selected_published
dp apply --auto-approve raw.orders > /dev/null 2>&1
dp check marts.customers

### dp::cli::query
applied
dp query 'from raw.order'

### dp::cli::past_gone
applied
edit assets/staging/orders.toml 's/where amount >= /where 20 < /'
applied
rm -r .dp/store/staging.orders/*
dp query --at r1 'from staging.orders'

### dp::env::prod
applied
dp env delete prod

### dp::env::protected
printf '\n[environments.dev]\n' >> dp.toml
edit assets/staging/orders.toml '1s/$/\nprotect = true/'
dp apply --auto-approve --env dev > /dev/null 2>&1
dp env delete dev --auto-approve

### dp::rollback::published_nothing
applied
edit assets/marts/customers.toml 's/as revenue/- 100 as revenue/'
applied
dp rollback r2

### dp::rollback::lost
edit assets/raw/orders.toml '1s/$/\nmaterialize = "view"/'
applied
echo 7,1,2026-03-01,5.00 >> data/orders.csv
applied
dp rollback

### dp::rollback::protected
edit assets/marts/customers.toml '1s/$/\nprotect = true/'
applied
dp rollback

### dp::cli::bad_argument
dp apply --wait=long

### dp::cli::plan_arguments
dp plan --out p.json > /dev/null
dp apply p.json --replace raw.orders

### dp::store::locked
busy laptop dp apply --auto-approve --replace raw.orders

### dp::store::damaged
applied
applied --replace raw.orders
printf '' > .dp/state.db
dp plan

### dp::store::link
applied
mv .dp/tmp scratch
ln -s ../scratch .dp/tmp
dp plan

### dp::store::missing
applied
applied --replace raw.orders
rm .dp/state.db
dp plan

### dp::store::foreign_file
applied
applied --replace raw.orders
rm .dp/state.db
python3 -c 'import sqlite3; sqlite3.connect(".dp/state.db").execute("create table notes (text)")'
dp plan

### dp::store::newer_format
applied
python3 -c 'import sqlite3; sqlite3.connect(".dp/state.db").execute("pragma user_version = 99")'
dp plan

### dp::warehouse::occupied
mkdir -p warehouse/prod
dp apply --auto-approve
