use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use super::error::{CliError, RequestError};
use super::exit::Exit;
use super::locking::{start, waiting, write};
use super::session::Session;
use crate::base::text;
use crate::ledger::sqlite::StoredVersion;
use crate::model::{AssetName, RunId, RunScope};
use crate::run::{Garbage, collect, garbage};
use crate::view::{self, Cell, Table};

/// What `dp gc` takes.
#[derive(Debug, Args)]
pub(super) struct GcArgs {
    /// Show what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask for approval
    #[arg(short = 'y', long, conflicts_with = "dry_run")]
    auto_approve: bool,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

pub(super) fn run(args: &GcArgs, session: &mut Session) -> Result<Exit, CliError> {
    let wait = waiting(args.wait.as_deref())?;
    let (project, _) = session.declared()?;
    let mut approved = None;
    if !args.auto_approve {
        let found = match session.reader()? {
            Some(reader) => garbage(&project, &reader, session.now())?,
            None => Garbage::default(),
        };
        if !ask(args, session, &found)? {
            return Ok(if args.dry_run || found.is_empty() { Exit::Done } else { Exit::Refused });
        }
        approved = Some(found);
    }
    loop {
        let (lock, mut writer) = write(session, &project, wait)?;
        let found = garbage(&project, &writer, session.now())?;
        if approved.as_ref().is_some_and(|approved| !is_part(&found, approved)) {
            drop(writer);
            drop(lock);
            session.ui.status("The state changed since this was shown. New result:");
            if !ask(args, session, &found)? {
                return Ok(if found.is_empty() { Exit::Done } else { Exit::Refused });
            }
            approved = Some(found);
            continue;
        }
        if found.is_empty() {
            show(session, &found, None, false)?;
            return Ok(Exit::Done);
        }
        let start = start(session, "gc", RunScope::All, "");
        let run = collect(&project.root, &found, &mut writer, &start, session.clock, &mut |_| {})?;
        show(session, &found, Some(run), false)?;
        return Ok(Exit::Done);
    }
}

/// Whether the garbage is a part of what the user approved.
fn is_part(found: &Garbage, approved: &Garbage) -> bool {
    found.versions.iter().all(|version| approved.versions.contains(version))
}

/// Shows what can be freed and prompts the user. Returns whether to continue.
fn ask(args: &GcArgs, session: &mut Session, found: &Garbage) -> Result<bool, CliError> {
    if args.dry_run || found.is_empty() {
        show(session, found, None, args.dry_run)?;
        return Ok(false);
    }
    if session.global.json {
        return Err(RequestError::NoPrompt.into());
    }
    session.out(&text(session, found, "can be deleted"))?;
    if !session.ui.can_ask() {
        return Err(RequestError::NoPrompt.into());
    }
    if session.ui.confirm("Delete them?").unwrap_or(false) {
        return Ok(true);
    }
    session.ui.status("Cancelled; nothing was changed.\n");
    Ok(false)
}

fn show(session: &Session, found: &Garbage, run: Option<RunId>, is_dry: bool) -> Result<(), CliError> {
    if session.global.json {
        return session.json(&as_json(found, run, is_dry));
    }
    let verb = if run.is_some() { "freed" } else { "would be deleted" };
    session.out(&text(session, found, verb))
}

fn by_asset(versions: &[StoredVersion]) -> BTreeMap<&AssetName, Vec<&StoredVersion>> {
    let mut assets: BTreeMap<&AssetName, Vec<&StoredVersion>> = BTreeMap::new();
    for version in versions {
        assets.entry(&version.asset).or_default().push(version);
    }
    assets
}

fn total(versions: &[StoredVersion]) -> u64 {
    versions.iter().map(|version| version.bytes).sum()
}

fn text(session: &Session, found: &Garbage, verb: &str) -> String {
    let stay = format!("Kept: {}, {}", text::count(found.kept.len(), "version"), text::bytes(total(&found.kept)));
    if found.is_empty() {
        return format!("Nothing to delete. {stay}.\n");
    }
    let mut text = String::new();
    if !found.versions.is_empty() {
        let mut table = Table::new(["asset", "versions", "size"]);
        for (asset, versions) in by_asset(&found.versions) {
            let bytes = versions.iter().map(|version| version.bytes).sum();
            table.push([
                Cell::text(asset.to_string()),
                Cell::count(versions.len() as u64),
                Cell::Number(text::bytes(bytes)),
            ]);
        }
        text = format!("{}\n", table.render(&session.theme()));
    }
    let mut parts = Vec::new();
    if !found.versions.is_empty() {
        parts.push(text::count(found.versions.len(), "version"));
    }
    // Each release has a file beside it that belongs to it, and schema folders that only releases use count as part of
    // them.
    let is_release = |path: &std::path::Path| {
        path.extension().is_none() && path.parent().is_none_or(|parent| !parent.ends_with("schemas"))
    };
    let releases = found.releases.iter().filter(|(path, _)| is_release(path)).count();
    if releases > 0 {
        parts.push(text::count(releases, "old release"));
    }
    if !found.orphans.is_empty() {
        let count = found.orphans.len();
        parts.push(format!("{count} unrecorded {}", if count == 1 { "folder" } else { "folders" }));
    }
    if !found.logs.is_empty() {
        parts.push(format!("the logs of {}", text::count(found.logs.len(), "run")));
    }
    if parts.is_empty() {
        parts.push("files of old releases".to_owned());
    }
    text.push_str(&format!("{}, {}, {verb}.\n{stay}.\n", text::and(parts), text::bytes(found.bytes())));
    text
}

fn as_json(found: &Garbage, run: Option<RunId>, is_dry: bool) -> serde_json::Value {
    let assets: Vec<_> = by_asset(&found.versions)
        .into_iter()
        .map(|(asset, versions)| {
            json!({
                "asset": asset,
                "versions": versions.iter().map(|version| &version.version).collect::<Vec<_>>(),
                "bytes": versions.iter().map(|version| version.bytes).sum::<u64>(),
            })
        })
        .collect();
    let paths = |list: &[(std::path::PathBuf, u64)]| -> Vec<serde_json::Value> {
        list.iter().map(|(path, bytes)| json!({ "path": path, "bytes": bytes })).collect()
    };
    json!({
        "format_version": view::FORMAT_VERSION,
        "run": run,
        "dry_run": is_dry,
        "freed": { "versions": found.versions.len(), "bytes": found.bytes() },
        "kept": { "versions": found.kept.len(), "bytes": total(&found.kept) },
        "assets": assets,
        "releases": paths(&found.releases),
        "orphans": paths(&found.orphans),
        "logs": paths(&found.logs),
    })
}
