//! What dp believes of the engine, asked of the engine itself.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]
#![expect(clippy::disallowed_methods, reason = "nobody hands the environment down to a test")]

mod choices;
mod session_words;

use std::collections::BTreeSet;
use std::path::Path;

use dp::engine::duckdb::types::Scalar;
use dp::engine::duckdb::{DuckAnalyst, DuckBuilder, FIXED_TIME, SessionOptions, functions};
use dp::model::{AssetName, Column, Format, Schema};
use dp::seam::{Analyst, BuildTask, Builder, Built, Relation, RelationBody, SourceReader};
use dp::sql::difference;
use dp::sql::syntax::Syntax;

fn options(root: &Path) -> SessionOptions {
    for folder in [".dp/store", ".dp/tmp"] {
        std::fs::create_dir_all(root.join(folder)).unwrap();
    }
    SessionOptions {
        root: root.to_owned(),
        files: Vec::new(),
        memory_limit: None,
        threads: Some(1),
        spill: root.join(".dp/tmp/spill"),
        timezone: "UTC".to_owned(),
    }
}

fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    (folder, root)
}

fn syntax(sql: &str) -> Syntax {
    let (_folder, root) = folder();
    let mut analyst = DuckAnalyst::new(options(&root));
    analyst.parse(&[sql]).unwrap().remove(0).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The parts in which two queries differ, as a plan names them.
fn differences(before: &str, after: &str) -> Vec<String> {
    let (_folder, root) = folder();
    let analyst = DuckAnalyst::new(options(&root));
    let [before, after] = [before, after].map(|sql| analyst.outline(&syntax(sql).tree).unwrap());
    difference::parts(&before, &after)
}

#[test]
fn an_edit_is_named_by_clause_and_output() {
    let query = "with k as (select a, b from t where a > 1), l as (select 1 as c) select k.a, b + 1 as d from k, l";
    for (from, to, expected) in [
        ("select", "SELECT", &[][..]),
        ("b + 1", "b + 2", &["`d`"]),
        ("k.a, b + 1 as d", "b + 1 as d, k.a", &["the order of columns"]),
        ("k.a, ", "", &["`a` removed"]),
        ("k.a, ", "k.a, 3 as e, ", &["`e` added"]),
        ("k.a, b + 1 as d", "*", &["the select list"]),
        ("from k, l", "from l, k where b > 2 order by 1", &["FROM", "WHERE", "ORDER BY, DISTINCT or LIMIT"]),
        ("from k, l", "from k, l group by all having b > 1 qualify true", &["GROUP BY", "HAVING", "QUALIFY"]),
        ("a > 1", "a > 2", &["WHERE in `k`"]),
        ("a, b from", "a, b, c from", &["`c` added in `k`"]),
        ("k as (", "k as materialized (", &["WITH `k`"]),
        (", l as (select 1 as c)", ", m as (select 1 as c)", &["WITH `m` added", "WITH `l` removed"]),
        ("select 1 as c", "select 1 as c union all select 2", &["the query in `l`"]),
        ("with k as", "with recursive k as", &[]),
    ] {
        assert!(query.contains(from), "{from}");
        assert_eq!(differences(query, &query.replace(from, to)), expected, "{from} → {to}");
    }
    assert_eq!(differences(query, "select 1 union select 2"), ["the query"]);
}

#[test]
fn every_unstable_function_of_the_engine_is_known() {
    let (_folder, root) = folder();
    let mut analyst = DuckAnalyst::new(options(&root));
    let known = [functions::CLOCK, functions::VOLATILE, functions::LOOKUPS].concat();
    let unknown: Vec<_> = analyst
        .unstable_functions()
        .unwrap()
        .into_iter()
        // It gives no result at all.
        .filter(|(name, _)| name != "error" && !known.contains(&name.as_str()))
        .collect();
    assert!(unknown.is_empty(), "add these to a list of engine/duckdb/functions.rs: {unknown:?}");
}

#[test]
fn the_functions_that_tell_the_time_are_fixed() {
    let engine = duckdb::Connection::open_in_memory().unwrap();
    let sql = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'scalar' AND function_name IN (
        'now', 'get_current_timestamp', 'transaction_timestamp', 'current_timestamp', 'today', 'current_date',
        'current_localtimestamp', 'localtimestamp', 'current_localtime', 'get_current_time', 'current_time', 'localtime')";
    let mut statement = engine.prepare(sql).unwrap();
    let there: BTreeSet<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(there, FIXED_TIME.iter().map(|(name, _)| (*name).to_owned()).collect());
}

/// Projects that were there before the engine knew time zones are built of these; what they bind to is in keys.
#[test]
fn overloads_for_time_zones_change_no_other_plan() {
    let (_folder, root) = folder();
    let mut analyst = DuckAnalyst::new(options(&root));
    for (sql, data_type) in [
        ("date_trunc('day', date '2024-01-01')", "TIMESTAMP"),
        ("date_trunc('day', timestamp '2024-01-01')", "TIMESTAMP"),
        ("year(date '2024-01-01')", "BIGINT"),
        ("date_part('epoch', timestamp '2024-01-01')", "DOUBLE"),
        ("extract(year from timestamp '2024-01-01')", "BIGINT"),
        ("date '2024-01-01' + interval 1 day", "TIMESTAMP"),
        ("timestamp '2024-01-02' - timestamp '2024-01-01'", "INTERVAL"),
        ("date '2024-01-02' - date '2024-01-01'", "BIGINT"),
        ("age(timestamp '2024-01-02', timestamp '2024-01-01')", "INTERVAL"),
        ("time_bucket(interval 1 day, date '2024-01-01')", "DATE"),
        ("strftime(date '2024-01-01', '%Y')", "VARCHAR"),
        ("range(timestamp '2024-01-01', timestamp '2024-01-02', interval 1 day)", "TIMESTAMP[]"),
        ("last_day(date '2024-01-01')", "DATE"),
        ("1 + 1", "INTEGER"),
        ("1.5 - 1", "DECIMAL(12,1)"),
    ] {
        let bound = analyst.bind(&format!("select {sql} as a")).unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(bound.schema.0[0].data_type, data_type, "{sql}");
        assert!(bound.zoned.is_empty(), "{sql}: {:?}", bound.zoned);
    }
}

#[test]
fn spelling_leaves_no_trace_in_the_canonical_tree() {
    let one = syntax("select a, CAST(b AS TEXT) from raw.t where c > 1 -- why");
    let other = syntax("SELECT a,\n  /* x */ b::text\nFROM raw.t WHERE c > 1;");
    assert_eq!(one.tree, other.tree);
    for different in [
        "select a, CAST(b AS TEXT) from raw.t where c > 2",
        "select a, CAST(b AS TEXT) as b from raw.t where c > 1",
        "select a, CAST(b AS TEXT) from raw.u where c > 1",
        "select A, CAST(b AS TEXT) from raw.t where c > 1",
    ] {
        assert_ne!(one.tree, syntax(different).tree, "{different}");
    }
}

#[test]
fn common_tables_and_aliases_are_no_upstreams() {
    let names = |sql: &str| -> Vec<String> { syntax(sql).tables.iter().map(|table| table.path.join(".")).collect() };
    assert_eq!(names("with a as (select * from raw.t), b as (select * from a) select * from b"), ["raw.t"]);
    // A table of the same name is meant where the common one is not visible yet.
    assert_eq!(names("with orders as (select * from orders) select * from orders"), ["orders"]);
    assert_eq!(names("select (select max(a) from raw.u) from raw.t"), ["raw.u", "raw.t"]);
    assert_eq!(names("with recursive r as (select 1 as i union all select i + 1 from r where i < 3) from r"), [""; 0]);
    assert_eq!(names("from raw.a union all by name from raw.b"), ["raw.a", "raw.b"]);
}

#[test]
fn what_could_change_unseen_is_refused() {
    for sql in [
        "select getvariable('x')",
        "select current_setting('threads')",
        "select * from query('select 1')",
        "select * from glob('*')",
        "select * from read_text('/etc/passwd')",
        "select * from read_csv('a' || '.csv')",
        "select $1",
        "summarize select 1",
        "with a as (insert into t values (1) returning *) select * from a",
    ] {
        assert!(!syntax(sql).refused.is_empty(), "{sql}");
    }
    assert!(syntax("select * from range(3), unnest([1, 2])").refused.is_empty());
}

#[test]
fn queries_that_name_a_time_zone_are_known() {
    for sql in [
        "select a at time zone 'Asia/Tokyo' from raw.t",
        "select timezone(z, a) from raw.t",
        "select make_timestamptz(2024, 1, 1, 0, 0, 0, 'Asia/Tokyo')",
        "select time_bucket(interval 1 day, a, 'Asia/Tokyo') from raw.t",
    ] {
        assert!(syntax(sql).names_zone, "{sql}");
    }
    for sql in ["select timezone(a) from raw.t", "select date_trunc('day', a) from raw.t", "select make_timestamptz(1)"]
    {
        assert!(!syntax(sql).names_zone, "{sql}");
    }
}

#[test]
fn results_that_may_differ_are_noticed() {
    for sql in [
        "select random()",
        "select now()",
        "select first(a) from raw.t",
        "select list(a) from raw.t",
        "select row_number() over () from raw.t",
        "select sum(a) over (order by b rows between 1 preceding and current row) from raw.t",
        "select a from raw.t limit 3",
        "select distinct on (a) a, b from raw.t",
        "select a from raw.t using sample 10%",
        "select * from raw.t positional join raw.u",
    ] {
        assert!(!syntax(sql).unstable.is_empty(), "{sql}");
    }
    for sql in [
        "select sum(a), count(*) from raw.t group by b",
        "select rank() over (partition by a order by b) from raw.t",
        "select sum(a) over (partition by b) from raw.t",
        "select distinct a from raw.t order by a",
    ] {
        assert!(syntax(sql).unstable.is_empty(), "{sql}");
    }
}

#[test]
fn a_bound_plan_does_not_depend_on_the_moment_nor_on_unread_columns() {
    let (_folder, root) = folder();
    let name: AssetName = "raw.t".parse().unwrap();
    let column = |name: &str| Column {
        name: name.to_owned(),
        data_type: "INTEGER".to_owned(),
    };
    let plan = |columns: &[&str], sql: &str| {
        let mut analyst = DuckAnalyst::new(options(&root));
        let body = RelationBody::Empty(Schema(columns.iter().map(|name| column(name)).collect()));
        let name = name.clone();
        analyst.declare_schemas(&[name.schema()]).unwrap();
        analyst.declare(&[Relation { name, body }]).unwrap();
        analyst.bind(sql).unwrap().plan.unwrap()
    };
    let sql = "select a + 1 as b, now() as d from raw.t";
    assert_eq!(plan(&["a"], sql), plan(&["a"], sql));
    assert_eq!(plan(&["a"], sql), plan(&["z", "a"], sql));
    // Functions of the clock are fixed through `now()`.
    for (clock, fixed) in [
        ("current_date", "CAST(timestamptz '2000-01-01 00:00:00+00' AS DATE)"),
        ("today()", "CAST(timestamptz '2000-01-01 00:00:00+00' AS DATE)"),
        ("localtimestamp", "CAST(timestamptz '2000-01-01 00:00:00+00' AS TIMESTAMP)"),
    ] {
        let [clock, fixed] = [clock, fixed].map(|sql| plan(&["a"], &format!("select a, {sql} as d from raw.t")));
        assert_eq!(clock, fixed);
    }
    // A new column captures the name: the same text means something else.
    let sql = "select a + 1 as b, b * 2 as c from raw.t";
    assert_ne!(plan(&["a"], sql), plan(&["a", "b"], sql));
}

fn described(engine: &duckdb::Connection, query: &str) -> Schema {
    let mut statement = engine.prepare(&format!("DESCRIBE {query}")).unwrap();
    let column = |row: &duckdb::Row<'_>| {
        Ok(Column {
            name: row.get(0)?,
            data_type: row.get(1)?,
        })
    };
    Schema(statement.query_map([], column).unwrap().map(Result::unwrap).collect())
}

