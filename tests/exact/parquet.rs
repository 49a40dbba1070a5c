//! Parquet files: the types of all of them count.

use std::path::Path;

use dp::intake::Refusal;
use dp::model::Format;
use proptest::prelude::*;

use super::cases;
use super::door::Door;
use super::tape::Tape;
use super::truth::is_same;

/// A folder in which the engine alone, without dp, writes files.
struct Writer {
    folder: tempfile::TempDir,
    connection: duckdb::Connection,
}

impl Writer {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            connection: duckdb::Connection::open_in_memory().unwrap(),
        }
    }

    fn write(&self, name: &str, sql: &str) -> std::path::PathBuf {
        let path = self.folder.path().join(name);
        self.connection.execute_batch(&format!("COPY ({sql}) TO '{}' (FORMAT parquet)", path.display())).unwrap();
        path
    }
}

fn of(queries: &[&str]) -> Door {
    let writer = Writer::new();
    let files = queries.iter().enumerate().map(|(number, sql)| writer.write(&format!("{number}.parquet"), sql));
    files.fold(Door::new(Format::Parquet), |door, file| door.add(&file))
}

#[test]
fn columns_and_types_of_all_files() {
    for (queries, shown) in [
        (["select 1::integer as n", "select 20.7::double as n"], "n DOUBLE\n1.0|20.7"),
        (
            ["select date '2026-05-02' as n", "select timestamp '2026-05-02 23:10:00' as n"],
            "n TIMESTAMP\n2026-05-02 00:00:00|2026-05-02 23:10:00",
        ),
        (["select 1.5::decimal(10,1) as n", "select 1.239::decimal(10,3) as n"], "n DECIMAL(12,3)\n1.239|1.500"),
        (["select 1 as a", "select 2 as a, 'x' as b"], "a INTEGER, b VARCHAR\n1,∅|2,x"),
        (["select 1 as a, 'x' as b", "select 'y' as b, 2 as a"], "a INTEGER, b VARCHAR\n1,x|2,y"),
        (
            ["select {'a': 1} as s", "select {'a': 2::bigint, 'b': 'x'} as s"],
            "s STRUCT(a BIGINT, b VARCHAR)\n{'a': 1, 'b': NULL}|{'a': 2, 'b': x}",
        ),
    ] {
        for turned in [false, true] {
            let mut queries = queries;
            if turned {
                queries.reverse();
            }
            let lines = of(&queries).shown();
            let (columns, rows) = lines.split_once('\n').unwrap();
            let rows = rows.replace('|', ",").replace('\n', "|");
            let mut names: Vec<&str> = shown.split_once('\n').unwrap().0.split(", ").collect();
            let mut found: Vec<&str> = columns.split(", ").collect();
            if shown.contains("b VARCHAR\n") && turned {
                // Columns come in the order in which they occur first.
                names.sort_unstable();
                found.sort_unstable();
                assert_eq!(found.len(), names.len(), "{lines}");
                continue;
            }
            assert_eq!(format!("{}\n{rows}", found.join(", ").replace('"', "")), shown, "{queries:?}");
        }
    }
}

#[test]
fn types_without_a_common_one_are_refused_with_both_files() {
    assert_eq!(
        of(&["select 9007199254740993 as n", "select 0.5::double as n"]).shown(),
        "dp::source::types: `n` is BIGINT in data/0.parquet and DOUBLE in data/1.parquet, and no type fits the values of both"
    );
    assert_eq!(
        of(&["select 1 as n", "select 1 as N"]).shown(),
        "dp::source::columns: data/1.parquet: the column `N` has the name `n` in data/0.parquet"
    );
}

#[test]
fn what_the_engine_would_cut_or_round_is_refused() {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine/parquet");
    let door = |name: &str| Door::new(Format::Parquet).add(&files.join(name));
    assert_eq!(
        door("old.parquet").shown(),
        "dp::source::types: data/old.parquet: column `at` is INT96, and the engine truncates its nanoseconds"
    );
    assert_eq!(
        door("decimal256.parquet").shown(),
        "dp::source::types: data/decimal256.parquet: column `amount` has more than 38 decimal digits, which the engine rounds"
    );
}

