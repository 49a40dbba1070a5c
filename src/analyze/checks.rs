//! The queries of checks, which return the failing rows: they are bound here, with what they read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ahead::Job;
use super::binding::{Binder, Keys};
use super::broken::Reading;
use super::error::{sentence, sql_problem};
use super::references::Resolved;
use super::run::{QueryId, Run, unread};
use super::{SqlError, check_types, contract};
use crate::base::diagnostic::Problem;
use crate::facts::{CheckFacts, reads_of};
use crate::graph::GraphError;
use crate::model::{AssetName, Digest, Schema};
use crate::project::{Asset, Check, CheckKind};
use crate::sql::syntax::SessionWord;
use crate::sql::{quote, statement_body};

impl Run<'_> {
    /// Returns the queries of all checks.
    pub(super) fn queries_of_checks(&self, resolved: &BTreeMap<QueryId, Resolved>, keys: &Keys) -> Vec<Job> {
        let mut jobs = Vec::new();
        for name in self.facts.keys() {
            for (index, check) in self.project.assets[name].checks.iter().enumerate() {
                let mut inputs = BTreeSet::from([name.clone()]);
                if let CheckKind::References { asset, .. } = &check.kind {
                    inputs.insert(asset.clone());
                }
                let found = resolved.get(&(name.clone(), Some(index)));
                inputs.extend(found.into_iter().flat_map(|found| found.assets.keys().cloned()));
                let is_known = |input: &AssetName| self.facts.get(input).is_some_and(|facts| facts.awaits.is_empty());
                if inputs.iter().all(is_known) {
                    let sql = failures_sql(name, &check.kind);
                    jobs.push(Job {
                        key: keys.of(&sql, &inputs, ""),
                        sql,
                        inputs,
                    });
                }
            }
        }
        jobs
    }

    /// Binds the checks of an asset.
    pub(super) fn bind_checks_of(
        &mut self,
        name: &AssetName,
        resolved: &BTreeMap<QueryId, Resolved>,
        binder: &mut Binder<'_>,
        reading: Reading,
    ) {
        let asset = &self.project.assets[name];
        let Some(facts) = self.facts.get(name) else {
            return;
        };
        let schema = facts.schema.clone();
        let all = self.checks_of(asset, &schema, resolved, binder, reading);
        if let Some(facts) = self.facts.get_mut(name) {
            facts.checks = all;
        }
    }

    /// Returns the facts of the checks of an asset with these columns.
    pub(super) fn checks_of(
        &mut self,
        asset: &Asset,
        schema: &Schema,
        resolved: &BTreeMap<QueryId, Resolved>,
        binder: &mut Binder<'_>,
        reading: Reading,
    ) -> Vec<CheckFacts> {
        let known = self.problems.len();
        let reads_others = |index: usize, check: &Check| match &check.kind {
            CheckKind::References { .. } => true,
            CheckKind::Sql { .. } => {
                let found = resolved.get(&(asset.name.clone(), Some(index)));
                found.is_some_and(|found| found.assets.keys().any(|input| *input != asset.name))
            }
            _ => false,
        };
        let checks = asset.checks.iter().enumerate();
        let checks = checks.filter(|(index, check)| reading == Reading::Anything || !reads_others(*index, check));
        let bound = checks.filter_map(|(index, check)| self.bind_check(asset, index, check, schema, resolved, binder));
        let bound = bound.collect();
        self.problems.blame(known, [&asset.name]);
        bound
    }

    fn bind_check(
        &mut self,
        asset: &Asset,
        index: usize,
        check: &Check,
        schema: &Schema,
        resolved: &BTreeMap<QueryId, Resolved>,
        binder: &mut Binder<'_>,
    ) -> Option<CheckFacts> {
        let awaits = self.facts.get(&asset.name).is_some_and(|facts| !facts.awaits.is_empty());
        for column in check.kind.columns().into_iter().filter(|_| !awaits) {
            if schema.column(column).is_none() {
                let error = SqlError::ContractColumn {
                    column: column.to_owned(),
                    help: contract::columns_help(column, schema),
                    span: check.span.clone(),
                };
                // A missing column that [columns.NAME] names was already reported.
                if !asset.columns.iter().any(|contract| contract.name == column) {
                    self.problems.push(Problem::in_file(&asset.file, error));
                }
                return None;
            }
        }
        let mut inputs = BTreeSet::from([asset.name.clone()]);
        let mut reads_clock = matches!(check.kind, CheckKind::Freshness { .. });
        let mut tree = String::new();
        let mut words = Vec::new();
        match &check.kind {
            CheckKind::References { asset: other, .. } => {
                if !self.project.assets.contains_key(other) && !self.broken.contains(other) {
                    let help = crate::base::text::did_you_mean(
                        other.as_str(),
                        self.project.assets.keys().map(AssetName::as_str),
                    )
                    .unwrap_or_else(|| "correct the name, or declare the asset".to_owned());
                    let error = GraphError::UnknownUpstream {
                        name: other.to_string(),
                        help,
                        span: check.span.clone(),
                    };
                    self.problems.push(Problem::in_file(&asset.file, error));
                    return None;
                }
                inputs.insert(other.clone());
            }
            CheckKind::Sql { sql } => {
                let id = (asset.name.clone(), Some(index));
                let parsed = self.syntax.get(&id)?;
                let found = resolved.get(&id)?;
                if let Some(path) = found.files.first() {
                    let error = SqlError::Check {
                        check: check.name.clone(),
                        message: format!(
                            "it reads the file `{path}`; declare the file as a source, and read the source"
                        ),
                        span: check.span.clone(),
                    };
                    self.problems.push(Problem::in_file(&asset.file, error));
                    return None;
                }
                inputs.extend(found.assets.keys().cloned());
                if let Some(problem) = self.row_id(sql, parsed, &inputs) {
                    self.problems.push(problem);
                    return None;
                }
                reads_clock |= parsed.reads_clock;
                words.clone_from(&parsed.words);
                parsed.digest.as_str().clone_into(&mut tree);
            }
            _ => {}
        }
        let is_lost = |input: &&AssetName| self.broken.contains(*input) && !self.standing.contains_key(*input);
        let lost: BTreeSet<AssetName> = inputs.iter().filter(is_lost).cloned().collect();
        if !lost.is_empty() {
            self.unread.entry(asset.name.clone()).or_default().extend(lost);
            return None;
        }
        let of_other = match &check.kind {
            CheckKind::References { asset: other, .. } => self.columns_for_checks(other),
            _ => None,
        };
        if let Some(error) = unknown_target(check, of_other) {
            self.problems.push(Problem::in_file(&asset.file, error));
            return None;
        }
        if let Some(message) = check_types::mismatch(&check.kind, schema, of_other) {
            let error = SqlError::Check {
                check: check.name.clone(),
                message,
                span: check.span.clone(),
            };
            self.problems.push(Problem::in_file(&asset.file, error));
            return None;
        }
        let sql = failures_sql(&asset.name, &check.kind);
        let parameters = check.kind.parameters().to_string();
        let definition = |plan: &Digest| {
            let parts = [asset.name.as_str(), parameters.as_str(), tree.as_str(), plan.as_str()];
            Digest::of("check-definition/2", parts)
        };
        let awaits = |input: &AssetName| self.facts.get(input).is_some_and(|facts| !facts.awaits.is_empty());
        if inputs.iter().any(awaits) {
            return Some(CheckFacts {
                name: check.name.clone(),
                kind: check.kind.word(),
                severity: check.severity,
                // No recorded result matches it: it is bound again once the columns are known.
                definition: definition(&Digest::of("awaits/1", [])),
                sql,
                reads: reads_of(&inputs, None),
                inputs,
                lineage: Arc::default(),
                reads_clock: reads_clock | words.iter().any(|word: &SessionWord| word.is_clock),
                rows: rows_column(&check.kind),
            });
        }
        let key = binder.keys.of(&sql, &inputs, "");
        let bound = binder.bind(&sql, &inputs, &[], &key);
        let bound = bound.and_then(|bound| Ok((bound, binder.session_words(&words, &sql, &inputs, &[], &key)?)));
        let (mut bound, values) = match bound {
            Ok(bound) => bound,
            Err(error) => {
                let problem = match &check.kind {
                    CheckKind::Sql { sql } => unread(sql_problem(sql, &error), &asset.name, &inputs, sql, &error),
                    _ => Problem::in_file(
                        &asset.file,
                        SqlError::Check {
                            check: check.name.clone(),
                            message: sentence(&error.message),
                            span: check.span.clone(),
                        },
                    ),
                };
                self.problems.push(problem);
                return None;
            }
        };
        reads_clock |= words.iter().any(|word| word.is_clock && values.contains(&word.word));
        reads_clock |= inputs
            .iter()
            .any(|input| self.is_sql_view(input) && self.facts.get(input).is_some_and(|facts| facts.reads_clock));
        let lineage = Arc::new(binder.lineage(&mut bound, &inputs));
        let plan = bound.plan.unwrap_or_else(|| binder.opaque(&inputs));
        Some(CheckFacts {
            name: check.name.clone(),
            kind: check.kind.word(),
            severity: check.severity,
            definition: definition(&plan),
            sql,
            reads: reads_of(&inputs, bound.reads.as_ref()),
            inputs,
            lineage,
            reads_clock,
            rows: rows_column(&check.kind),
        })
    }
}

