//! Every name that `dp validate` accepts can be published, asked, rolled back and read by other clients.
//!
//! `DP_NAMES=full` takes each name in each place.

use std::collections::BTreeSet;

use crate::sandbox::Sandbox;

/// Names of schemas, tables, environments and variables: words of SQL, names of dp's own parts, short and long ones.
const NAMES: [&str; 44] = [
    "k",
    "a",
    "_",
    "x_1",
    "select",
    "order",
    "from",
    "table",
    "index",
    "user",
    "group",
    "date",
    "time",
    "null",
    "true",
    "current_date",
    "rowid",
    "filename",
    "public",
    "schemas",
    "store",
    "catalogue",
    "data",
    "export",
    "manifest",
    "dp",
    "prod2",
    "this",
    "here",
    "there",
    "rows",
    "columns",
    "tag",
    "v1",
    "key",
    "value",
    "memory_",
    "temporary",
    "query",
    "read_parquet",
    "range",
    "unnest",
    "lateral",
    "pivot",
];

/// Names that only columns can have.
const COLUMNS: [&str; 14] = [
    "Mixed",
    "UPPER",
    "with space",
    "semi;colon",
    "quo\"te",
    "apos'trophe",
    "é",
    "日本",
    "-",
    "1",
    "file_row_number",
    "_dp0",
    "a.b",
    "$",
];

fn long() -> String {
    "n".repeat(63)
}

/// Some of the names for a place: all of them in the long form.
#[expect(clippy::disallowed_methods, reason = "this is what tells tests how much to do")]
fn some(place: usize, count: usize) -> Vec<String> {
    let all: Vec<String> = NAMES.iter().map(|name| (*name).to_owned()).chain([long()]).collect();
    if std::env::var("DP_NAMES").is_ok_and(|form| form == "full") {
        return all;
    }
    // Long names, one letter and dp's own alias are always among them.
    let start = place * 11;
    let mut names: BTreeSet<String> = (0..count).map(|offset| all[(start + offset * 7) % all.len()].clone()).collect();
    names.extend(["k".to_owned(), long()]);
    names.into_iter().collect()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// All rows of a table as the catalogue of an environment gives them to a client that knows nothing of dp.
fn read(sandbox: &Sandbox, environment: &str, schema: &str, table: &str) -> Result<Vec<String>, duckdb::Error> {
    let file = sandbox.path(&format!("warehouse/{environment}.duckdb"));
    let config = duckdb::Config::default().access_mode(duckdb::AccessMode::ReadOnly)?;
    let client = duckdb::Connection::open_with_flags(file, config)?;
    let mut statement = client.prepare(&format!("SELECT t::VARCHAR FROM {}.{} AS t", quoted(schema), quoted(table)))?;
    let rows = statement.query_map([], |row| row.get(0))?;
    rows.collect()
}

#[test]
fn of_schemas_and_tables() {
    let mut sandbox = Sandbox::new();
    let (schemas, tables) = (some(0, 6), some(1, 6));
    let mut names = Vec::new();
    for (number, schema) in schemas.iter().enumerate() {
        for table in tables.iter().skip(number % 2) {
            let path = format!("assets/{schema}/{table}.toml");
            sandbox = sandbox.file(&path, &format!("kind = 'sql'\nsql = 'select {number} as n'\n"));
            names.push((schema.clone(), table.clone()));
        }
    }
    for (number, (schema, table)) in names.iter().enumerate() {
        let sql = format!("select n, {number} as k from {}.{}", quoted(schema), quoted(table));
        sandbox = sandbox
            .asset(&format!("views.v{number}"), &format!("kind = 'sql'\nmaterialize = 'view'\nsql = '''{sql}'''\n"));
    }
    sandbox.apply();
    for (number, (schema, table)) in names.iter().enumerate() {
        let rows = read(&sandbox, "prod", schema, table).unwrap_or_else(|error| panic!("{schema}.{table}: {error}"));
        assert_eq!(rows.len(), 1, "{schema}.{table}");
        let rows = read(&sandbox, "prod", "views", &format!("v{number}"));
        rows.unwrap_or_else(|error| panic!("the view of {schema}.{table}: {error}"));
        assert!(sandbox.path(&format!("warehouse/prod/{schema}/{table}.parquet")).exists(), "{schema}.{table}");
    }
    let all = names.iter().map(|(schema, table)| format!("select n from {}.{}", quoted(schema), quoted(table)));
    sandbox.query(&all.collect::<Vec<_>>().join(" union all "));
    let (schema, table) = &names[names.len() / 2];
    let path = format!("assets/{schema}/{table}.toml");
    sandbox.edit(&path, "as n", "+ 100 as n");
    sandbox.dp(["apply", "--auto-approve"]).success();
    sandbox.dp(["rollback", "--auto-approve"]).success();
    assert!(!read(&sandbox, "prod", schema, table).expect("it is there").concat().contains("100"));
    for verb in ["show", "why", "lineage", "check"] {
        sandbox.dp([verb, &format!("{schema}.{table}")]).success();
    }
    sandbox.dp(["check", "--deep"]).success();
}

#[test]
fn of_columns() {
    let names: Vec<String> = NAMES.iter().chain(&COLUMNS).map(|name| (*name).to_owned()).chain([long()]).collect();
    let values = names.iter().enumerate().map(|(number, name)| format!("{number} as {}", quoted(name)));
    let union =
        "struct_pack(\"tag\" := 1, v1 := 2, \"value\" := 3)::struct(\"tag\" int, v1 int, \"value\" int) as nested";
    let sql = format!("select {}, {union}", values.collect::<Vec<_>>().join(", "));
    let list = names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    let mut contract = String::new();
    for name in &names {
        let name = serde_json::to_string(name).expect("a JSON text is a TOML text");
        contract.push_str(&format!(
            "[columns.{name}]\ntype = 'INTEGER'\ndescription = 'd'\nchecks = ['not_null', 'unique', {{ range = {{ min = 0 }} }}]\n\
             [[checks]]\nreferences = {{ columns = [{name}], asset = 't.base', to = [{name}] }}\n"
        ));
    }
    let sandbox = Sandbox::new()
        .sql("t.base", &sql)
        .asset("t.table", &format!("kind = 'sql'\nsql = '''select {list}, nested from t.base'''\n{contract}"))
        .asset("t.view", &format!("kind = 'sql'\nmaterialize = 'view'\nsql = '''select {list} from t.table'''\n"))
        .asset(
            "t.grouped",
            &format!("kind = 'sql'\nsql = '''select {list}, count(*) as counted from t.view group by all'''\n"),
        );
    sandbox.apply();
    for table in ["base", "table", "view", "grouped"] {
        assert_eq!(read(&sandbox, "prod", "t", table).expect("it can be read").len(), 1, "{table}");
    }
    sandbox.query("from t.grouped");
    for name in names.iter().filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')) {
        sandbox.dp(["lineage", &format!("t.grouped.{name}")]).success();
    }
    sandbox.dp(["check", "--deep"]).success();
}

