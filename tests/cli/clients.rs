//! What is published is read by DuckDB clients of other versions, from their wheels for Python.
//!
//! `.ci/run` puts the oldest and the newest promised client into `clients` in the build folder. Where they are missing,
//! the tests say so and pass.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use dp::engine::duckdb::types::{DataType, Scalar};

use crate::sandbox::Sandbox;

/// Names of functions of which an example can't be read by the oldest client: it lacks them, or knows another form.
const LATER: [&str; 45] = [
    "array_cat",
    "array_concat",
    "binom",
    "bitstring",
    "bitstring_byte_comparable",
    "cast_to_type",
    "char_length",
    "character_length",
    "concat",
    "decimal_division",
    "decode",
    "get_type",
    "hive_partition_component",
    "list_cat",
    "list_concat",
    "make_timestamp_ms",
    "make_timestamp_ns",
    "make_type",
    "map_extract_value",
    "md5_number",
    "normalized_interval",
    "overlay",
    "parse_formatted_bytes",
    "path_join",
    "regexp_extract",
    "remap_struct",
    "replace_type",
    "round_even",
    "roundbankers",
    "sleep_ms",
    "struct_concat",
    "struct_contains",
    "struct_extract_at",
    "struct_has",
    "struct_indexof",
    "struct_keys",
    "struct_position",
    "struct_update",
    "struct_values",
    "to_aggregate_state",
    "uuid_extract_timestamp",
    "uuid_extract_version",
    "uuidv4",
    "uuidv7",
    "variant_comparator",
];

/// The Python of a client, if it is installed.
#[expect(clippy::print_stderr, reason = "a test says why it is skipped")]
fn client(which: &str) -> Option<PathBuf> {
    let build = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?;
    let python = build.join("clients").join(which).join("bin/python");
    let there = python.exists();
    if !there {
        eprintln!("skipped: the {which} DuckDB client is not in {}", python.display());
    }
    there.then_some(python)
}