/// Returns an error for a column that `references` names under `to` and that the other asset does not have.
fn unknown_target(check: &Check, schema: Option<&Schema>) -> Option<SqlError> {
    let CheckKind::References { asset: other, to, .. } = &check.kind else {
        return None;
    };
    let schema = schema.filter(|schema| !schema.0.is_empty())?;
    let column = to.iter().find(|column| schema.column(column).is_none())?;
    let columns = schema.0.iter().map(|column| column.name.as_str());
    Some(SqlError::Check {
        check: check.name.clone(),
        message: format!(
            "`{other}` has no column `{column}` (named under `to`); its columns are {}",
            crate::base::text::named(columns, 10)
        ),
        span: check.span.clone(),
    })
}

/// Returns the query for the failing rows of a check of `asset`.
fn failures_sql(asset: &AssetName, kind: &CheckKind) -> String {
    let this = quote::asset(asset);
    match kind {
        CheckKind::NotNull { column } => {
            format!("SELECT * FROM {this} WHERE {} IS NULL", quote::identifier(column))
        }
        CheckKind::Unique { columns } => {
            let list = quote::identifiers(columns);
            format!(
                "SELECT {list}, count(*) AS {} FROM {this} WHERE {} GROUP BY {list} HAVING count(*) > 1",
                quote::identifier(&rows_name(columns)),
                all_set("", columns)
            )
        }
        CheckKind::AcceptedValues { column, values } => {
            let column = quote::identifier(column);
            let values: Vec<_> = values.iter().map(crate::model::Scalar::sql).collect();
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
                "SELECT {list}, count(*) AS {} FROM {this} AS here WHERE {} AND NOT EXISTS \
                 (SELECT 1 FROM {} AS there WHERE {}) GROUP BY {list}",
                quote::identifier(&rows_name(columns)),
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
            let seconds = format!("((epoch_us(now()) - epoch_us(max({column}))) // 1000000)");
            let age = format!(
                "CASE WHEN {seconds} >= 86400 THEN concat({seconds} // 86400, ' d ', {seconds} % 86400 // 3600, ' h') \
                 WHEN {seconds} >= 3600 THEN concat({seconds} // 3600, ' h ', {seconds} % 3600 // 60, ' min') \
                 ELSE concat({seconds} // 60, ' min ', {seconds} % 60, ' s') END"
            );
            format!(
                "SELECT max({column}) AS newest, CASE WHEN max({column}) IS NOT NULL THEN {age} END AS age, {} AS max_age FROM {this} \
                 HAVING max({column}) IS NULL OR epoch_us(max({column})) < epoch_us(now()) - {}",
                quote::literal(&crate::base::text::duration_ms(max_age.saturating_mul(1000))),
                u128::from(*max_age) * 1_000_000
            )
        }
        CheckKind::Sql { sql } => statement_body(sql.text()).to_owned(),
    }
}

/// Returns the column that counts rows in a check's query, if its failures are groups of rows.
fn rows_column(kind: &CheckKind) -> Option<String> {
    match kind {
        CheckKind::Unique { columns } | CheckKind::References { columns, .. } => Some(rows_name(columns)),
        _ => None,
    }
}

/// Returns a name for the number of rows that differs from these columns.
fn rows_name(columns: &[String]) -> String {
    let mut name = "rows".to_owned();
    while columns.iter().any(|column| column.eq_ignore_ascii_case(&name)) {
        name.push('_');
    }
    name
}

fn all_set(prefix: &str, columns: &[String]) -> String {
    let conditions: Vec<_> =
        columns.iter().map(|column| format!("{prefix}{} IS NOT NULL", quote::identifier(column))).collect();
    conditions.join(" AND ")
}
