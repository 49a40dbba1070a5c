### dp::project::not_found
cd ..
dp plan

### dp::project::syntax
edit assets/raw/orders.toml '1s/"source"/"source/'
dp validate

### dp::project::escape
edit assets/marts/customers.toml 's/customers.name,/regexp_matches(customers.name, "\\b") as name,/'
dp validate

### dp::project::cannot_format
printf 'kind = "source"\r\n[source]\npath = "data/orders.csv"\n' > assets/raw/orders.toml
dp fmt

### dp::project::encoding
printf 'kind = "sql" # caf\351\n' > assets/staging/orders.toml
dp validate

### dp::project::unknown_key
edit assets/raw/orders.toml 's/^description/descripton/'
dp validate

### dp::project::missing_key
edit assets/raw/orders.toml '/^path/d'
dp validate

### dp::project::wrong_type
edit assets/raw/orders.toml 's/^description.*/tags = "daily"/'
dp validate

### dp::project::bad_value
edit assets/raw/orders.toml '3s/^/materialize = "tabel"\n/'
dp validate

### dp::project::not_read
echo 'select 1 as a' > assets/staging/items.sql
dp validate

### dp::project::no_check
printf '\n[[checks]]\nname = "sane"\n' >> assets/staging/orders.toml
dp validate

### dp::project::unknown_kind
edit assets/raw/orders.toml '1s/source/sorce/'
dp validate

### dp::project::unsupported
printf '\n[connections.warehouse]\nengine = "postgres"\n' >> dp.toml
dp validate

### dp::project::key_of_other_kind
edit assets/raw/orders.toml '3s/^/sql = "select 1 as x"\n/'
dp validate

### dp::project::exclusive_keys
edit assets/staging/orders.toml '3s/^/sql_file = "sql\/orders.sql"\n/'
dp validate

### dp::project::bad_name
mv assets/raw/orders.toml assets/raw/Orders-2.toml
dp validate

### dp::project::schema_is_environment
mv assets/marts assets/prod
dp validate

### dp::project::duplicate_asset
asset raw/copy <<'E'
kind = "sql"
name = "raw.orders"
sql = "select 1 as x"
E
dp validate

### dp::project::duplicate
edit assets/staging/orders.toml 's/"not_null", "unique"/"not_null", "not_null"/'
dp validate

### dp::project::missing_file
asset staging/orders <<'E'
kind = "sql"
sql_file = "sql/orders.sql"
E
dp validate

### dp::project::outside
edit assets/raw/orders.toml 's|"data/orders.csv"|"../orders.csv"|'
dp validate

### dp::project::no_files
edit assets/raw/orders.toml 's|"data/orders.csv"|"data/ordres.csv"|'
dp validate

### dp::project::bad_pattern
edit assets/raw/orders.toml 's|"data/orders.csv"|"data/[.csv"|'
dp validate

### dp::project::export_path
edit assets/staging/orders.toml '3s|^|materialize = { file = "warehouse/orders.csv" }\n|'
dp validate

### dp::project::requires
edit dp.toml '2s/$/\nrequires = ">=2"/'
dp validate

### dp::project::unknown_environment
dp status --env stagng

### dp::project::bad_variable
dp plan --var min_amount=much

### dp::project::variable_type
printf '\n[environments.dev.vars]\nmin_amount = "10"\n' >> dp.toml
dp validate

### dp::project::moved_from
edit assets/staging/orders.toml '1s/$/\nmoved_from = "staging.orders"/'
dp validate

### dp::project::no_program
asset ml/scores <<'E'
kind = "command"

[command]
run = ["pyhton3", "scripts/score.py"]
inputs = ["staging.orders"]

[output]
format = "csv"
E
dp validate

### dp::project::unset_variable
asset ml/scores <<'E'
kind = "command"

[command]
run = ["sh", "-c", "echo a > $DP_OUTPUT"]
inputs = ["staging.orders"]
env = { TOKEN = "${env.SHOP_TOKEN}" }

[output]
format = "csv"
E
dp plan

### dp::project::weak_secret
asset ml/scores <<'E'
kind = "command"

[command]
run = ["sh", "-c", "echo a > $DP_OUTPUT"]
inputs = ["staging.orders"]
env = { TOKEN = "${env.SHOP_TOKEN}" }

[output]
format = "csv"
E
SHOP_TOKEN=42 dp plan

### dp::project::no_table
asset ml/scores <<'E'
kind = "command"

[command]
run = ["sh", "-c", "echo a > $DP_FILE_MODEL"]
inputs = ["staging.orders"]

[[files]]
name = "model"
path = "models/model.bin"
E
asset marts/top <<'E'
kind = "sql"
sql = "select * from ml.scores"
E
dp validate