#[test]
fn of_environments_and_variables() {
    let (environments, variables) = (some(2, 3), some(3, 8));
    let mut toml = "[project]\nname = \"shop\"\n[vars]\n".to_owned();
    for (number, name) in variables.iter().enumerate() {
        toml.push_str(&format!("{name} = {number}\n"));
    }
    for name in &environments {
        toml.push_str(&format!("[environments.{name}.vars]\n{} = 1000\n", variables[0]));
    }
    let used = variables.iter().enumerate().map(|(number, name)| format!("${{var.{name}}} as c{number}"));
    let sandbox = Sandbox::bare()
        .file("dp.toml", &toml)
        .sql("of_names.t", &format!("select {}", used.collect::<Vec<_>>().join(", ")))
        .asset("of_names.v", "kind = 'sql'\nmaterialize = 'view'\nsql = 'from of_names.t'\n");
    sandbox.apply();
    for environment in &environments {
        sandbox.dp(["--env", environment, "apply", "--auto-approve"]).success();
        let rows =
            read(&sandbox, environment, "of_names", "v").unwrap_or_else(|error| panic!("{environment}: {error}"));
        assert!(rows.concat().contains("1000"), "{environment}: {rows:?}");
        sandbox.dp(["--env", environment, "query", "from of_names.v"]).success();
        sandbox.dp(["--env", environment, "status"]).success();
        assert!(sandbox.dp(["env", "diff", "prod", environment]).code <= 2);
        sandbox.edit("assets/of_names/t.toml", "select ", "select 5 as five, ");
        sandbox.dp(["--env", environment, "apply", "--auto-approve"]).success();
        sandbox.dp(["--env", environment, "rollback", "--auto-approve"]).success();
        let again = read(&sandbox, environment, "of_names", "v").expect("it can be read");
        assert_eq!(again, rows, "{environment} after the rollback");
        sandbox.edit("assets/of_names/t.toml", "select 5 as five, ", "select ");
        sandbox.dp(["env", "delete", environment, "--auto-approve"]).success();
    }
}