/// Names and types are read from plans where these tell them; nobody may see a difference.
#[test]
fn columns_are_what_the_engine_describes() {
    let (_folder, root) = folder();
    let mut types: Vec<String> = Scalar::ALL.iter().map(|scalar| scalar.name().to_owned()).collect();
    types.retain(|name| !name.contains("NULL") && name != "TYPE");
    let nested =
        ["DECIMAL(10,2)", "INTEGER[]", "DECIMAL(4,1)[][]", "STRUCT(a INTEGER)", "ENUM('x', 'y')", "INTEGER[3]"];
    types.extend(nested.map(ToOwned::to_owned));
    let columns: Vec<_> = types.iter().enumerate().map(|(index, name)| format!("NULL::{name} AS c{index}")).collect();
    let t = "(select 1 as k, 2.5::double as v)";
    let mut queries: Vec<String> = columns.iter().map(|column| format!("select {column}")).collect();
    queries.push(format!("select {}", columns.join(", ")));
    queries.extend(
        [
            "select k from {t} order by v",
            "select k + 1 from {t} -- the sum",
            "select 2 from {t} group by 1",
            "select k + 1 as d from {t} group by d having d > 1",
            "select 1 as a, 2 as a",
            "select 1 as a, 2 as A",
            "select 1 as a, 2 as a, 3 as a_1",
            "select k as a, k as a_1 from {t}",
            "select (select max(k) from {t})",
            "select * from {t} as x join {t} as y using (k)",
            "select * exclude (k), columns('k') as \"A b\" from {t}",
            "from {t} as x(a, b) select a, b, a = b",
            "values (1, 'a')",
            "select k from {t} union all select v from {t}",
            "with c as (select k from {t}) select *, row_number() over (order by k) from c qualify true limit 3",
            "select [] as l, NULL as n, 'a' collate nocase as c, '{}'::json as j",
            "pivot {t} on k in (1, 2) using sum(v)",
            "select distinct on (k) k, v from {t} order by v",
        ]
        .map(|query| query.replace("{t}", t)),
    );
    let engine = duckdb::Connection::open_in_memory().unwrap();
    let mut analyst = DuckAnalyst::new(options(&root));
    let texts: Vec<&str> = queries.iter().map(String::as_str).collect();
    let together = analyst.bind_all(&texts);
    for (query, bound) in queries.iter().zip(together) {
        let described = described(&engine, query);
        let alone = analyst.bind(query).unwrap();
        assert_eq!(alone.schema, described, "{query}");
        if let Some(bound) = bound {
            assert_eq!(bound, alone, "{query}");
        }
    }
    assert!(analyst.bind_all(&["select 1 as a", "select nobody", "select 2 as b"])[1].is_none());
}

