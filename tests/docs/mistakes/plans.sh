### dp::fs::failed
applied
rm .dp/lock
mkdir .dp/lock
dp apply --auto-approve --replace raw.orders

### dp::observe::name
cp data/orders.csv "$(printf 'data/b\351.csv')"
edit assets/raw/orders.toml 's|data/orders.csv|data/*.csv|'
dp validate

### dp::plan::unpublished_input
dp plan marts.customers

### dp::plan::removed_column
applied
edit assets/staging/orders.toml '/^    amount$/d; s/^    ordered_on,/    ordered_on/; /columns.amount/,/^checks/d'
dp plan

### dp::plan::protected
edit assets/staging/orders.toml '1s/$/\nprotect = true/'
applied
dp destroy --auto-approve

### dp::plan::check_fails
applied
echo '5,Alan,2026-03-01' >> data/customers.csv
applied
printf '\n[[checks]]\nname = "five customers"\nrow_count = { min = 5 }\n' >> assets/raw/customers.toml
dp rollback --auto-approve

### dp::plan::withdraws
applied
rm -r assets
dp apply --auto-approve

### dp::plan::not_promotable
printf '\n[environments.dev]\n' >> dp.toml
applied
dp apply --auto-approve --env dev > /dev/null 2>&1
echo '7,1,2026-03-01,5.00' >> data/orders.csv
edit assets/staging/orders.toml 's/where amount >= /where amount > /'
dp apply --auto-approve --env dev > /dev/null 2>&1
dp env promote dev --auto-approve

### dp::plan::foreign_file
edit assets/staging/orders.toml '1s|$|\nmaterialize = { file = "out/orders.csv" }|'
mkdir out
echo mine > out/orders.csv
dp plan

### dp::plan::stale
applied
edit assets/marts/customers.toml 's/as revenue,/+ 1 as revenue,/'
dp plan --out p.json > /dev/null
edit assets/staging/orders.toml 's/where amount >= /where amount > /'
dp apply p.json

### dp::plan::unreadable
echo '{}' > q.json
dp apply q.json

### dp::plan::input_due | !
applied
edit assets/staging/orders.toml 's/where amount >= /where amount > /'
dp plan marts.customers

### dp::plan::record_lost | !
applied
rm -r .dp
dp plan

### dp::plan::shown_elsewhere | !
printf '\n[environments.dev]\n' >> dp.toml
applied --env dev
printf '\n[connections.main]\nengine = "duckdb"\npath = "public"\n' >> dp.toml
dp plan

### dp::plan::allows_outside | !
asset ml/scores <<'E'
kind = "command"

[command]
run = ["sh", "-c", "echo a > $DP_OUTPUT"]
inputs = ["staging.orders"]

[output]
format = "csv"

[allow]
read = ["/srv/models"]
E
dp plan

### dp::apply::foreign_file
edit assets/staging/orders.toml '1s|$|\nmaterialize = { file = "out/orders.csv" }|'
applied
rm -r .dp
echo mine > out/orders.csv
dp apply --auto-approve
