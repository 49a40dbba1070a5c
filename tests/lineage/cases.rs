//! Cases taken from the suites of `OpenLineage`, sqllineage and sqlglot, which are not part of the repository: they
//! are looked for at `$DP_SHARED`, or else in the folder `shared` beside the clone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dp::sql::lineage::ColumnLineage;
use serde_json::Value;

use super::{engine, lineage};

/// How many cases agree; the number may grow, and not fall.
const AGREE: usize = 252;
/// How many more there are in which DuckDB binds otherwise than the suite.
const DIFFER: usize = 18;

#[expect(clippy::disallowed_methods, reason = "where the cases are is told by the environment")]
fn file() -> Option<PathBuf> {
    let in_folder = |folder: &Path| folder.join("material/lineage_cases.jsonl");
    if let Some(folder) = std::env::var_os("DP_SHARED") {
        let file = in_folder(Path::new(&folder));
        assert!(file.is_file(), "DP_SHARED is set, and {} is missing", file.display());
        return Some(file);
    }
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    Some(in_folder(&beside)).filter(|file| file.is_file())
}

type Columns = BTreeSet<(String, String)>;

fn expected(columns: &Value) -> Columns {
    let pair = |pair: &Value| (pair[0].as_str().unwrap().to_lowercase(), pair[1].as_str().unwrap().to_lowercase());
    columns.as_array().unwrap().iter().map(pair).collect()
}

fn found(lineage: &ColumnLineage, output: usize) -> Columns {
    let mut columns = Columns::new();
    for (table, uses) in &lineage.outputs[output].sources {
        let table = table.strip_prefix("main.").unwrap_or(table).to_lowercase();
        columns.extend(uses.keys().map(|column| (table.clone(), column.to_lowercase())));
    }
    columns
}

/// What is wrong with a case; nothing if nothing is.
fn judge(case: &Value, columns: &Value) -> Result<(), String> {
    let statements: Vec<&str> =
        case["duckdb"]["ddl"].as_array().unwrap().iter().map(|statement| statement.as_str().unwrap()).collect();
    let engine = engine(&statements);
    let sql = case["duckdb"]["sql"].as_str().unwrap();
    let lineage = lineage(&engine, sql).map_err(|unknown| format!("unknown: {unknown}\n  {sql}"))?;
    let columns = columns.as_object().unwrap();
    if case["complete"] == true && columns.len() != lineage.outputs.len() {
        return Err(format!("{} outputs instead of {}\n  {sql}", lineage.outputs.len(), columns.len()));
    }
    for (name, sources) in columns {
        let position = case["ordinals"][name].as_u64().map(|position| usize::try_from(position).unwrap());
        let by_name = || lineage.outputs.iter().position(|output| output.name.eq_ignore_ascii_case(name));
        let position = position.or_else(by_name).ok_or_else(|| format!("no output `{name}`\n  {sql}"))?;
        let (expected, found) = (expected(sources), found(&lineage, position));
        if expected != found {
            return Err(format!("`{name}` comes from {found:?} instead of {expected:?}\n  {sql}"));
        }
    }
    Ok(())
}

#[test]
fn every_case_on_which_the_engine_agrees_comes_out_as_expected() {
    let Some(file) = file() else {
        println!("skipped: no lineage_cases.jsonl; set DP_SHARED to the folder that has material/lineage_cases.jsonl");
        return;
    };
    let text = std::fs::read_to_string(file).unwrap();
    let mut wrong = Vec::new();
    let mut right: BTreeMap<&str, usize> = BTreeMap::new();
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let status = case["duckdb"]["status"].as_str().unwrap_or("tables only");
        let result = match status {
            "agrees" => judge(&case, &case["columns"]),
            "differs" => judge(&case, &case["duckdb"]["bound"])
                .or_else(|error| judge(&case, &case["columns"]).map_err(|other| format!("{error}\n or {other}"))),
            _ => continue,
        };
        match result {
            Ok(()) => *right.entry(if status == "agrees" { "agrees" } else { "differs" }).or_default() += 1,
            Err(error) => wrong.push(format!("{}: {error}", case["id"].as_str().unwrap())),
        }
    }
    let (agree, differ) = (right.get("agrees").copied(), right.get("differs").copied());
    let (agree, differ) = (agree.unwrap_or_default(), differ.unwrap_or_default());
    println!("score: {agree} of {AGREE} that agree, {differ} of {DIFFER} that differ");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(agree >= AGREE && differ >= DIFFER, "the score has fallen: {agree}, {differ}");
}
