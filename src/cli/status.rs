use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::exit::Exit;
use super::results::{Results, known_checks};
use super::session::Session;
use crate::base::text;
use crate::ledger::sqlite::CheckRow;
use crate::model::{AssetName, CheckOutcome, HeldBack, Observed, Severity};
use crate::observe::FileHasher;
use crate::ops::{OpError, observed, snapshot as on_record};
use crate::plan;
use crate::project::Asset;
use crate::seam::{Published, Snapshot};
use crate::view::{self, Cell, Role, Table};

/// What `dp status` takes: nothing of its own.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {}

pub(super) fn run(_args: &StatusArgs, session: &mut Session) -> Result<Exit, OpError> {
    let (project, broken) = session.declared()?;
    let reader = session.reader()?;
    let environment = &project.settings.environment;
    let mut hasher = FileHasher::new(&project.root, BTreeMap::new());
    let mut snapshot = on_record(reader.as_ref(), environment)?;
    let mut seen = observed(&project, &mut hasher, &snapshot)?;
    if let Some(reader) = &reader
        && !reader.is_at(&snapshot)?
    {
        // A run published something meanwhile, which is not drift.
        snapshot = on_record(Some(reader), environment)?;
        seen = observed(&project, &mut hasher, &snapshot)?;
    }
    let drift = drift(&seen);
    let names: BTreeSet<&AssetName> = project.assets.keys().chain(&broken).chain(snapshot.published.keys()).collect();
    let now = session.now();
    let known = known_checks(session, &project);
    let results = reader.as_ref().map(|reader| Results::new(reader, &snapshot, known.as_ref()));
    let mut rows = Vec::new();
    for name in names {
        let published = snapshot.published.get(name);
        let checks = match &results {
            Some(results) => results.of(&project.settings.environment, name)?,
            None => Vec::new(),
        };
        let declared = project.assets.get(name);
        let missing = published.is_some_and(|published| {
            published.version.data.as_ref().is_some_and(|data| !crate::base::fs::exists(&project.absolute(&data.path)))
        });
        let state = match (declared.is_some() || broken.contains(name), published) {
            (_, Some(_)) if missing => "missing",
            (true, Some(_)) => "published",
            (true, None) => "not built",
            (false, _) => "not declared",
        };
        let held = published.and_then(|published| held_back(&snapshot, name, declared, published));
        rows.push((name, declared, published, checks, state, held));
    }
    if session.global.json {
        let assets: Vec<_> = rows
            .iter()
            .map(|(name, declared, published, checks, state, held)| {
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
                    "held_back": held.map(|held| json!({ "run": held.run, "since": held.since, "version": held.version })),
                    "drift": drift.get(*name).map(Vec::as_slice).unwrap_or_default(),
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
    // The width is limited; the column of owners is dropped first.
    let has_drift = rows.iter().any(|(name, ..)| drift.contains_key(*name));
    let has_held = rows.iter().any(|(.., held)| held.is_some());
    let has_owner = rows.iter().any(|(_, declared, ..)| declared.is_some_and(|asset| asset.owner.is_some()));
    let table = |with_owner: bool| {
        let mut headers = vec!["asset", "state", "age", "rows", "size", "checks"];
        headers.extend(has_held.then_some("held back by"));
        headers.extend(has_drift.then_some("drift"));
        headers.extend(with_owner.then_some("owner"));
        let mut table = Table::new(headers);
        for (name, declared, published, checks, state, held) in &rows {
            let mut cells = cells(name, *published, checks, state, now);
            if has_held {
                let held = held.map(|held| format!("{} at {}", held.run, view::moment(held.since)));
                cells.push(held.map_or(Cell::Empty, |held| Cell::Styled(Role::Warning, held)));
            }
            if has_drift {
                let what: BTreeSet<&str> = drift.get(*name).into_iter().flatten().map(|drift| drift.what).collect();
                let what = what.into_iter().collect::<Vec<_>>().join(", ");
                cells.push(if what.is_empty() { Cell::Empty } else { Cell::Styled(Role::Warning, what) });
            }
            if with_owner {
                cells.push(Cell::text(declared.and_then(|asset| asset.owner.clone()).unwrap_or_default()));
            }
            table.push(cells);
        }
        table
    };
    let theme = session.theme();
    let whole = Some(table(has_owner)).filter(|table| table.width() <= theme.width);
    let text = whole.unwrap_or_else(|| table(false)).render(&theme);
    session.out(&text)?;
    Ok(Exit::Done)
}

/// Returns the rollback that restored the published version of an asset and still holds it; the declared definition
/// may differ by now.
fn held_back<'a>(
    snapshot: &'a Snapshot,
    name: &AssetName,
    declared: Option<&Asset>,
    published: &Published,
) -> Option<&'a HeldBack> {
    let names: Vec<&AssetName> = declared.map_or_else(|| vec![name], |asset| plan::names(asset).collect());
    snapshot.held.iter().find(|held| names.contains(&&held.asset) && published.run <= held.run)
}

/// Returns the cells that do not depend on the width.
fn cells(
    name: &AssetName,
    published: Option<&Published>,
    checks: &[CheckRow],
    state: &str,
    now: jiff::Timestamp,
) -> Vec<Cell> {
    let version = published.map(|published| &published.version);
    let age = version.map(|version| {
        let seconds = now.duration_since(version.created).as_secs();
        match u64::try_from(seconds) {
            Ok(seconds) if version.created <= now => text::duration_ms(seconds * 1000),
            _ => "built in the future".to_owned(),
        }
    });
    let stored = version.filter(|version| version.data.is_some());
    vec![
        Cell::text(name.to_string()),
        Cell::text(state),
        Cell::text(age.unwrap_or_default()),
        Cell::Number(version.and_then(|version| version.rows).map(text::grouped).unwrap_or_default()),
        Cell::Number(stored.map(|version| text::bytes(version.bytes())).unwrap_or_default()),
        Cell::text(check_words(checks)),
    ]
}

/// A change made outside dp.
#[derive(Debug, Serialize)]
struct Drift {
    what: &'static str,
    path: String,
}

/// Returns the drift of each asset; the plan shows the drift of whole environments.
fn drift(observed: &Observed) -> BTreeMap<AssetName, Vec<Drift>> {
    let mut found: BTreeMap<AssetName, Vec<Drift>> = BTreeMap::new();
    let outputs = observed.outputs.iter().map(|(asset, output)| (asset, output.what, &output.path));
    let shown = observed.shown.iter().filter_map(|shown| Some((shown.asset.as_ref()?, shown.what.word(), &shown.path)));
    for (asset, what, path) in outputs.chain(shown) {
        found.entry(asset.clone()).or_default().push(Drift {
            what,
            path: path.clone(),
        });
    }
    found
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
