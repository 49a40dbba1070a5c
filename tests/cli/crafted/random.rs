//! Random values in every column of every table of a real record. Whatever stands there, a command that reads changes
//! nothing outside of `.dp`, and gives an answer or says what is wrong.
//!
//! A few cases run by default. `DP_CRAFTED_CASES=5000` runs so many, `DP_CRAFTED_CASE=123` only that one.

use std::fs;
use std::path::Path;
use std::process::Command;

use rusqlite::types::Value;
use rusqlite::{Connection, params};
use serde_json::Value as Json;

use super::outside::Outside;
use super::{READING, bystander, died_at, project, record};
use crate::sandbox::Sandbox;

/// Cases of the short form.
const SHORT: usize = 40;
/// Commands that are run on each case of the short form; the long form runs all.
const COMMANDS: usize = 2;

/// Numbers that look random and are the same every time (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[usize::try_from(self.next() % list.len() as u64).expect("an index")]
    }
}

/// What dp would write there on no account, what it might, and what breaks whoever counts on it.
fn values(outside: &Path) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    let mut values: Vec<Value> = [
        "",
        ".",
        "..",
        "../../../outside",
        "../../../../outside",
        "../outside/notes.txt",
        "/",
        "a/../../outside/prod",
        "a\0b",
        "\0",
        "prod",
        "dev",
        "*",
        "r1",
        "0123456789abcdef",
        "0123456789ab",
        "staging.orders",
        "marts.live",
        "out/report.csv",
        "2026-01-01T00:00:00.000000Z",
        "9999-12-31T23:59:59.999999Z",
        "-009999-01-02T00:00:00Z",
        "removed",
        "intact",
        "read",
        "{}",
        "[]",
        "null",
        "{\"a\": [1, {\"b\": null}]}",
        "x\u{1b}[31m\u{202e}",
    ]
    .map(text)
    .into();
    values.push(Value::Text(outside.join("prod").display().to_string()));
    values.push(Value::Text("n".repeat(100_000)));
    values.push(Value::Text("../".repeat(2_000)));
    values.push(Value::Text("f".repeat(64)));
    values.extend([0, 1, -1, 2, i64::MAX, i64::MIN, 4_294_967_296].map(Value::Integer));
    values.extend([1.5, f64::MAX, -0.0].map(Value::Real));
    values.extend([Value::Null, Value::Blob(vec![0xff, 0, 0xfe])]);
    values
}

/// Every table with every column, as an attacker finds it: types and rules are taken away first.
fn columns(record: &Connection) -> Vec<(String, String)> {
    record.pragma_update(None, "writable_schema", true).expect("a setting");
    record
        .execute_batch(
            "update sqlite_schema set sql = replace(replace(sql, ') strict, without', ') without'), ') strict', ')')",
        )
        .expect("the tables");
    record.execute_batch("pragma writable_schema = reset").expect("a setting");
    let sql = "select t.name, c.name from sqlite_schema as t, pragma_table_info(t.name) as c
               where t.type = 'table' and t.name not like 'sqlite!_%' escape '!' order by 1, 2";
    let mut statement = record.prepare(sql).expect("the tables");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    rows.collect::<Result<_, _>>().expect("names")
}

/// Puts a value into a document: in the place of something in it.
fn put(document: &mut Json, value: &Value, chance: &mut Chance) {
    let inner: Vec<&mut Json> = match document {
        Json::Object(fields) => fields.values_mut().collect(),
        Json::Array(items) => items.iter_mut().collect(),
        _ => Vec::new(),
    };
    let count = inner.len();
    let stops = count == 0 || chance.next().is_multiple_of(5);
    let picked = usize::try_from(chance.next() % count.max(1) as u64).expect("an index");
    let picked = inner.into_iter().nth(picked);
    match picked {
        Some(inner) if !stops => put(inner, value, chance),
        _ => {
            *document = match value {
                Value::Null | Value::Blob(_) => Json::Null,
                Value::Integer(number) => (*number).into(),
                Value::Real(number) => (*number).into(),
                Value::Text(text) => text.as_str().into(),
            }
        }
    }
}

