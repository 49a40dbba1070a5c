use std::collections::BTreeSet;

use clap::Args;
use serde_json::json;

use super::error::CliError;
use super::exit::Exit;
use super::session::{Session, snapshot};
use crate::project::{Asset, AssetName, Severity};
use crate::state::{CheckOutcome, Published};
use crate::store::{CheckRow, Reader};
use crate::view::{self, Cell, Table};
use crate::words;

/// What `dp status` takes: nothing of its own.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {}

pub(super) fn run(_args: &StatusArgs, session: &mut Session) -> Result<Exit, CliError> {
    let (project, broken) = session.declared()?;
    let reader = session.reader()?;
    let snapshot = snapshot(reader.as_ref(), &project.settings.environment)?;
    let names: BTreeSet<&AssetName> = project.assets.keys().chain(&broken).chain(snapshot.published.keys()).collect();
    let now = session.now();
    let mut rows = Vec::new();
    for name in names {
        let published = snapshot.published.get(name);
        let checks = match (&reader, published) {
            (Some(reader), Some(published)) => checks_of(reader, &project.settings.environment, name, published)?,
            _ => Vec::new(),
        };
        let declared = project.assets.get(name);
        let missing = published.is_some_and(|published| {
            published.version.data.as_ref().is_some_and(|data| !crate::fs::exists(&project.absolute(&data.path)))
        });
        let state = match (declared.is_some() || broken.contains(name), published) {
            (_, Some(_)) if missing => "missing",
            (true, Some(_)) => "published",
            (true, None) => "not built",
            (false, _) => "not declared",
        };
        rows.push((name, declared, published, checks, state));
    }
    if session.global.json {
        let assets: Vec<_> = rows
            .iter()
            .map(|(name, declared, published, checks, state)| {
                json!({
                    "asset": name,
                    "kind": declared.map(Asset::kind_word),
                    "owner": declared.and_then(|asset| asset.owner.clone()),
                    "state": state,
                    "version": published.map(|published| &published.version.id),
                    "run": published.map(|published| published.run),
                    "since": published.map(|published| published.since),
                    "created": published.map(|published| published.version.created),
                    "rows": published.and_then(|published| published.version.rows),
                    "bytes": published.map(|published| published.version.bytes()),
                    "checks": checks,
                })
            })
            .collect();
        session.json(&json!({
            "format_version": view::FORMAT_VERSION,
            "project": project.settings.name,
            "environment": project.settings.environment,
            "assets": assets,
        }))?;
        return Ok(Exit::Done);
    }
    if rows.is_empty() {
        session.out("No assets yet: declare one in assets/SCHEMA/NAME.toml\n")?;
        return Ok(Exit::Done);
    }
    let mut table = Table::new(["asset", "state", "age", "rows", "size", "checks"]);
    for (name, _, published, checks, state) in rows {
        let age = published.map(|published| {
            let seconds = now.duration_since(published.version.created).as_secs();
            words::duration_ms(u64::try_from(seconds).unwrap_or(0) * 1000)
        });
        table.push([
            Cell::text(name.to_string()),
            Cell::text(state),
            Cell::text(age.unwrap_or_default()),
            Cell::Number(
                published.and_then(|published| published.version.rows).map(words::grouped).unwrap_or_default(),
            ),
            Cell::Number(
                published
                    .filter(|published| published.version.data.is_some())
                    .map(|published| words::bytes(published.version.bytes()))
                    .unwrap_or_default(),
            ),
            Cell::text(check_words(&checks)),
        ]);
    }
    let text = table.render(&session.theme());
    session.out(&text)?;
    Ok(Exit::Done)
}

fn checks_of(
    reader: &Reader,
    environment: &str,
    name: &AssetName,
    published: &Published,
) -> Result<Vec<CheckRow>, CliError> {
    let mut checks = reader.latest_checks(environment, name)?;
    // Results of a candidate that was never published say nothing about what is.
    checks.retain(|check| check.version == published.version.id || check.record.outcome == CheckOutcome::Passed);
    Ok(checks)
}

fn check_words(checks: &[CheckRow]) -> String {
    let failed = |severity| {
        checks
            .iter()
            .filter(|check| check.record.outcome != CheckOutcome::Passed && check.record.severity == severity)
            .count()
    };
    let passed = checks.iter().filter(|check| check.record.outcome == CheckOutcome::Passed).count();
    let parts = [(passed, "passed"), (failed(Severity::Warn), "warn"), (failed(Severity::Error), "failed")];
    let parts: Vec<_> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    parts.join(", ")
}