/// Reads each view of the catalogue; what a client says of those that it can't read.
fn unreadable(python: &Path, sandbox: &Sandbox, names: &BTreeSet<String>) -> BTreeMap<String, String> {
    const SCRIPT: &str = "
import duckdb, json, sys
catalogue = duckdb.connect(sys.argv[1], read_only=True)
failed = {}
for name in json.load(sys.stdin):
    schema, table = name.split('.')
    try:
        catalogue.execute(f'SELECT t::VARCHAR FROM \"{schema}\".\"{table}\" AS t').fetchall()
    except Exception as error:
        failed[name] = str(error)
print(json.dumps(failed))
";
    use std::io::Write as _;
    let mut child = Command::new(python)
        .args(["-c", SCRIPT])
        .arg(sandbox.path("warehouse/prod.duckdb"))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("Python starts");
    let input = serde_json::to_string(names).expect("texts");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("Python reads");
    let output = child.wait_with_output().expect("Python ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("an answer")
}

/// A column of each type that can be stored, with a value and a NULL.
fn types() -> Vec<(String, String)> {
    let nested = [
        "DECIMAL(10,2)",
        "DECIMAL(38,3)",
        "ENUM('a','b')",
        "GEOMETRY",
        "INTEGER[]",
        "VARCHAR[][]",
        "INTEGER[3]",
        "STRUCT(a INTEGER, \"b c\" VARCHAR)",
        "TUPLE(INTEGER, VARCHAR)",
        "MAP(VARCHAR, INTEGER)",
        "UNION(num INTEGER, txt VARCHAR)",
        "UNION(a INTEGER, b INTEGER)",
        "UNION(a INTEGER, b VARCHAR)[]",
        "STRUCT(u UNION(a DOUBLE, b DATE))",
        "MAP(INTEGER, UNION(a INTEGER, b VARCHAR))",
        "INTERVAL[]",
        "TIME_NS[]",
        "STRUCT(t TIMESTAMPTZ_NS)",
    ];
    let all = Scalar::ALL.iter().map(|scalar| scalar.name()).chain(nested);
    all.filter(|name| DataType::parse(name).expect("a type").check_storable().is_ok())
        .map(|name| {
            let value = match name {
                "UNION(num INTEGER, txt VARCHAR)" => "union_value(num := 1)".to_owned(),
                "UNION(a INTEGER, b INTEGER)" => "union_value(b := 2)".to_owned(),
                "UNION(a INTEGER, b VARCHAR)[]" => "[union_value(a := 1)::UNION(a INTEGER, b VARCHAR)]".to_owned(),
                "TIME_NS" => "'12:00:00.123456789'".to_owned(),
                _ => "NULL".to_owned(),
            };
            (name.to_owned(), format!("select x::{name} as x from (select {value} as x) union all select NULL::{name}"))
        })
        .collect()
}

#[test]
fn tables_and_views_of_every_type_are_read() {
    let (Some(oldest), Some(newest)) = (client("oldest"), client("newest")) else {
        return;
    };
    let mut sandbox = Sandbox::new();
    let mut names = BTreeMap::new();
    for (number, (data_type, sql)) in types().into_iter().enumerate() {
        sandbox = sandbox.sql(&format!("t.t{number}"), &sql).asset(
            &format!("v.v{number}"),
            &format!("kind = 'sql'\nmaterialize = 'view'\nsql = 'select x from t.t{number}'\n"),
        );
        names.insert(format!("t.t{number}"), data_type.clone());
        names.insert(format!("v.v{number}"), data_type);
    }
    sandbox.apply();
    let all: BTreeSet<String> = names.keys().cloned().collect();
    assert_eq!(unreadable(&newest, &sandbox, &all), BTreeMap::new());
    let failed = unreadable(&oldest, &sandbox, &all);
    let failed: BTreeSet<&str> = failed.keys().map(|name| names[name].as_str()).collect();
    // Types that came later: the client refuses these views, and reads all others.
    assert_eq!(failed, BTreeSet::from(["STRUCT(t TIMESTAMPTZ_NS)", "TIMESTAMPTZ_NS", "TIME_NS", "TIME_NS[]"]));
}

/// The documented examples of the engine's functions that give a result: function and example.
fn examples() -> Vec<(String, String)> {
    let engine = duckdb::Connection::open_in_memory().expect("an engine");
    let mut statement = engine
        .prepare(
            "SELECT DISTINCT function_name, unnest(examples) AS example FROM duckdb_functions()
             WHERE len(examples) > 0 AND function_type IN ('scalar', 'aggregate', 'macro') ORDER BY ALL",
        )
        .expect("a query");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    let all: Vec<(String, String)> = rows.collect::<Result<_, _>>().expect("texts");
    all.into_iter()
        .filter(|(_, example)| engine.execute_batch(&format!("SELECT * FROM (SELECT {example} AS x)")).is_ok())
        .collect()
}

#[test]
fn views_over_every_function_are_read() {
    let (Some(oldest), Some(newest)) = (client("oldest"), client("newest")) else {
        return;
    };
    let examples = examples();
    assert!(examples.len() > 400, "{}", examples.len());
    let mut sandbox = Sandbox::new().sql("t.ok", "select 1 as x");
    for (number, (_, example)) in examples.iter().enumerate() {
        let sql = serde_json::to_string(&format!("select {} as x", example.replace("${", "$${"))).expect("a text");
        sandbox = sandbox.asset(&format!("f.v{number}"), &format!("kind = 'sql'\nmaterialize = 'view'\nsql = {sql}\n"));
    }
    let mut names: BTreeSet<String> = (0..examples.len()).map(|number| format!("f.v{number}")).collect();
    // What the plan refuses is nothing that a client has to read.
    let refused = sandbox.dp(["validate", "--json"]);
    let answer: serde_json::Value =
        serde_json::from_str(&refused.stdout).or_else(|_| serde_json::from_str(&refused.stderr)).expect("JSON");
    for error in answer["errors"].as_array().into_iter().flatten() {
        let file = error["file"].as_str().expect("a place");
        if sandbox.path(file).exists() {
            sandbox.remove(file);
            let table = file.trim_start_matches("assets/f/").trim_end_matches(".toml");
            names.remove(&format!("f.{table}"));
        }
    }
    assert!(names.len() > 350, "{}", names.len());
    sandbox.apply();
    assert_eq!(unreadable(&newest, &sandbox, &names), BTreeMap::new());
    names.insert("t.ok".to_owned());
    let failed = unreadable(&oldest, &sandbox, &names);
    let failed: BTreeSet<&str> = failed
        .keys()
        .map(|name| name.trim_start_matches("f.v").parse().map_or("t.ok", |number: usize| examples[number].0.as_str()))
        .collect();
    assert_eq!(failed, BTreeSet::from(LATER));
    sandbox.dp(["check", "--deep"]).success();
}

/// Forms of queries that the format of the catalogue loses, or that older clients fail on.
const FORMS: [&str; 14] = [
    "select struct_insert({'a': 1}, b := 2) as s",
    "select union_value(k := 1) as u",
    "select lag(x, 1, 0) over (order by x) as a, lead(x, 2) over (order by x) as b from t.ok",
    "select nth_value(x, 1) over (order by x) as a from t.ok",
    "select * rename (x as y) from t.ok",
    "select try(x) as y from t.ok",
    "select 1 + x, x::varchar || 'a', interval 1 day, {'a': x}.a, [1, 2][1], not true from t.ok",
    "select count(distinct (x, x)), extract(year from date '2020-01-01') from t.ok",
    "with recursive r(a, b) using key (a) as (select 1, 2 union select a, b + 1 from r where b < 4) from r",
    "select string_agg(x::varchar, ',' order by x) over (order by x) from t.ok",
    "select last_value(x) over (order by x groups between 1 preceding and current row exclude ties) as y from t.ok",
    "select sum(x order by x) over (order by x) as y from t.ok",
    "select list_transform([1, 2], lambda y: y + 1) as l",
    "select x::variant::varchar as y from t.ok",
];

#[test]
fn views_of_every_form_are_read_and_none_keeps_the_others_from_being_read() {
    let (Some(oldest), Some(newest)) = (client("oldest"), client("newest")) else {
        return;
    };
    let mut sandbox = Sandbox::new().sql("t.ok", "select 1 as x");
    for (number, form) in FORMS.iter().enumerate() {
        sandbox = sandbox
            .asset(&format!("f.v{number}"), &format!("kind = 'sql'\nmaterialize = 'view'\nsql = '''{form}'''\n"));
    }
    sandbox.apply();
    let names: BTreeSet<String> = (0..FORMS.len()).map(|number| format!("f.v{number}")).collect();
    assert_eq!(unreadable(&newest, &sandbox, &names), BTreeMap::new());
    let mut names: Vec<String> = names.into_iter().collect();
    names.push("t.ok".to_owned());
    let failed = unreadable(&oldest, &sandbox, &names.into_iter().collect());
    // These are parts of SQL that the oldest client does not have.
    let later = ["f.v10", "f.v11", "f.v13", "f.v4", "f.v5", "f.v8", "f.v9"];
    assert_eq!(failed.keys().map(String::as_str).collect::<Vec<_>>(), later, "{failed:?}");
}

#[test]
fn a_parquet_file_of_another_program_is_read_as_dp_reads_it() {
    let sandbox = Sandbox::new()
        .asset("raw.inplace", "kind = \"source\"\nmaterialize = \"view\"\n[source]\npath = \"data/it.parquet\"\n")
        .asset("t.direct", "kind = 'sql'\nmaterialize = 'view'\nsql = \"from read_parquet('data/it.parquet')\"\n");
    std::fs::create_dir_all(sandbox.path("data")).expect("a folder");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine/parquet/nan_polars.parquet");
    std::fs::copy(file, sandbox.path("data/it.parquet")).expect("a copy");
    sandbox.apply();
    for which in ["oldest", "newest"] {
        let Some(python) = client(which) else { return };
        let script = "
import duckdb, sys
catalogue = duckdb.connect(sys.argv[1], read_only=True)
for view in ('raw.inplace', 't.direct'):
    print(catalogue.execute(f'SELECT id FROM {view} WHERE b > 1 OR s.x > 1').fetchall())
    print(catalogue.execute(f'SELECT max(b)::VARCHAR, min(z)::VARCHAR FROM {view}').fetchall())
";
        let output = Command::new(python).args(["-c", script]).arg(sandbox.path("warehouse/prod.duckdb")).output();
        let output = output.expect("Python runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(said, "[(2,)]\n[('nan', '0.0')]\n".repeat(2), "{which}");
    }
}

#[test]
fn a_deep_check_reads_the_catalogue_as_clients_do() {
    let sandbox = Sandbox::new()
        .sql("t.ok", "select 1 as x")
        .asset("t.v", "kind = 'sql'\nmaterialize = 'view'\nsql = 'select x from t.ok'\n");
    sandbox.apply();
    sandbox.dp(["check", "--deep"]).success();
    let file = std::fs::canonicalize(sandbox.path("warehouse/prod.duckdb")).expect("the catalogue");
    let other = duckdb::Connection::open(file).expect("a client");
    other.execute_batch("CREATE OR REPLACE VIEW t.v AS SELECT nothing FROM t.ok").expect_err("it binds");
    other
        .execute_batch("CREATE OR REPLACE VIEW t.v WITH (defer_binding = true) AS SELECT nothing FROM t.ok")
        .expect("a view");
    drop(other);
    sandbox.dp(["check", "--deep"]).exits(3).says("t.v: DuckDB clients can't read it in the catalogue");
    sandbox.dp(["check", "--deep", "t.ok"]).success();
}