/// Changes one column in one row or in all; says what was done.
fn craft(
    record: &Connection,
    columns: &[(String, String)],
    outside: &Path,
    index: usize,
    chance: &mut Chance,
) -> String {
    let (table, column) = &columns[index % columns.len()];
    let value = chance.of(&values(outside)).clone();
    let rows: i64 =
        record.query_row(&format!("select count(*) from \"{table}\""), [], |row| row.get(0)).expect("a count");
    let row = i64::try_from(chance.next() % u64::try_from(rows.max(1)).expect("a count")).expect("a row");
    let is_all = chance.next().is_multiple_of(2);
    let found: Option<Value> = record
        .query_row(&format!("select \"{column}\" from \"{table}\" limit 1 offset ?1"), [row], |row| row.get(0))
        .ok();
    let document = match &found {
        Some(Value::Text(text)) if text.starts_with(['{', '[']) => serde_json::from_str::<Json>(text).ok(),
        _ => None,
    };
    let (found, value) = match (document, found) {
        (Some(mut document), Some(found)) if !chance.next().is_multiple_of(4) => {
            put(&mut document, &value, chance);
            (found, Value::Text(document.to_string()))
        }
        (_, found) => (found.unwrap_or(Value::Null), value),
    };
    let done = format!("{table}.{column} = {:.300?} {}", value, if is_all { "in all rows" } else { "in one row" });
    let sql = format!("update or ignore \"{table}\" set \"{column}\" = ?1 where ?2 or \"{column}\" is ?3");
    // A number that names the row itself takes nothing else.
    if let Err(error) = record.execute(&sql, params![value, is_all, found]) {
        assert!(error.to_string().contains("datatype mismatch"), "{done}: {error}");
    }
    done
}

fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp starts");
    assert!(status.success(), "cp {} {}", from.display(), to.display());
}

#[expect(clippy::disallowed_methods, reason = "this is what tells tests how much to do")]
fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok().map(|value| value.parse().unwrap_or_else(|_| panic!("{name}={value} is no number")))
}

/// What went wrong with a command on a crafted record.
fn problem(sandbox: &Sandbox, outside: &Outside, command: &[&str]) -> Option<String> {
    let output = sandbox.dp(command);
    if let Some(change) = outside.change(sandbox) {
        return Some(format!("{command:?}: {change}"));
    }
    let is_calm = [0, 1, 2, 3].contains(&output.code) && !output.stderr.contains("panicked");
    (!is_calm).then(|| format!("{command:?}: {}", output.to_string().chars().take(2_000).collect::<String>()))
}

#[test]
fn whatever_is_on_record_nothing_outside_is_touched_and_nothing_panics() {
    let sandbox = project();
    died_at(&sandbox, "after-pointers");
    let folder = bystander(&sandbox);
    let (own, kept) = (sandbox.path(".dp"), sandbox.root().with_file_name("kept"));
    copy(&own, &kept);
    let only = number("DP_CRAFTED_CASE");
    let long = number("DP_CRAFTED_CASES");
    let cases = only.map_or(0..long.unwrap_or(SHORT), |only| only..only + 1);
    let mut problems = Vec::new();
    for case in cases {
        fs::remove_dir_all(&own).expect("the last case");
        copy(&kept, &own);
        let mut chance = Chance((case as u64).wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(2026));
        let record = record(&sandbox);
        let columns = columns(&record);
        // The short form takes columns that lie far apart, and in the end all of them.
        let column = if long.is_some() || only.is_some() { case } else { case.wrapping_mul(37) };
        let done = craft(&record, &columns, &folder, column, &mut chance);
        record.close().expect("it is closed");
        let outside = Outside::of(&sandbox);
        let commands: Vec<&[&str]> = if long.is_some() || only.is_some() {
            READING.to_vec()
        } else {
            (0..COMMANDS).map(|_| *chance.of(READING)).collect()
        };
        for command in commands {
            if let Some(problem) = problem(&sandbox, &outside, command) {
                println!("case {case}: {done}: {problem}");
                problems.push(format!("case {case}: {done}: {problem}"));
                break;
            }
        }
    }
    assert!(problems.is_empty(), "{} (DP_CRAFTED_CASE=N runs one):\n{}", problems.len(), problems.join("\n"));
}
