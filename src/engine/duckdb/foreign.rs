//! Reads Parquet files of other programs without trusting their statistics.
//!
//! The engine uses a file's statistics to skip row groups, to fold conditions and to compute `min` and `max`. Some
//! writers get them wrong: Arrow leaves NaN out of the bounds, zeros have another sign than in the data, old writers
//! compare text by signed bytes, others miscount NULLs. A wrong bound loses rows without an error. dp therefore puts
//! each column of such a file into a UNION and extracts it again. That keeps the values, copies nothing, and the
//! engine derives no statistics through it. Files that the engine wrote are read directly.

use super::analyst::describe;
use super::session::Session;
use crate::seam::EngineError;
use crate::sql::quote;

/// The start of `created_by` in a file that the engine wrote.
const OWN: &str = "DuckDB version ";

/// Returns the select list for all columns of a reader; `None` if the engine wrote all its files.
///
/// `reader` is the call, `files` an expression for its files.
pub(super) fn columns(session: &Session, reader: &str, files: &str) -> Result<Option<String>, EngineError> {
    let own = format!(
        "SELECT coalesce(bool_and(starts_with(created_by, {})), false)::VARCHAR FROM parquet_file_metadata({files})",
        quote::literal(OWN)
    );
    // Footers of encrypted files can't be read here, so such files are not trusted.
    if session.texts(&own).is_ok_and(|rows| first(rows) == "true") {
        return Ok(None);
    }
    miscounted(session, files)?;
    let schema = describe(session, &format!("SELECT * FROM {reader}"))?;
    // Columns from a file's path have no statistics, and the engine uses them to choose files.
    let inside = session.texts(&format!("SELECT DISTINCT lower(name) FROM parquet_schema({files})"));
    let inside: Option<Vec<String>> = inside.ok().map(|rows| rows.into_iter().flatten().flatten().collect());
    let columns = schema.0.iter().map(|column| {
        let name = quote::identifier(&column.name);
        if inside.as_ref().is_some_and(|inside| !inside.contains(&column.name.to_lowercase())) {
            name
        } else {
            format!("union_extract(union_value(v := {name}), 'v') AS {name}")
        }
    });
    Ok(Some(columns.collect::<Vec<_>>().join(", ")))
}

/// Returns the first text of a result.
fn first(rows: Vec<Vec<Option<String>>>) -> String {
    rows.into_iter().flatten().flatten().next().unwrap_or_default()
}

/// Refuses files that count every value of a column as NULL and have bounds for it: the engine would trust the count
/// and read nothing.
fn miscounted(session: &Session, files: &str) -> Result<(), EngineError> {
    let bounds = "coalesce(stats_min_value, stats_max_value, stats_min, stats_max)";
    let miscounted = session.texts(&format!(
        "SELECT parse_filename(file_name), path_in_schema FROM parquet_metadata({files}) \
         WHERE num_values > 0 AND stats_null_count >= num_values AND {bounds} IS NOT NULL ORDER BY ALL LIMIT 1"
    ));
    // The engine does not trust a footer that it can't read.
    let Some(row) = miscounted.ok().and_then(|rows| rows.into_iter().next()) else {
        return Ok(());
    };
    let mut texts = row.into_iter().flatten();
    let (file, column) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
    let message = format!(
        "the statistics of `{file}` count every value of `{column}` as NULL but contain bounds: its writer miscounted (polars before 2.1 \
         does), and the engine would read NULLs. Write the file again with another version of the writer"
    );
    Err(EngineError::other(message))
}
