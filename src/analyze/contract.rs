//! Checks the columns that asset files declare against those that the engine bound.

use std::collections::BTreeSet;

use crate::base::diagnostic::{Problem, Problems, Span};
use crate::base::text;
use crate::model::Schema;
use crate::project::Asset;
use crate::seam::Analyst;

use super::{Memory, SqlError};

/// Returns the engine's text for a declared type, from the cache if possible.
pub(super) fn canonical_type(written: &str, analyst: &mut dyn Analyst, memory: &mut dyn Memory) -> Option<String> {
    let key = crate::model::Digest::of("type/1", [analyst.version(), written]);
    if let Some(known) = memory.recall("type", &key) {
        return Some(known);
    }
    let canonical = analyst.canonical_type(written).ok()?;
    memory.remember("type", &key, canonical.clone());
    Some(canonical)
}

/// Reports types that the engine does not know, and returns the others: column, canonical type.
pub(super) fn types(
    asset: &Asset,
    analyst: &mut dyn Analyst,
    memory: &mut dyn Memory,
    problems: &mut Problems,
) -> Option<Vec<(String, String)>> {
    let mut types = Vec::new();
    let mut whole = true;
    for column in &asset.columns {
        let Some((written, span)) = &column.data_type else {
            continue;
        };
        if let Some(canonical) = canonical_type(written, analyst, memory) {
            types.push((column.name.clone(), canonical));
        } else {
            let error = SqlError::UnknownType {
                written: written.clone(),
                span: span.clone(),
            };
            problems.push(Problem::in_file(&asset.file, error));
            whole = false;
        }
    }
    whole.then_some(types)
}

/// Returns the columns whose values the reader of files may change in a conversion.
pub(super) fn lenient(asset: &Asset) -> BTreeSet<String> {
    asset.columns.iter().filter(|column| column.lenient).map(|column| column.name.clone()).collect()
}

/// Reports bound columns that violate the contract or can't be stored.
///
/// `place` is the place of the query or of the path.
pub(super) fn check(
    asset: &Asset,
    schema: &Schema,
    types: &[(String, String)],
    place: (&crate::base::diagnostic::SourceFile, Span),
    analyst: &dyn Analyst,
    problems: &mut Problems,
) -> bool {
    let before = problems.error_count();
    let (file, span) = place;
    let mut seen = BTreeSet::new();
    for column in &schema.0 {
        if !seen.insert(column.name.to_lowercase()) {
            let error = SqlError::DuplicateColumn {
                column: column.name.clone(),
                span: span.clone(),
            };
            problems.push(Problem::in_file(file, error));
        }
        if asset.is_view() {
            continue;
        }
        if let Some((why, help)) = analyst.unstorable(&column.data_type) {
            let error = SqlError::Unstorable {
                column: column.name.clone(),
                why,
                help,
                span: span.clone(),
            };
            problems.push(Problem::in_file(file, error));
        }
    }
    for column in &asset.columns {
        let Some(bound) = schema.column(&column.name) else {
            problems.push(Problem::in_file(
                &asset.file,
                SqlError::ContractColumn {
                    column: column.name.clone(),
                    help: columns_help(&column.name, schema),
                    span: column.span.clone(),
                },
            ));
            continue;
        };
        let expected = types.iter().find(|(name, _)| *name == column.name);
        if let (Some((_, expected)), Some((_, span))) = (expected, &column.data_type)
            && *expected != bound.data_type
        {
            let error = SqlError::ContractType {
                column: column.name.clone(),
                found: bound.data_type.clone(),
                expected: expected.clone(),
                span: span.clone(),
            };
            problems.push(Problem::in_file(&asset.file, error));
        }
    }
    problems.error_count() == before
}

pub(super) fn columns_help(written: &str, schema: &Schema) -> String {
    text::did_you_mean(written, schema.names())
        .unwrap_or_else(|| format!("the columns are {}", text::named(schema.names(), 12)))
}
