//! From a check to the query whose rows are its failures.

use crate::project::{AssetName, CheckKind};
use crate::sql::{quote, statement_body};

/// The query whose rows are the failures of a check of `asset`.
pub(super) fn failures_sql(asset: &AssetName, kind: &CheckKind) -> String {
    let this = quote::asset(asset);
    match kind {
        CheckKind::NotNull { column } => {
            format!("SELECT * FROM {this} WHERE {} IS NULL", quote::identifier(column))
        }
        CheckKind::Unique { columns } => {
            let list = quote::identifiers(columns);
            format!(
                "SELECT {list}, count(*) AS \"rows\" FROM {this} WHERE {} GROUP BY {list} HAVING count(*) > 1",
                all_set("", columns)
            )
        }
        CheckKind::AcceptedValues { column, values } => {
            let column = quote::identifier(column);
            let values: Vec<_> = values.iter().map(crate::project::Scalar::sql).collect();
            if values.is_empty() {
                return format!("SELECT * FROM {this} WHERE {column} IS NOT NULL");
            }
            format!("SELECT * FROM {this} WHERE {column} NOT IN ({})", values.join(", "))
        }
        CheckKind::Range { column, min, max } => {
            let column = quote::identifier(column);
            let below = min.as_ref().map(|min| format!("{column} < {}", min.sql()));
            let above = max.as_ref().map(|max| format!("{column} > {}", max.sql()));
            let outside: Vec<_> = below.into_iter().chain(above).collect();
            format!("SELECT * FROM {this} WHERE {}", outside.join(" OR "))
        }
        CheckKind::References {
            columns,
            asset: other,
            to,
        } => {
            let pairs: Vec<_> = columns
                .iter()
                .zip(to)
                .map(|(here, there)| format!("there.{} = here.{}", quote::identifier(there), quote::identifier(here)))
                .collect();
            let list: Vec<_> = columns.iter().map(|column| format!("here.{}", quote::identifier(column))).collect();
            let list = list.join(", ");
            format!(
                "SELECT {list}, count(*) AS \"rows\" FROM {this} AS here WHERE {} AND NOT EXISTS \
                 (SELECT 1 FROM {} AS there WHERE {}) GROUP BY {list}",
                all_set("here.", columns),
                quote::asset(other),
                pairs.join(" AND "),
            )
        }
        CheckKind::RowCount { min, max } => {
            let below = min.map(|min| format!("count(*) < {min}"));
            let above = max.map(|max| format!("count(*) > {max}"));
            let outside: Vec<_> = below.into_iter().chain(above).collect();
            format!("SELECT count(*) AS \"rows\" FROM {this} HAVING {}", outside.join(" OR "))
        }
        CheckKind::Freshness { column, max_age } => {
            let column = quote::identifier(column);
            format!(
                "SELECT max({column}) AS newest FROM {this} \
                 HAVING max({column}) IS NULL OR epoch_us(max({column})) < epoch_us(now()) - {}",
                u128::from(*max_age) * 1_000_000
            )
        }
        CheckKind::Sql { sql } => statement_body(sql.text()).to_owned(),
    }
}

fn all_set(prefix: &str, columns: &[String]) -> String {
    let conditions: Vec<_> =
        columns.iter().map(|column| format!("{prefix}{} IS NOT NULL", quote::identifier(column))).collect();
    conditions.join(" AND ")
}