#[test]
fn a_session_reaches_nothing_but_the_store() {
    let (_folder, root) = folder();
    std::fs::write(root.join("secret.csv"), "a\n1\n").unwrap();
    let mut builder = DuckBuilder::open(&options(&root)).unwrap();
    let file = root.join(".dp/tmp/x.parquet");
    let secret = root.join("secret.csv");
    for sql in [
        format!("select * from read_csv('{}')", secret.display()),
        "select * from read_csv('/etc/passwd')".to_owned(),
        "select * from read_parquet('https://example.com/x.parquet')".to_owned(),
    ] {
        let task = BuildTask {
            sql: sql.clone(),
            schema: None,
            file: file.clone(),
            lists: Vec::new(),
            export: None,
        };
        let error = builder.build(&task).expect_err(&sql);
        assert!(error.message.contains("disabled by configuration"), "{sql}: {error}");
    }
}

#[test]
fn a_mixture_of_nested_types_survives_a_build() {
    let (_folder, root) = folder();
    let mut builder = DuckBuilder::open(&options(&root)).unwrap();
    let task = BuildTask {
        sql: "select 170141183460469::hugeint as h, interval 1 month as i, {'a': [1::utinyint], 'b': null} as s"
            .to_owned(),
        schema: None,
        file: root.join(".dp/tmp/x.parquet"),
        lists: Vec::new(),
        export: None,
    };
    let built = builder.build(&task).unwrap();
    let types: Vec<_> = built.schema.0.iter().map(|column| column.data_type.as_str()).collect();
    assert_eq!(types[..2], ["HUGEINT", "INTERVAL"]);
    assert_eq!(built.rows, 1);
    let again = BuildTask {
        file: root.join(".dp/tmp/y.parquet"),
        ..task
    };
    assert_eq!(builder.build(&again).unwrap().content, built.content);
    let told = BuildTask {
        schema: Some(built.schema.clone()),
        file: root.join(".dp/tmp/z.parquet"),
        ..again
    };
    let told = builder.build(&told).unwrap();
    assert_eq!((told.content, told.schema), (built.content, built.schema));
}

