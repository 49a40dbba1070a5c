//! Each type of the engine, and what dp has decided about it, against the engine itself and real Parquet files.

#![expect(clippy::unwrap_used, reason = "what fails here is the test")]

mod edges;
mod render;

use std::collections::BTreeSet;
use std::path::Path;

use dp::engine::duckdb::types::{
    DataType, FINGERPRINT_FUNCTION, Field, MAX_DEPTH, Scalar, TypeError, Unstorable, cast_hint, fingerprint_query,
};
use duckdb::{Config, Connection};
use tempfile::TempDir;

use crate::edges::{Edges, UNION};
use crate::render::render;

const REFUSED: [Scalar; 2] = [Scalar::Variant, Scalar::Type];

fn engine() -> Connection {
    let config = Config::default().enable_autoload_extension(false).unwrap().threads(1).unwrap();
    Connection::open_in_memory_with_flags(config).unwrap()
}

fn parse(text: &str) -> DataType {
    DataType::parse(text).unwrap()
}

fn one(engine: &Connection, sql: &str) -> String {
    engine.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{error}\n{sql}"))
}

fn sums(engine: &Connection, columns: &[(String, DataType)], from_sql: &str) -> (String, String, String) {
    let sql = fingerprint_query(&[columns.to_vec()], from_sql);
    engine
        .query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap_or_else(|error| panic!("{error}\n{sql}"))
}

/// The hash of one row, as the fingerprint has it.
fn row_hash(columns: &[String]) -> String {
    let keys: Vec<_> = columns.iter().map(|column| format!("{column}, 'ASC NULLS FIRST'")).collect();
    format!("md5_number(create_sort_key('', 'ASC NULLS FIRST', {}))", keys.join(", "))
}