/// Names that files can have beside these, without the ending.
const FILES: [&str; 22] = [
    "with space",
    "Mixed",
    "quo\"te",
    "apos'trophe",
    "back\\slash",
    "line\nbreak",
    "tab\tbed",
    "é",
    "日本",
    "-dash",
    "a.b",
    "#1",
    "%41",
    "a&b;c|d",
    "$HOME",
    "`x`",
    "(1)",
    "=1",
    "!not",
    "~home",
    "con",
    "...",
];

/// Files of sources, queries, programs, exports and of what programs make, of any name.
#[test]
fn of_files() {
    let names: Vec<String> = FILES
        .iter()
        .map(|name| (*name).to_owned())
        .chain(some(4, 6))
        .chain(["n".repeat(251), "é".repeat(125)])
        .collect();
    let text = |text: &str| serde_json::to_string(text).expect("a JSON text is a TOML text");
    let mut sandbox = Sandbox::new();
    for (number, name) in names.iter().enumerate() {
        let (data, query) = (format!("data/{name}.csv"), format!("sql/{name}.sql"));
        let (program, made) = (format!("scripts/{name}.sh"), format!("made/{name}.bin"));
        let export = format!("out/{name}.csv");
        sandbox.write(&data, &format!("n\n{number}\n"));
        sandbox.write(&query, &format!("select n from read_csv('{}')\n", data.replace('\'', "''")));
        let run = format!("cp \"$DP_INPUT_SRC_S{number}\" \"$DP_OUTPUT\"; printf x > \"$DP_FILE_EXTRA\"\n");
        sandbox.write(&program, &run);
        sandbox = sandbox
            .asset(&format!("src.s{number}"), &format!("kind = 'source'\n[source]\npath = {}\n", text(&data)))
            .asset(
                &format!("sql.q{number}"),
                &format!(
                    "kind = 'sql'\nsql_file = {}\nmaterialize = {{ file = {}, format = 'csv' }}\n",
                    text(&query),
                    text(&export)
                ),
            )
            .asset(
                &format!("made.p{number}"),
                &format!(
                    "kind = 'command'\n[command]\nrun = ['sh', {0}]\nfiles = [{0}]\ninputs = ['src.s{number}']\n\
                     [output]\nformat = 'parquet'\n[[files]]\nname = 'extra'\npath = {1}\n",
                    text(&program),
                    text(&made)
                ),
            );
    }
    sandbox.dp(["validate"]).success();
    sandbox.apply();
    assert!(sandbox.plan().contains("Nothing to do"), "{}", sandbox.plan());
    let is_so = |change: usize| {
        for (number, name) in names.iter().enumerate() {
            let (now, then) = (format!("n\n{}\n", number + change), format!("n\n{number}\n"));
            assert_eq!(sandbox.read(&format!("out/{name}.csv")), if number == 0 { now } else { then }, "{name:?}");
            assert_eq!(sandbox.read(&format!("made/{name}.bin")), "x", "{name:?}");
            for (schema, table) in [("src", 's'), ("sql", 'q'), ("made", 'p')] {
                let rows = read(&sandbox, "prod", schema, &format!("{table}{number}"));
                assert_eq!(rows.expect("it can be read").len(), 1, "{schema} {name:?}");
            }
        }
    };
    is_so(0);
    let first = format!("data/{}.csv", names[0]);
    sandbox.write(&first, "n\n7\n");
    sandbox.apply();
    is_so(7);
    sandbox.dp(["rollback", "--auto-approve"]).success();
    is_so(0);
    sandbox.dp(["check", "--deep"]).success();
    for number in 0..names.len() {
        sandbox.dp(["effects", &format!("made.p{number}")]).success();
    }
}

#[test]
fn of_exports_that_no_folder_can_hold() {
    let toml = format!(
        "kind = 'sql'\nsql = 'select 1 as a'\nmaterialize = {{ file = 'out/{}.csv', format = 'csv' }}\n",
        "n".repeat(252)
    );
    Sandbox::new().asset("t.a", &toml).dp(["apply", "-y"]).exits(1).says("a name in the path is longer than 255 bytes");
}