#[test]
fn columns_are_fingerprinted_alone_and_together_in_one_scan() {
    let (_folder, root) = folder();
    let mut builder = DuckBuilder::open(&options(&root)).unwrap();
    let names = |names: &[&str]| -> BTreeSet<String> { names.iter().map(|name| (*name).to_owned()).collect() };
    let mut build = |sql: &str| {
        let task = BuildTask {
            sql: sql.to_owned(),
            schema: None,
            file: root.join(".dp/tmp/x.parquet"),
            lists: vec![names(&[]), names(&["a"]), names(&["b"]), names(&["a", "b"]), names(&["missing"])],
            export: None,
        };
        builder.build(&task).unwrap()
    };
    let content = |built: &Built, columns: &[&str]| {
        built.lists.iter().find(|list| list.columns == names(columns)).map(|list| list.content.clone())
    };
    let first = build("select * from (values (1, 'x', 0.5), (2, 'y', 0.5)) as t(a, b, c)");
    assert_eq!(content(&first, &["missing"]), None);
    let swapped = build("select * from (values (1, 'y', 0.5), (2, 'x', 0.5)) as t(a, b, c)");
    assert_eq!(content(&swapped, &["a"]), content(&first, &["a"]));
    assert_eq!(content(&swapped, &["b"]), content(&first, &["b"]));
    assert_ne!(content(&swapped, &["a", "b"]), content(&first, &["a", "b"]), "which value stands beside which counts");
    assert_eq!(content(&swapped, &[]), content(&first, &[]), "the number of rows is the same");
    let wider = build("select *, 1 as d from (values (2, 'y', 0.7), (1, 'x', 0.5)) as t(a, b, c)");
    assert_eq!(content(&wider, &["a", "b"]), content(&first, &["a", "b"]));
    assert_ne!(wider.content, first.content);
    // A list that is the whole table says what the whole says, so that it can stand for it.
    let two = build("select * from (values (1, 'x'), (2, 'y')) as t(a, b)");
    assert_eq!(Some(two.content), content(&first, &["a", "b"]));
    // Who names columns does not see how the table orders them.
    let turned = build("select * from (values ('x', 1), ('y', 2)) as t(b, a)");
    assert_eq!(content(&turned, &["a", "b"]), content(&first, &["a", "b"]));
    assert_ne!(Some(turned.content), content(&first, &["a", "b"]));
    let retyped = build("select a::bigint as a, b, c from (values (1, 'x', 0.5), (2, 'y', 0.5)) as t(a, b, c)");
    assert_ne!(content(&retyped, &["a"]), content(&first, &["a"]));
    let fewer = build("select * from (values (1, 'x', 0.5)) as t(a, b, c)");
    assert_ne!(content(&fewer, &[]), content(&first, &[]));
}

#[test]
fn files_of_the_engine_keep_their_statistics_and_others_do_not() {
    let (_folder, root) = folder();
    let own = root.join("own.parquet");
    let engine = duckdb::Connection::open_in_memory().unwrap();
    engine.execute_batch(&format!("COPY (SELECT 1.5::DOUBLE AS d) TO '{}' (FORMAT parquet)", own.display())).unwrap();
    let foreign = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine/parquet/nan_pyarrow.parquet");
    let mut analyst = DuckAnalyst::new(SessionOptions {
        files: vec![own.clone(), foreign.clone()],
        ..options(&root)
    });
    let mut sql = |files: Vec<std::path::PathBuf>| {
        let reader = SourceReader {
            format: Format::Parquet,
            files,
            options: Vec::new(),
            types: Vec::new(),
            lenient: BTreeSet::new(),
            kept: Vec::new(),
            root: root.clone(),
        };
        analyst.read_schema(&reader).unwrap().sql
    };
    assert!(sql(vec![own.clone()]).starts_with("SELECT * FROM read_parquet"));
    assert!(!sql(vec![foreign.clone()]).contains('*'));
}