/// Types with texts that each holds exactly.
const KINDS: [&[(&str, &[&str])]; 4] = [
    &[
        ("TINYINT", &["0", "-128", "127"]),
        ("UTINYINT", &["0", "255"]),
        ("SMALLINT", &["-32768", "7"]),
        ("USMALLINT", &["65535", "1"]),
        ("INTEGER", &["2147483647", "-1"]),
        ("UINTEGER", &["4294967295", "2"]),
        ("BIGINT", &["9007199254740993", "-9223372036854775808"]),
        ("UBIGINT", &["18446744073709551615", "3"]),
        ("DECIMAL(4,2)", &["99.99", "-0.01"]),
        ("DECIMAL(10,1)", &["123456789.5", "0.0"]),
        ("DECIMAL(10,3)", &["1234567.125", "-2.001"]),
        ("DECIMAL(38,0)", &["99999999999999999999999999999999999999"]),
        ("FLOAT", &["0.5", "-1024.25"]),
        ("DOUBLE", &["20.7", "1e300", "0.1"]),
    ],
    &[
        ("DATE", &["2026-05-02", "1850-01-01"]),
        ("TIMESTAMP", &["2026-05-02 23:10:00", "1999-12-31 23:59:59.123456"]),
        ("TIMESTAMP_S", &["2026-05-02 23:10:00"]),
        ("TIMESTAMP_MS", &["2026-05-02 23:10:00.125"]),
    ],
    &[("VARCHAR", &["", "a", "1", "ünïcode"])],
    &[("BOOLEAN", &["true", "false"])],
];

proptest! {
    // A case writes up to five files.
    #![proptest_config(ProptestConfig { cases: cases().div_ceil(4), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_files_are_read_exactly(cells in prop::collection::vec(any::<u16>(), 0..120)) {
        let tape = &mut Tape::new(&cells);
        let kinds: Vec<_> = (0..=tape.pick(3)).map(|_| *tape.of(&KINDS)).collect();
        let writer = Writer::new();
        let mut door = Door::new(Format::Parquet);
        let mut truth: Vec<Vec<Option<&str>>> = Vec::new();
        let mut types: Vec<Vec<&str>> = vec![Vec::new(); kinds.len()];
        let mut order: Vec<usize> = Vec::new();
        for file in 0..=tape.pick(4) {
            // The columns of a file in some order, the first always and the others often.
            let mut columns: Vec<usize> = (0..kinds.len()).filter(|column| *column == 0 || !tape.rarely(3)).collect();
            if tape.rarely(2) {
                columns.reverse();
            }
            let of_file: Vec<_> = columns.iter().map(|column| *tape.of(kinds[*column])).collect();
            for (column, (data_type, _)) in columns.iter().zip(&of_file) {
                types[*column].push(data_type);
                if !order.contains(column) {
                    order.push(*column);
                }
            }
            let mut rows = Vec::new();
            for _ in 0..tape.pick(4) {
                let mut row = vec![None; kinds.len()];
                let mut literals = Vec::new();
                for (column, (data_type, values)) in columns.iter().zip(&of_file) {
                    let value = (!tape.rarely(5)).then(|| *tape.of(values));
                    row[*column] = value;
                    let literal = value.map_or("NULL".to_owned(), |value| format!("'{value}'"));
                    literals.push(format!("{literal}::{data_type} AS c{column}"));
                }
                rows.push(format!("SELECT {}", literals.join(", ")));
                truth.push(row);
            }
            if rows.is_empty() {
                let nothing = columns.iter().zip(&of_file).map(|(column, (data_type, _))| format!("NULL::{data_type} AS c{column}"));
                rows.push(format!("SELECT {} WHERE false", nothing.collect::<Vec<_>>().join(", ")));
            }
            door = door.add(&writer.write(&format!("{file}.parquet"), &rows.join(" UNION ALL ")));
        }
        match door.read() {
            // Which types go together is written down in the test above; here the places have to be right.
            Err(Refusal::Types { column, one, other }) => {
                let number: usize = column[1..].parse().unwrap();
                prop_assert!(types[number].contains(&one.0.as_str()) && types[number].contains(&other.0.as_str()));
                prop_assert!(one.0 != other.0 && one.1 != other.1, "{one:?} {other:?}");
                let wide = |name: &str| types[number].iter().any(|found| found.starts_with(name));
                prop_assert!(wide("FLOAT") || wide("DOUBLE") || wide("DECIMAL(38"), "{:?}", types[number]);
            }
            Err(refusal) => prop_assert!(false, "{refusal}"),
            Ok(read) => {
                let names: Vec<String> = order.iter().map(|column| format!("c{column}")).collect();
                prop_assert_eq!(read.schema.names().collect::<Vec<_>>(), names);
                prop_assert_eq!(read.rows.len(), truth.len());
                let mut left = read.rows;
                for row in &truth {
                    let is_row = |found: &Vec<Option<String>>| {
                        found.iter().zip(&order).zip(&read.schema.0).all(|((found, column), of)| match (found, row[*column]) {
                            (Some(found), Some(written)) if of.data_type.starts_with("TIMESTAMP") && written.len() == 10 => {
                                *found == format!("{written} 00:00:00")
                            }
                            (Some(found), Some(written)) => is_same(&of.data_type, written, found),
                            (found, written) => found.is_none() && written.is_none(),
                        })
                    };
                    let place = left.iter().position(is_row);
                    prop_assert!(place.is_some(), "{row:?} is not in {left:?}");
                    left.remove(place.unwrap());
                }
            }
        }
    }
}