/// For each row of `t (i, c)` its strict text and its hash.
fn rows(engine: &Connection, table: &str, data_type: &DataType) -> duckdb::Result<Vec<(String, String)>> {
    let text = render(data_type, "c", 0);
    let hash = row_hash(&[data_type.fingerprint_sql("c")]);
    let mut query = engine.prepare(&format!("SELECT {text}, CAST({hash} AS VARCHAR) FROM {table} ORDER BY i"))?;
    query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Writes the values to a file and reads them back; what is wrong with the result.
fn round_trip(engine: &Connection, folder: &Path, edges: &Edges) -> Result<(), String> {
    let say = |what: &str, error: duckdb::Error| format!("{}: {what}: {error}", edges.data_type);
    let file = folder.join("c.parquet");
    let file = file.to_str().unwrap();
    let data_type = parse(&edges.data_type);
    assert_eq!(data_type.check_storable(), Ok(()), "{data_type}");
    assert_eq!(parse(&data_type.to_string()), data_type, "display and parse agree");

    engine
        .execute_batch(&format!("CREATE OR REPLACE TABLE t (i INTEGER, c {data_type})"))
        .map_err(|e| say("type", e))?;
    let values: Vec<_> = edges.values.iter().enumerate().map(|(i, value)| format!("SELECT {i}, {value}")).collect();
    for values in values.chunks(8) {
        engine.execute_batch(&format!("INSERT INTO t {}", values.join(" UNION ALL "))).map_err(|e| say("values", e))?;
    }
    engine
        .execute_batch(&format!(
            "COPY (SELECT i, {} AS c FROM t ORDER BY i) TO '{file}' (FORMAT parquet);
             CREATE OR REPLACE VIEW f AS SELECT * FROM read_parquet('{file}', hive_partitioning = false);
             CREATE OR REPLACE VIEW b AS SELECT i, {} AS c FROM f",
            data_type.store_sql("c"),
            data_type.load_sql("c"),
        ))
        .map_err(|e| say("store and load", e))?;

    let described = |table: &str| one(engine, &format!("SELECT column_type FROM (DESCRIBE SELECT c FROM {table})"));
    let as_it_was = described("t");
    if parse(&as_it_was) != data_type {
        return Err(format!("{data_type}: the engine calls it {as_it_was}"));
    }
    if parse(&described("f")) != data_type.stored() {
        return Err(format!("{data_type}: the file has {}", described("f")));
    }
    if described("b") != as_it_was {
        return Err(format!("{data_type}: came back as {}", described("b")));
    }

    let before = rows(engine, "t", &data_type).map_err(|e| say("before", e))?;
    let after = rows(engine, "b", &data_type).map_err(|e| say("after", e))?;
    if before != after {
        let differs = before.iter().zip(&after).find(|(before, after)| before != after);
        return Err(format!("{data_type}: a value changed: {differs:?}"));
    }
    let texts: BTreeSet<_> = before.iter().map(|(text, _)| text).collect();
    let hashes: BTreeSet<_> = before.iter().map(|(_, hash)| hash).collect();
    if texts.len() != edges.values.len() || hashes.len() != edges.values.len() {
        return Err(format!("{data_type}: {} texts, {} hashes of {before:?}", texts.len(), hashes.len()));
    }
    let columns = [("c".to_owned(), data_type)];
    assert_eq!(sums(engine, &columns, "t"), sums(engine, &columns, "b"));
    Ok(())
}

fn round_trips(all: impl IntoIterator<Item = Edges>) {
    let engine = engine();
    let folder = TempDir::new().unwrap();
    let mut count = 0;
    let wrong: Vec<_> = all
        .into_iter()
        .inspect(|_| count += 1)
        .filter_map(|edges| round_trip(&engine, folder.path(), &edges).err())
        .collect();
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn each_type_comes_back_from_a_file() {
    round_trips(edges::all().into_iter().chain(edges::special()));
}

/// In two halves, which run side by side.
#[test]
fn each_type_inside_others_comes_back_from_a_file_1() {
    round_trips(edges::all().iter().step_by(2).flat_map(edges::nestings));
}

#[test]
fn each_type_inside_others_comes_back_from_a_file_2() {
    round_trips(edges::all().iter().skip(1).step_by(2).flat_map(edges::nestings));
}

/// A new engine may bring types. Until dp has decided how each is stored, sorted and tested, this fails.
#[test]
fn each_type_that_the_engine_lists_is_decided() {
    let engine = engine();
    let tested: Vec<_> = edges::all().iter().map(|edges| parse(&edges.data_type)).collect();
    let mut query = engine.prepare("SELECT DISTINCT type_name, logical_type FROM duckdb_types()").unwrap();
    let listed: Vec<(String, String)> =
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    assert!(listed.len() > 50);
    for (name, logical) in listed {
        // `nestings` tests these.
        if ["LIST", "ARRAY", "STRUCT", "TUPLE", "MAP", "UNION"].contains(&logical.as_str()) {
            continue;
        }
        let name = match name.as_str() {
            "enum" => "ENUM('a')",
            "null" => "\"NULL\"",
            name => name,
        };
        let text = one(&engine, &format!("SELECT typeof(CAST(NULL AS {name}))"));
        let data_type = DataType::parse(&text).unwrap_or_else(|error| panic!("{error}"));
        let decided = match &data_type {
            DataType::Enum(_) | DataType::Decimal { .. } => true,
            DataType::Scalar(scalar) if REFUSED.contains(scalar) => data_type.check_storable().is_err(),
            data_type => tested.contains(data_type),
        };
        assert!(decided, "`{name}` is `{text}`, which no test tries");
    }
    for scalar in Scalar::ALL.iter().filter(|scalar| !REFUSED.contains(scalar)) {
        assert!(tested.contains(&DataType::Scalar(*scalar)), "{} is not tested", scalar.name());
    }
}

#[test]
fn values_that_the_stored_form_cannot_hold_are_errors() {
    let engine = engine();
    let too_large = [
        "100000000000000000000000000000000000000",
        "-100000000000000000000000000000000000000",
        "-170141183460469231731687303715884105728",
    ];
    for value in too_large {
        for (data_type, value) in [
            ("HUGEINT", format!("'{value}'::HUGEINT")),
            ("STRUCT(a HUGEINT[])", format!("row(['{value}'::HUGEINT])::STRUCT(a HUGEINT[])")),
            ("UNION(a HUGEINT)", format!("union_value(a := '{value}'::HUGEINT)")),
        ] {
            let sql = format!("SELECT {} IS NULL FROM (SELECT {value} AS c)", parse(data_type).store_sql("c"));
            let result = engine.query_row(&sql, [], |row| row.get::<_, bool>(0));
            let error = result.expect_err(&sql).to_string();
            assert!(error.contains("Conversion Error"), "{error}");
        }
    }
}

#[test]
fn a_damaged_union_is_an_error() {
    let engine = engine();
    let load = parse("UNION(a INTEGER, b VARCHAR)").load_sql("c");
    for tag in ["'c'", "NULL"] {
        let sql = format!("SELECT {load} FROM (SELECT {{'tag': {tag}::VARCHAR, 'v1': 1, 'v2': NULL::VARCHAR}} AS c)");
        let result = engine.query_row(&sql, [], |row| row.get::<_, duckdb::types::Value>(0));
        assert!(result.expect_err(&sql).to_string().contains("unknown tag"), "{sql}");
    }
}

#[test]
fn types_without_a_stored_form_are_refused_with_a_cast_that_works() {
    let engine = engine();
    for (data_type, found, cast) in [
        ("VARIANT", "VARIANT", "JSON"),
        ("VARIANT[]", "VARIANT", "JSON[]"),
        ("VARIANT[2]", "VARIANT", "JSON[2]"),
        ("TYPE", "TYPE", "VARCHAR"),
        ("STRUCT(a TYPE, b INTEGER)", "TYPE", "STRUCT(\"a\" VARCHAR, \"b\" INTEGER)"),
        ("MAP(VARCHAR, VARIANT)", "VARIANT", "MAP(VARCHAR, JSON)"),
        ("TUPLE(VARIANT)", "VARIANT", "TUPLE(JSON)"),
        ("UNION(a INTEGER, b VARIANT)", "VARIANT", "UNION(\"a\" INTEGER, \"b\" JSON)"),
    ] {
        let refusal = parse(data_type).check_storable().unwrap_err();
        assert_eq!(
            refusal,
            Unstorable::NoForm {
                found: found.to_owned(),
                cast: cast.to_owned()
            }
        );
        assert_eq!(parse(cast).check_storable(), Ok(()));
        engine.execute_batch(&format!("SELECT CAST(NULL AS {data_type})::{cast}")).unwrap();
    }
    for (values, cast, text) in [
        ("{'a': 1}::VARIANT", "JSON", "{\"a\":1}"),
        ("['x'::VARIANT, 1::VARIANT]", "JSON[]", "[\"x\", 1]"),
        ("get_type(1)", "VARCHAR", "INTEGER"),
        ("[get_type(1)]", "VARCHAR[]", "[INTEGER]"),
        ("{}", "VARCHAR", "{}"),
        ("[[[union_value(a := 1)]]]", "JSON", "[[[{\"a\":1}]]]"),
    ] {
        assert_eq!(one(&engine, &format!("SELECT CAST(({values})::{cast} AS VARCHAR)")), text);
    }
    let refusal = parse("STRUCT(a VARIANT)[]").check_storable().unwrap_err();
    assert_eq!(refusal.to_string(), "dp has no stored form for `VARIANT`");
    assert_eq!(refusal.help(), "cast it to the nearest type, `::STRUCT(\"a\" JSON)[]`");
    assert_eq!(cast_hint("STRUCT(a VARIANT)[]"), refusal.help());
    assert_eq!(cast_hint("AGGREGATE_STATE"), "cast it to a type that can be stored, `::VARCHAR`");
}

#[test]
fn types_that_sql_cannot_write_are_refused() {
    let engine = engine();
    for (data_type, found) in [("STRUCT", "STRUCT"), ("STRUCT(a STRUCT)[]", "STRUCT"), ("TUPLE[2]", "TUPLE")] {
        assert_eq!(parse(data_type).check_storable(), Err(Unstorable::NoFields { found }));
    }
    assert_eq!(parse(&one(&engine, "SELECT typeof({})")), DataType::Struct(Vec::new()));
    assert_eq!(parse(&one(&engine, "SELECT typeof(row())")), DataType::Tuple(Vec::new()));

    engine.execute_batch("CREATE TYPE zero AS ENUM (SELECT 'a' || chr(0) || 'b')").unwrap();
    let zero = parse(&one(&engine, "SELECT typeof(NULL::zero[])"));
    let refusal = zero.check_storable().unwrap_err();
    assert_eq!(
        refusal,
        Unstorable::Name {
            name: "a\0b".to_owned()
        }
    );
    assert_eq!(refusal.to_string(), "the name `a\\0b` in an ENUM, STRUCT or UNION can't be written in SQL");
    let unnamed = Field {
        name: String::new(),
        data_type: parse("INTEGER"),
    };
    assert_eq!(DataType::Struct(vec![unnamed]).check_storable(), Err(Unstorable::Name { name: String::new() }));
}

#[test]
fn unknown_types_are_named() {
    let engine = engine();
    let state = one(&engine, "SELECT typeof(sum(1) EXPORT_STATE)");
    assert_eq!(
        DataType::parse(&state),
        Err(TypeError::Unknown {
            name: "AGGREGATE_STATE".to_owned()
        })
    );
    assert_eq!(parse_error("STRUCT(a FOO)"), "dp does not support the type `FOO`");
    assert_eq!(parse_error("STRUCT(a INTEGER"), "can't parse the type `STRUCT(a INTEGER`: expected ) at byte 16");
    assert_eq!(parse_error("DECIMAL(x,1)"), "can't parse the type `DECIMAL(x,1)`: expected a number at byte 8");
    assert_eq!(parse_error("INTEGER]"), "can't parse the type `INTEGER]`: expected the end at byte 7");
    assert_eq!(parse_error(""), "can't parse the type ``: expected a name at byte 0");
}

fn parse_error(text: &str) -> String {
    DataType::parse(text).unwrap_err().to_string()
}

#[test]
fn text_that_is_cut_off_never_panics() {
    for edges in edges::special().into_iter().chain(edges::all()) {
        for (end, _) in edges.data_type.char_indices() {
            let _result = DataType::parse(&edges.data_type[..end]);
            let _result = DataType::parse(&edges.data_type[end..]);
        }
    }
}

/// As deep as dp allows, the engine still does it in a moment; one level more is refused.
#[test]
fn nesting_has_limits() {
    const SHAPES: [&str; 6] = ["#[]", "#[2]", "STRUCT(a #)", "TUPLE(#)", "MAP(INTEGER, #)", "MAP(#, INTEGER)"];
    let engine = engine();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("c.parquet");
    let file = file.display();
    let nest = |shape: &str, seed: &str, times| (0..times).fold(seed.to_owned(), |inner, _| shape.replace('#', &inner));
    let works = |text: &str| {
        let data_type = parse(text);
        assert_eq!(data_type.check_storable(), Ok(()));
        let (store, load) = (data_type.store_sql("c"), data_type.load_sql("c"));
        let columns = [("c".to_owned(), data_type)];
        let create = format!("CREATE OR REPLACE TABLE t AS SELECT CAST(NULL AS {text}) AS c");
        engine.execute_batch(&create).unwrap();
        engine.execute_batch(&format!("COPY (SELECT {store} AS c FROM t) TO '{file}' (FORMAT parquet)")).unwrap();
        let loaded = format!("(SELECT {load} AS c FROM read_parquet('{file}', hive_partitioning = false))");
        assert_eq!(one(&engine, &format!("SELECT typeof(c) FROM {loaded}")), text);
        assert_eq!(sums(&engine, &columns, &loaded), sums(&engine, &columns, "t"));
    };
    for shape in SHAPES {
        let levels = if shape.starts_with(['S', 'T']) { MAX_DEPTH - 1 } else { 16 };
        works(&nest(shape, "HUGEINT", levels));
        let deeper = DataType::parse(&nest(shape, "HUGEINT", levels + 1)).map(|deeper| deeper.check_storable());
        let too_deep = matches!(deeper, Err(TypeError::TooDeep) | Ok(Err(Unstorable::ListsTooDeep)));
        assert!(too_deep, "{shape}: {deeper:?}");
    }
    for shape in SHAPES.into_iter().chain(["UNION(a #, b INTEGER)"]) {
        works(&nest(shape, UNION, 8));
        assert_eq!(parse(&nest(shape, UNION, 9)).check_storable(), Err(Unstorable::UnionTooDeep));
    }
    assert_eq!(DataType::parse(&format!("INTEGER{}", "[]".repeat(1_000_000))), Err(TypeError::TooDeep));
    assert_eq!(DataType::parse(&"STRUCT(a ".repeat(1_000_000)), Err(TypeError::TooDeep));
}

/// The types of one row, and its sums: what a fingerprint is made of.
fn fingerprint(engine: &Connection, values: &[&str]) -> (Vec<DataType>, (String, String, String)) {
    let types: Vec<_> = values.iter().map(|value| parse(&one(engine, &format!("SELECT typeof({value})")))).collect();
    let columns: Vec<_> = (0..).map(|i: usize| format!("c{i}")).zip(types.iter().cloned()).collect();
    let values: Vec<_> = columns.iter().zip(values).map(|((name, _), value)| format!("{value} AS {name}")).collect();
    let sums = sums(engine, &columns, &format!("(SELECT {})", values.join(", ")));
    (types, sums)
}

#[test]
fn values_that_are_easily_confused_are_held_apart() {
    const PAIRS: &[(&[&str], &[&str])] = &[
        (&["'0.0'::DOUBLE"], &["'-0.0'::DOUBLE"]),
        (&["INTERVAL '1 month'"], &["INTERVAL '30 days'"]),
        (&["INTERVAL '1 day'"], &["INTERVAL '24 hours'"]),
        (&["'a'"], &["'a'::BLOB"]),
        (&["1.00::DECIMAL(10,2)"], &["100::INTEGER"]),
        (&["1.00::DECIMAL(10,2)"], &["100::DECIMAL(10,0)"]),
        (&["1.0::DECIMAL(10,1)"], &["1.00::DECIMAL(10,2)"]),
        (&["[NULL]::INT[]"], &["NULL::INT[]"]),
        (&["[]::INT[]"], &["NULL::INT[]"]),
        (&["[]::INT[]"], &["[NULL]::INT[]"]),
        (&["[NULL]::INT[]"], &["[NULL, NULL]::INT[]"]),
        (&["[[1], [2]]"], &["[[1, 2]]"]),
        (&["[[]]::INT[][]"], &["[]::INT[][]"]),
        (&["[[], [1]]"], &["[[1], []]"]),
        (&["[[[1]], [[2]]]"], &["[[[1], [2]]]"]),
        (&["NULL::STRUCT(a INT)"], &["row(NULL)::STRUCT(a INT)"]),
        (&["{'a': 1, 'b': NULL::INT}"], &["{'a': NULL::INT, 'b': 1}"]),
        (&["'a'", "'b'"], &["'ab'", "''"]),
        (&["'a'", "NULL::VARCHAR"], &["NULL::VARCHAR", "'a'"]),
        (&["''"], &["NULL::VARCHAR"]),
        (&["chr(0)"], &["''"]),
        (&["'a' || chr(0)", "'b'"], &["'a'", "chr(0) || 'b'"]),
        (&["'\\x01'::BLOB", "'\\x00'::BLOB"], &["'\\x01\\x00'::BLOB", "''::BLOB"]),
        (&["'\\x00\\x01'::BLOB", "''::BLOB"], &["'\\x00'::BLOB", "'\\x01'::BLOB"]),
        (&["'nan'::DOUBLE"], &["'-nan'::DOUBLE"]),
        (&["9221120237041090561::UBIGINT::BIT::DOUBLE"], &["'nan'::DOUBLE"]),
        (&["2143289345::UINTEGER::BIT::FLOAT"], &["'nan'::FLOAT"]),
        (&["['0.0'::DOUBLE]"], &["['-0.0'::DOUBLE]"]),
        (&["map {'a': '0.0'::DOUBLE}"], &["map {'a': '-0.0'::DOUBLE}"]),
        (&["{'a': [INTERVAL '1 month']}"], &["{'a': [INTERVAL '30 days']}"]),
        (&["'06:30:00+00'::TIMETZ"], &["'12:00:00+05:30'::TIMETZ"]),
        (&["'1'::BIT"], &["'01'::BIT"]),
        (&["'0'::BIT"], &["'00000000'::BIT"]),
        (&["'A' COLLATE NOCASE"], &["'a' COLLATE NOCASE"]),
        (&["'é'"], &["'e\u{301}'"]),
        (&["union_value(a := 1)::UNION(a INT, b INT)"], &["union_value(b := 1)::UNION(a INT, b INT)"]),
        (&["union_value(a := NULL::INT)::UNION(a INT, b INT)"], &["NULL::UNION(a INT, b INT)"]),
        (&["union_value(a := NULL::INT)::UNION(a INT, b INT)"], &["union_value(b := NULL::INT)::UNION(a INT, b INT)"]),
        (&["map {'a': 1, 'b': 2}"], &["map {'b': 2, 'a': 1}"]),
        (&["map {'a': NULL::INT}"], &["map([], [])::MAP(VARCHAR, INT)"]),
        (&["'a'::ENUM('a', 'b')"], &["'a'::ENUM('b', 'a')"]),
        (&["'b'::ENUM('a', 'b')"], &["'a'::ENUM('a', 'b')"]),
        (&["1::INT"], &["1::BIGINT"]),
        (&["TRUE"], &["1::TINYINT"]),
        (&["'1'::JSON"], &["'1'"]),
        (&["'{\"a\":1}'::JSON"], &["'{\"a\": 1}'::JSON"]),
        (&["TIMESTAMP 'infinity'"], &["TIMESTAMP '-infinity'"]),
        (&["row(1)"], &["{'v1': 1}"]),
        (&["[1, 2]::INT[2]"], &["[1, 2]::INT[]"]),
        (&["'POINT(0 0)'::GEOMETRY"], &["'POINT(-0.0 0)'::GEOMETRY"]),
        (&["NULL::INT", "1"], &["1", "NULL::INT"]),
        (&["NULL::\"NULL\""], &["NULL::INT"]),
        (&["[[NULL]]::INT[][]"], &["[NULL]::INT[][]"]),
        (&["[NULL::INT[2]]"], &["[[NULL, NULL]::INT[2]]"]),
    ];
    let engine = engine();
    for (left, right) in PAIRS {
        assert_ne!(fingerprint(&engine, left), fingerprint(&engine, right), "{left:?} and {right:?}");
        assert_eq!(fingerprint(&engine, left), fingerprint(&engine, left));
    }
}

#[test]
fn where_one_column_ends_matters() {
    let engine = engine();
    for (data_type, values) in [
        ("VARCHAR", &["NULL", "''", "'a'", "chr(0)", "'a' || chr(0)", "chr(0) || 'a'", "chr(1)", "chr(2)"][..]),
        ("BLOB", &["NULL", "''", "'\\x00'", "'\\x01'", "'\\x01\\x00'", "'\\x00\\x01'", "'\\x02'", "'\\xFF\\xFE'"]),
        ("INTEGER[]", &["NULL", "[]", "[NULL]", "[0]", "[0, 0]", "[NULL, 0]", "[0, NULL]", "[-2147483648]"]),
        ("VARCHAR[]", &["NULL", "[]", "[NULL]", "['']", "['', '']", "['a']", "[chr(0)]", "['a', '']"]),
        (
            "STRUCT(a VARCHAR, b INTEGER[])",
            &["NULL", "row(NULL, NULL)", "row('', [])", "row(NULL, [])", "row('', NULL)", "row('a', [NULL])"],
        ),
    ] {
        let values: Vec<_> = values.iter().map(|value| format!("CAST({value} AS {data_type})")).collect();
        let side = format!("(SELECT unnest([{}]) AS x)", values.join(", "));
        let form = |column: &str| parse(data_type).fingerprint_sql(column);
        let hash = row_hash(&[form("a.x"), form("b.x")]);
        let distinct = one(&engine, &format!("SELECT CAST(count(DISTINCT {hash}) AS VARCHAR) FROM {side} a, {side} b"));
        assert_eq!(distinct, (values.len() * values.len()).to_string(), "{data_type}");
    }
}

/// A difference here means that each stored fingerprint has changed: give the function a new version.
#[test]
fn the_fingerprint_of_known_rows_stays() {
    assert_eq!(FINGERPRINT_FUNCTION, "md5-sort-key/1");
    let engine = engine();
    let columns = [("a", "BIGINT"), ("b", "DOUBLE"), ("s", "VARCHAR"), ("i", "INTERVAL"), ("l", "INTEGER[]")]
        .map(|(name, data_type)| (name.to_owned(), parse(data_type)));
    let rows = "(SELECT 1::BIGINT a, '-0.0'::DOUBLE b, 'x' s, INTERVAL '1 month' i, [1, NULL] l \
                 UNION ALL SELECT NULL, NULL, NULL, NULL, NULL)";
    let expected = triple("2", "16496919436561630639", "17448995669004543305");
    assert_eq!(sums(&engine, &columns, rows), expected);
    let mut all = Vec::new();
    for edges in edges::all().into_iter().chain(edges::special()) {
        let values: Vec<_> = edges.values.iter().map(|value| format!("SELECT {value} AS c")).collect();
        let from = format!("({})", values.join(" UNION ALL "));
        let (_, high, low) = sums(&engine, &[("c".to_owned(), parse(&edges.data_type))], &from);
        all.push(format!("{high} {low} {}", edges.data_type));
    }
    println!("{}", all.join("\n"));
    assert_eq!(all, include_str!("golden.txt").lines().collect::<Vec<_>>());
}

#[test]
fn order_and_threads_do_not_matter_and_repeats_do() {
    let engine = engine();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("m.parquet");
    let file = format!("read_parquet('{}', hive_partitioning = false)", file.display());
    engine
        .execute_batch(&format!(
            "CREATE TABLE m AS SELECT i % 1000 AS a, (i % 7)::DOUBLE AS b, \
                CASE WHEN i % 5 = 0 THEN NULL ELSE 'v' || i END AS \"s t\" FROM range(400000) r(i);
             COPY m TO '{}' (FORMAT parquet, ROW_GROUP_SIZE 5000)",
            folder.path().join("m.parquet").display()
        ))
        .unwrap();
    let columns = [("a", "BIGINT"), ("b", "DOUBLE"), ("s t", "VARCHAR")]
        .map(|(name, data_type)| (name.to_owned(), parse(data_type)));
    let expected = triple("400000", "8257012444638461396", "2473747172892140661");
    for threads in [1, 2] {
        for ordered in [true, false] {
            engine
                .execute_batch(&format!("SET threads = {threads}; SET preserve_insertion_order = {ordered}"))
                .unwrap();
            for from in ["m", "(SELECT * FROM m ORDER BY hash(a, \"s t\"))", &file] {
                assert_eq!(sums(&engine, &columns, from), expected, "{from}, {threads} threads");
            }
        }
    }
    let twice = sums(&engine, &columns, "(SELECT * FROM m UNION ALL SELECT * FROM m LIMIT 400001)");
    assert_ne!(twice.1, expected.1);
    let pair = sums(&engine, &columns[..1], "(SELECT 1::BIGINT a UNION ALL SELECT 1)");
    assert_ne!(pair, sums(&engine, &columns[..1], "(SELECT 2::BIGINT a UNION ALL SELECT 2)"));
}

#[test]
fn no_rows_no_columns_and_many_columns_have_fingerprints() {
    let engine = engine();
    let one_column = [("a b\"c".to_owned(), parse("DOUBLE"))];
    let none = sums(&engine, &one_column, "(SELECT 1.0::DOUBLE AS \"a b\"\"c\" WHERE false)");
    assert_eq!(none, triple("0", "0", "0"));
    assert_eq!(sums(&engine, &[], "range(3)").0, "3");
    let many: Vec<_> = (0..1000).map(|i| (format!("c{i}"), parse("DOUBLE"))).collect();
    let values: Vec<_> = (0..1000).map(|i| format!("{i}::DOUBLE AS c{i}")).collect();
    assert_eq!(sums(&engine, &many, &format!("(SELECT {})", values.join(", "))).0, "1");
}

fn triple(n: &str, high: &str, low: &str) -> (String, String, String) {
    (n.to_owned(), high.to_owned(), low.to_owned())
}
