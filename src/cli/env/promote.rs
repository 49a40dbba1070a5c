use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde_json::json;

use super::{known, names};
use crate::base::text;
use crate::cli::error::{CliError, RequestError};
use crate::cli::exit::Exit;
use crate::cli::locking::{waiting, write};
use crate::cli::plan::in_environment;
use crate::cli::republish::{Moves, carry_out, exports_are_free};
use crate::cli::session::{Known, Session, observed};
use crate::graph::Selection;
use crate::ledger::sqlite::Reader;
use crate::model::{AssetName, CheckOutcome, RunId, Version};
use crate::plan::{Promoted, Promotion};
use crate::run::Inspection;
use crate::seam::Snapshot;
use crate::view::{self, Cell, Table};

/// What `dp env promote` takes.
#[derive(Debug, Args)]
pub(super) struct PromoteArgs {
    /// Environment to promote from; `--env` names the target [default: prod]
    #[arg(value_name = "ENVIRONMENT")]
    name: String,
    /// Promote only these assets: `name`, `schema.*`, `tag:x`, `+name`, `name+`
    #[arg(value_name = "ASSET")]
    selectors: Vec<String>,
    /// Do not ask for approval
    #[arg(short = 'y', long)]
    auto_approve: bool,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

pub(super) fn run(args: &PromoteArgs, session: &mut Session) -> Result<Exit, CliError> {
    let wait = waiting(args.wait.as_deref())?;
    let to = session.global.env.clone();
    if args.name == to {
        return Err(RequestError::BadArgument {
            command: "env promote",
            why: format!(
                "`{to}` can't be promoted to itself; name another environment, or another target with `--env`"
            ),
        }
        .into());
    }
    let request = session.request(&[], &[], false);
    let mut project = session.known(&request)?;
    known(&args.name, &names(&project.project, session.reader()?.as_ref())?)?;
    let mut approved: Option<Promoted> = None;
    if !args.auto_approve {
        approved = match ask(args, session, &mut project)? {
            Some(promoted) => Some(promoted),
            None => return Ok(Exit::Refused),
        };
    }
    loop {
        let (lock, mut writer) = write(session, &project.project, wait)?;
        // The project may have been edited since it was read.
        project = session.known(&request)?;
        let snapshot = writer.snapshot(&to)?;
        let promoted = work_out(args, &mut project, &writer, &snapshot)?;
        if approved.as_ref().is_some_and(|approved| *approved != promoted) {
            drop(writer);
            drop(lock);
            session.ui.status("The state changed since this was shown. New result:");
            approved = match ask(args, session, &mut project)? {
                Some(promoted) => Some(promoted),
                None => return Ok(Exit::Refused),
            };
            continue;
        }
        if args.auto_approve && !session.global.json {
            session.out(&shown(&promoted, &args.name, &to, &snapshot, session))?;
        }
        if promoted.set.is_empty() {
            if session.global.json {
                session.json(&as_json(&promoted, &args.name, &to, None))?;
            }
            return Ok(Exit::Done);
        }
        let reason = |follows: bool| json!({ "code": "promoted", "from": args.name, "follows": follows });
        let set = promoted.set.iter().map(|version| (version.clone(), reason(false)));
        let following = promoted.following.iter().map(|version| (version.clone(), reason(true)));
        let moves = Moves {
            set: set.chain(following).collect(),
            withdrawn: Vec::new(),
            undone: None,
            settings: promoted
                .set
                .iter()
                .chain(&promoted.following)
                .filter_map(|version| project.project.assets.get(&version.asset))
                .map(|asset| (asset.name.clone(), asset.behaviour()))
                .collect(),
        };
        let outcome = carry_out(
            session,
            "env promote",
            &project.project,
            Some(&project.analysis),
            &snapshot,
            moves,
            &mut writer,
        )?;
        if session.global.json {
            session.json(&as_json(&promoted, &args.name, &to, Some(outcome.run)))?;
        } else {
            let count = text::count(promoted.set.len() + promoted.following.len(), "asset");
            let next = if promoted.due.is_empty() { "dp status" } else { "dp apply" };
            session.say(&format!(
                "\n{count} of {} published in {to} ({}).\nNext: {}\n",
                args.name,
                outcome.run,
                in_environment(next, &to)
            ))?;
        }
        return Ok(if outcome.failed() { Exit::Failed } else { Exit::Done });
    }
}

/// Shows what would be published and prompts the user; `None` if the user declined.
fn ask(args: &PromoteArgs, session: &mut Session, known: &mut Known) -> Result<Option<Promoted>, CliError> {
    let to = session.global.env.clone();
    let reader = session.reader()?.ok_or_else(|| RequestError::NothingPublished {
        environment: args.name.clone(),
    })?;
    let snapshot = reader.snapshot(&to)?;
    let promoted = work_out(args, known, &reader, &snapshot)?;
    if !session.global.json {
        session.out(&shown(&promoted, &args.name, &to, &snapshot, session))?;
    }
    if promoted.set.is_empty() {
        return Ok(Some(promoted));
    }
    if session.global.json || !session.ui.can_ask() {
        return Err(RequestError::NoPrompt.into());
    }
    if session.ui.confirm(&format!("Publish these versions in {to}?")).unwrap_or(false) {
        return Ok(Some(promoted));
    }
    session.ui.status("Cancelled; nothing was changed.\n");
    Ok(None)
}

fn work_out(args: &PromoteArgs, known: &mut Known, reader: &Reader, to: &Snapshot) -> Result<Promoted, CliError> {
    let from = reader.snapshot(&args.name)?;
    if from.release.is_none() {
        return Err(RequestError::NothingPublished {
            environment: args.name.clone(),
        }
        .into());
    }
    let environment = known.project.settings.environment.clone();
    let since = RunId(reader.last_apply(&args.name)?.map_or(0, |run| run.0) + 1);
    let moved: BTreeSet<AssetName> = reader
        .publications_since(&environment, since)?
        .into_iter()
        .flat_map(|publication| publication.changes)
        .map(|change| change.asset)
        .collect();
    let mut timed = BTreeMap::new();
    for (name, facts) in &known.analysis.facts {
        if !facts.checks.iter().any(|check| check.reads_clock) {
            continue;
        }
        let here = from.published.get(name).map(|published| &published.version.id);
        for row in reader.latest_checks(&args.name, name)? {
            if Some(&row.version) == here {
                let passed = row.record.outcome == CheckOutcome::Passed;
                timed.insert((name.clone(), row.record.check), passed);
            }
        }
    }
    let mut inspection = Inspection::new(&known.project.root, reader);
    let mut lost = BTreeMap::new();
    for (name, published) in &from.published {
        let is_there = to.published.get(name).is_some_and(|there| there.version.id == published.version.id);
        if !is_there && let Some(why) = inspection.lost(&published.version)? {
            lost.insert(name.clone(), why.to_string());
        }
    }
    let foreign = observed(&known.project, &mut known.hasher, to)?.foreign;
    let project = &known.project;
    let selection = Selection::parse(
        &args.selectors,
        &known.analysis.graph,
        &project.assets,
        from.published.keys().chain(to.published.keys()),
    )?;
    let promotion = Promotion {
        project,
        analysis: &known.analysis,
        name: &args.name,
        from: &from,
        to,
        selection,
        moved,
        timed,
        lost,
        foreign,
    };
    let promoted = promotion.work_out(reader)?;
    exports_are_free(project, to, promoted.set.iter().chain(&promoted.following))?;
    Ok(promoted)
}

fn shown(promoted: &Promoted, from: &str, to: &str, snapshot: &Snapshot, session: &Session) -> String {
    if promoted.set.is_empty() {
        return format!("Nothing to promote: {to} has the same published definitions as {from}.\n");
    }
    let rows = |version: Option<&Version>| match version {
        None => Cell::Empty,
        Some(version) if version.is_view() => Cell::text("view"),
        Some(version) => version.rows.map_or(Cell::Empty, Cell::count),
    };
    let mut table = Table::new(["asset".to_owned(), String::new(), format!("rows in {from}"), format!("rows in {to}")]);
    let set = promoted.set.iter().map(|version| (version, "new definition"));
    for (version, what) in set.chain(promoted.following.iter().map(|version| (version, "follows"))) {
        let there = snapshot.published.get(&version.asset).map(|published| &published.version);
        let what = if there.is_none() { "new" } else { what };
        table.push([Cell::text(version.asset.to_string()), Cell::text(what), rows(Some(version)), rows(there)]);
    }
    let mut text = table.render(&session.theme());
    if !promoted.due.is_empty() {
        let due = text::named(&promoted.due, 5);
        text.push_str(&format!("\nRun `dp apply` next for {due}.\n"));
    }
    text
}

fn as_json(promoted: &Promoted, from: &str, to: &str, run: Option<RunId>) -> serde_json::Value {
    let list = |versions: &[Version]| -> Vec<serde_json::Value> {
        versions.iter().map(|version| json!({ "asset": version.asset, "version": version.id })).collect()
    };
    json!({
        "format_version": view::FORMAT_VERSION,
        "from": from,
        "environment": to,
        "run": run,
        "published": list(&promoted.set),
        "following": list(&promoted.following),
        "due": promoted.due,
    })
}
