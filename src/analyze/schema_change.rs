//! Compares the columns of a source with the published ones.

use std::collections::BTreeSet;

use crate::model::{PublishedSource, SchemaChange};
use crate::project::{Asset, OnSchemaChange};
use crate::seam::{Analyst, SourceRead};

/// Returns the changes of a source that no edit caused. Columns that a contract declares do not count.
pub(super) fn changes(asset: &Asset, published: &PublishedSource, read: &SourceRead) -> Vec<SchemaChange> {
    let is_declared = |name: &str| {
        asset.columns.iter().any(|column| column.data_type.is_some() && column.name.eq_ignore_ascii_case(name))
    };
    let mut changes = Vec::new();
    for column in &read.schema.0 {
        let before = published.schema.0.iter().find(|before| before.name == column.name);
        match before {
            _ if is_declared(&column.name) => {}
            None => changes.push(SchemaChange::Added {
                column: column.name.clone(),
                data_type: column.data_type.clone(),
                place: read.places.get(&column.name).cloned(),
            }),
            // The type of a column without values means nothing.
            Some(_) if published.reading.without_values.contains(&column.name) => {}
            Some(before) if before.data_type == column.data_type => {}
            Some(before) => changes.push(SchemaChange::Retyped {
                column: column.name.clone(),
                before: before.data_type.clone(),
                after: column.data_type.clone(),
                place: read.misfits.get(&column.name).cloned(),
            }),
        }
    }
    for before in published.schema.0.iter().filter(|before| read.schema.column(&before.name).is_none()) {
        changes.push(SchemaChange::Removed {
            column: before.name.clone(),
            data_type: before.data_type.clone(),
        });
    }
    let known: BTreeSet<&str> = published.reading.dialects.iter().map(|dialect| dialect.written.as_str()).collect();
    for dialect in &read.reading.dialects {
        if !known.is_empty() && !known.contains(dialect.written.as_str()) {
            changes.push(SchemaChange::Dialect {
                before: known.iter().copied().collect::<Vec<_>>().join(", "),
                after: dialect.written.clone(),
                place: dialect.first.clone(),
            });
        }
    }
    changes
}

/// Whether nothing is lost: a new column, a type that fits all values of the old one, or another dialect with the same
/// columns.
pub(super) fn is_additive(change: &SchemaChange, analyst: &dyn Analyst) -> bool {
    match change {
        SchemaChange::Added { .. } | SchemaChange::Dialect { .. } => true,
        SchemaChange::Retyped { before, after, .. } => analyst.widens(before, after),
        SchemaChange::Removed { .. } => false,
    }
}

/// Returns the changes that a policy refuses.
pub(super) fn refused<'c>(
    policy: OnSchemaChange,
    changes: &'c [SchemaChange],
    analyst: &dyn Analyst,
) -> Vec<&'c SchemaChange> {
    let is_refused = |change: &&SchemaChange| match policy {
        OnSchemaChange::Ask => false,
        OnSchemaChange::Add => !is_additive(change, analyst),
        OnSchemaChange::Refuse => true,
    };
    changes.iter().filter(is_refused).collect()
}
