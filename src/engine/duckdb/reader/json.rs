//! The query that reads JSON files after dp has scanned them.

use crate::intake::{JsonForm, JsonPart, Reading};
use crate::seam::SourceReader;
use crate::sql::quote;

use super::{files, partitioned, shown_path};

/// Options that are passed to the engine's reader unchanged.
const HANDED_ON: [&str; 1] = ["compression"];

/// The object size in bytes up to which the engine's default suffices.
const USUAL_OBJECT: u64 = 1 << 23;

/// Returns the query for one part.
pub(super) fn part_sql(source: &SourceReader, reading: &Reading, part: &JsonPart) -> String {
    let of_files = || reading.columns.iter().filter(|column| !reading.partitions.contains(&column.name));
    let types =
        of_files().map(|column| format!("{}: {}", quote::literal(&column.name), quote::literal(&column.data_type)));
    let form = match part.form {
        JsonForm::Lines => "newline_delimited",
        JsonForm::Array => "array",
        JsonForm::Objects => "unstructured",
    };
    let mut arguments = vec![
        files(&part.files),
        format!("format = '{form}'"),
        format!("columns = {{{}}}", types.collect::<Vec<_>>().join(", ")),
        "records = true".to_owned(),
    ];
    for (name, value) in source.options.iter().filter(|(name, _)| HANDED_ON.contains(&name.as_str())) {
        arguments.push(format!("{} = {}", quote::identifier(name), value.sql()));
    }
    if part.longest > USUAL_OBJECT {
        arguments.push(format!("maximum_object_size = {}", 2 * part.longest));
    }
    arguments.extend(partitioned(reading));
    let mut columns: Vec<String> = reading
        .columns
        .iter()
        .map(|column| {
            let name = quote::identifier(&column.name);
            if reading.partitions.contains(&column.name) {
                return format!("CAST({name} AS {}) AS {name}", column.data_type);
            }
            name
        })
        .collect();
    columns.extend(shown_path(source, reading.filename.as_deref()));
    format!("SELECT {} FROM read_json({})", columns.join(", "), arguments.join(", "))
}
