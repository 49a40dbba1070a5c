### dp::source::values
echo '7,1,2026-03-01,5.005' >> data/orders.csv
dp validate

### dp::source::rows
echo '7,1,2026-03-01' >> data/orders.csv
dp validate

### dp::source::dialect
printf 'id,name;city\n1,Ada;London\n' > data/orders.csv
dp validate

### dp::source::columns
edit data/orders.csv '1s/amount/id/'
dp validate

### dp::source::types
applied
dp query 'select 1 as id' --format parquet > data/a.parquet
dp query "select 'x' as id" --format parquet > data/b.parquet
edit assets/raw/orders.toml 's/orders.csv/*.parquet/'
dp validate

### dp::source::json
edit assets/raw/orders.toml 's/orders.csv/orders.ndjson/'
printf '{"id": 1}\n[2]\n' > data/orders.ndjson
dp validate

### dp::source::empty
edit assets/raw/orders.toml '/^.columns/,$d'
: > data/orders.csv
dp validate

### dp::source::encoding
printf '7,1,2026-03-01,5.00 \351\n' >> data/orders.csv
dp validate

### dp::source::option
edit assets/raw/orders.toml 's/^path.*/&\noptions = { ignore_errors = true }/'
dp validate

### dp::source::unreadable
gzip -c data/orders.csv | head -c 40 > data/orders.csv.gz
edit assets/raw/orders.toml 's/orders.csv/orders.csv.gz/'
dp validate

### dp::source::changed
edit assets/raw/orders.toml 's/^path.*/&\non_schema_change = "refuse"/'
applied
edit data/orders.csv '1s/$/,note/; 2,$s/$/,ok/'
dp plan

### dp::plan::schema_change
applied
edit data/orders.csv '2s/2026-01-05/soon/'
dp apply --auto-approve
