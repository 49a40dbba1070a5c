//! Asks the engine whether a type reproduces the texts of a column, where dp can't decide it.

use crate::intake::{self, Bond, Question, ReadColumn, Reading, Refusal, Wanted};
use crate::model::Format;
use crate::seam::{ReadError, SourceReader};
use crate::sql::quote;

use super::super::session::Session;
use super::super::types::DataType;

/// The number of different texts that are looked up if the type does not fit them.
const TEXTS: usize = 1000;

/// Confirms the columns of a reading that are not decided yet.
///
/// # Errors
/// [`Refusal::Values`] with the places of the first texts that are not reproduced.
pub(super) fn columns(
    session: &Session,
    source: &SourceReader,
    question: &Question<'_>,
    reading: &Reading,
) -> Result<(), ReadError> {
    if question.format != Format::Csv || reading.rows == 0 {
        return Ok(());
    }
    let lenient = |column: &ReadColumn| {
        let wanted = question.wanted.iter().find(|wanted| wanted.name.eq_ignore_ascii_case(&column.name));
        wanted.is_some_and(|wanted| wanted.bond == Bond::Lenient)
    };
    for column in reading.columns.iter().filter(|column| column.unjudged && !lenient(column)) {
        let texts = super::sql(source, reading, true);
        let name = quote::identifier(&column.name);
        let changed = changed(source, column, &name);
        let failing = format!("FROM ({texts}\n) WHERE {name} IS NOT NULL AND {name} <> '' AND {changed}");
        let bad = session.texts(&format!("SELECT DISTINCT {name} {failing} LIMIT {TEXTS}"))?;
        if bad.is_empty() {
            continue;
        }
        let except: Vec<String> = bad.into_iter().flatten().flatten().collect();
        let wanted = [Wanted {
            name: column.name.clone(),
            data_type: column.data_type.clone(),
            shape: intake::Shape::Other,
            bond: Bond::Exact,
            except,
        }];
        let again = intake::look(&Question {
            wanted: &wanted,
            ..*question
        });
        return Err(match again {
            Err(refusal) => refusal.into(),
            Ok(_) => {
                Refusal::Engine(format!("`{}` has values that are not valid for {}", column.name, column.data_type))
                    .into()
            }
        });
    }
    Ok(())
}

/// Returns the condition that a text is not reproduced. Spaces inside nested types do not count.
fn changed(source: &SourceReader, column: &ReadColumn, name: &str) -> String {
    if let Some(format) = super::csv::format(source, &column.data_type) {
        let format = quote::literal(format);
        return format!("strftime(try_strptime({name}, {format}), {format}) IS DISTINCT FROM {name}");
    }
    let back = format!("CAST(TRY_CAST({name} AS {}) AS VARCHAR)", column.data_type);
    match DataType::parse(&column.data_type) {
        Ok(parsed) if parsed.is_nested() => {
            format!("replace({back}, ' ', '') IS DISTINCT FROM replace({name}, ' ', '')")
        }
        _ => format!("{back} IS DISTINCT FROM {name}"),
    }
}
