use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};

use super::apply::{default_jobs, stop_on_signals};
use super::exit::Exit;
use super::session::Session;
use crate::base::{fs, text};
use crate::cli::wait::waiting;
use crate::engine::duckdb::{DuckBuilder, DuckCatalogues};
use crate::graph::Selection;
use crate::ledger::sqlite::{Reader, Writer};
use crate::model::{AssetName, CheckOutcome, CheckRecord, RunId, Severity};
use crate::ops::open::engine_options;
use crate::ops::{Known, OpError, RequestError, observed, start, write};
use crate::plan::recheck;
use crate::project::Project;
use crate::publish::local::release::catalogue_path;
use crate::run::{self, ApplyOptions, Cancel, Event, EventKind, Policy, Purpose, Verified, verify};
use crate::seam::{Catalogues, Snapshot};
use crate::view;

/// What `dp check` takes.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Check only these assets: `name`, `schema.*`, `tag:x`, `+name` (and its upstream), `name+` (and its downstream)
    #[arg(value_name = "ASSET")]
    selectors: Vec<String>,
    /// Also read every byte of all kept versions and one row of each view in the catalogue; mark damaged versions
    #[arg(long)]
    deep: bool,
    /// Number of assets to process in parallel [default: one for each core, at most 8]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

/// The result of checking what is published.
#[derive(Default)]
struct Found {
    run: Option<RunId>,
    checks: Vec<(AssetName, CheckRecord)>,
    /// Assets whose checks could not run, with the reason.
    failed: Vec<(AssetName, String)>,
    /// Assets whose files differ from the record, with the file.
    damaged: BTreeMap<AssetName, String>,
    verified: Option<Verified>,
    /// Views that a client can't read in the catalogue, or the catalogue itself, with the reason.
    unreadable: Vec<(String, String)>,
    /// The environments in which damaged versions are published.
    published_in: BTreeMap<String, Vec<String>>,
    interrupted: bool,
}

pub(super) fn run(args: &CheckArgs, session: &mut Session) -> Result<Exit, OpError> {
    let wait = waiting(args.wait.as_deref())?;
    let request = session.request(&args.selectors, &[], false);
    let mut known = session.known(&request)?;
    let environment = request.environment;
    let reader = session.reader()?.ok_or_else(|| RequestError::NothingPublished {
        environment: environment.clone(),
    })?;
    let snapshot = reader.snapshot(&environment)?;
    let project = &known.project;
    let published = snapshot.published.keys();
    let names = published.clone().chain(known.analysis.broken.keys());
    let selection = Selection::parse(&args.selectors, &known.analysis.graph, &project.assets, names)?;
    if let Selection::Only(names) = &selection {
        session.expect_usable(&known, names)?;
    }
    let selected: BTreeSet<AssetName> = published.filter(|name| selection.contains(name)).cloned().collect();
    if selected.is_empty() {
        return Err(RequestError::NothingSelectedPublished { environment }.into());
    }
    let jobs = args.jobs.map_or_else(default_jobs, usize::from);
    let mut found = Found::default();
    if args.deep {
        // Reading needs no lock: stored versions never change.
        let mut versions = reader.kept_versions()?;
        versions.retain(|(version, _)| selection.contains(&version.asset));
        found.verified = Some(verify(&project.root, versions, jobs)?);
        let unreadable = unreadable(project);
        let is_meant = |name: &String| name.parse().map_or(true, |name: AssetName| selection.contains(&name));
        found.unreadable = unreadable.into_iter().filter(|(name, _)| is_meant(name)).collect();
    }
    drop(reader);
    let checked = recheck(project, &known.analysis, &snapshot, &selected);
    let marks = found
        .verified
        .as_ref()
        .is_some_and(|found| found.damaged.iter().any(|damage| !damage.known) || !found.restored.is_empty());
    if marks || !checked.steps.is_empty() {
        let mut writer = write(session, &known.project, wait)?;
        let snapshot = writer.snapshot(&environment)?;
        look_for_damage(&mut known, &snapshot, &selected, &mut found)?;
        carry_out(session, &known, &snapshot, &selected, jobs, &mut writer, &mut found)?;
        published_in(&writer, &mut found)?;
    } else {
        look_for_damage(&mut known, &snapshot, &selected, &mut found)?;
    }
    let exit = exit(&found);
    if session.global.json {
        let mut json = json_of(&found, &environment);
        session.show_mistakes(Some(&known), Some(&mut json));
        session.json(&json)?;
    } else {
        session.show_mistakes(Some(&known), None);
        session.say(&text_of(&found, selected.len(), session))?;
    }
    Ok(exit)
}

/// Notes the selected assets whose files differ from the record: their checks would prove nothing.
fn look_for_damage(
    known: &mut Known,
    snapshot: &Snapshot,
    selected: &BTreeSet<AssetName>,
    found: &mut Found,
) -> Result<(), OpError> {
    let seen = observed(&known.project, &mut known.hasher, snapshot)?;
    let seen = seen.outputs.into_iter().filter(|(_, output)| output.stored).map(|(asset, output)| (asset, output.path));
    let read = found.verified.iter().flat_map(|verified| &verified.damaged).filter(|damage| {
        let published = snapshot.published.get(&damage.version.asset);
        published.is_some_and(|published| published.version.id == damage.version.id)
    });
    found.damaged = read
        .map(|damage| (damage.version.asset.clone(), damage.path.clone()))
        .chain(seen)
        .filter(|(asset, _)| selected.contains(asset))
        .collect();
    // The recorded damage of a version is resolved if its bytes were read and match.
    for version in found.verified.iter().flat_map(|verified| &verified.restored) {
        found.damaged.remove(&version.asset);
    }
    Ok(())
}

fn carry_out(
    session: &Session,
    known: &Known,
    snapshot: &Snapshot,
    selected: &BTreeSet<AssetName>,
    jobs: usize,
    writer: &mut Writer,
    found: &mut Found,
) -> Result<(), OpError> {
    let project = &known.project;
    let whole: BTreeSet<AssetName> =
        selected.iter().filter(|name| !found.damaged.contains_key(*name)).cloned().collect();
    let plan = recheck(project, &known.analysis, snapshot, &whole);
    let cancel = Cancel::default();
    stop_on_signals(&cancel);
    fs::create_folder(&project.dp_folder().join("tmp"), true)?;
    let builder = Box::new(DuckBuilder::open(&engine_options(project, known.readable()))?);
    let options = ApplyOptions {
        project,
        analysis: Arc::clone(&known.analysis),
        rebind: &|columns| known.rebound(columns),
        observed: &known.observed,
        surroundings: Arc::clone(&known.surroundings),
        plan: &plan,
        snapshot,
        remembered: BTreeMap::new(),
        jobs,
        purpose: Purpose::Check {
            verified: found.verified.clone().unwrap_or_default(),
        },
        policy: Policy::All,
        start: start(session, "check", &plan.environment, &known.analysis.engine),
        clock: session.clock,
        cancel,
    };
    let theme = session.theme_of_errors();
    let mut sink = |event: &Event| match &event.kind {
        EventKind::CheckFinished { asset, record } => {
            if let (false, Some(text)) = (session.global.json, view::line(event, &theme)) {
                session.ui.report(&format!("{text}\n"));
            }
            found.checks.push((asset.clone(), record.clone()));
        }
        EventKind::StepFinished { asset, message, .. } => {
            let ran = found.checks.iter().any(|(name, _)| name == asset);
            if let (false, Some(message)) = (ran, message) {
                found.failed.push((asset.clone(), message.clone()));
            }
        }
        _ => {}
    };
    let outcome = run::run(options, writer, builder, &mut sink)?;
    found.run = Some(outcome.run);
    found.interrupted = outcome.interrupted;
    found.checks.sort_by(|(left, a), (right, b)| (left, &a.check).cmp(&(right, &b.check)));
    Ok(())
}

fn published_in(reader: &Reader, found: &mut Found) -> Result<(), OpError> {
    for damage in found.verified.iter().flat_map(|verified| &verified.damaged) {
        let pointers = reader.pointers_of(&damage.version.asset)?;
        let environments = pointers
            .into_iter()
            .filter(|pointer| pointer.version == damage.version.id)
            .map(|pointer| pointer.environment.to_string());
        found.published_in.insert(damage.version.id.to_string(), environments.collect());
    }
    Ok(())
}

fn is_bad(record: &CheckRecord) -> bool {
    record.outcome != CheckOutcome::Passed && record.severity == Severity::Error
}

fn exit(found: &Found) -> Exit {
    let damaged = found.verified.as_ref().is_some_and(|verified| !verified.damaged.is_empty());
    let failed = found.checks.iter().any(|(_, record)| is_bad(record)) || !found.failed.is_empty();
    if found.interrupted {
        Exit::Interrupted
    } else if failed || damaged || !found.damaged.is_empty() || !found.unreadable.is_empty() {
        Exit::Failed
    } else {
        Exit::Done
    }
}

fn json_of(found: &Found, environment: &str) -> Value {
    let check = |(asset, record): &(AssetName, CheckRecord)| {
        let mut value = serde_json::to_value(record).expect("dp's own values have a JSON form");
        value["asset"] = json!(asset);
        value
    };
    let damaged_files = found.damaged.iter().map(|(asset, path)| json!({ "asset": asset, "path": path }));
    let mut value = json!({
        "format_version": view::FORMAT_VERSION,
        "environment": environment,
        "run": found.run,
        "checks": found.checks.iter().map(check).collect::<Vec<_>>(),
        "not_run": found.failed.iter().map(|(asset, why)| json!({ "asset": asset, "message": why })).collect::<Vec<_>>(),
        "damaged": damaged_files.collect::<Vec<_>>(),
    });
    if let Some(verified) = &found.verified {
        let damaged = verified.damaged.iter().map(|damage| {
            json!({
                "asset": damage.version.asset,
                "version": damage.version.id,
                "path": damage.path,
                "reason": damage.reason,
                "published_in": found.published_in.get(damage.version.id.as_str()).cloned().unwrap_or_default(),
            })
        });
        let restored = verified.restored.iter().map(|version| json!({ "asset": version.asset, "version": version.id }));
        value["deep"] = json!({
            "versions": verified.versions,
            "bytes": verified.bytes,
            "damaged": damaged.collect::<Vec<_>>(),
            "restored": restored.collect::<Vec<_>>(),
            "unreadable": found.unreadable.iter().map(|(name, why)| json!({ "name": name, "message": why })).collect::<Vec<_>>(),
        });
    }
    value
}

fn text_of(found: &Found, selected: usize, session: &Session) -> String {
    let mut lines = Vec::new();
    for (asset, message) in &found.failed {
        lines.push(format!("{asset}: {message}"));
    }
    let read = |asset: &AssetName, path: &String| {
        let damaged = found.verified.iter().flat_map(|verified| &verified.damaged);
        damaged.into_iter().any(|damage| damage.version.asset == *asset && damage.path == *path)
    };
    for (asset, path) in found.damaged.iter().filter(|(asset, path)| !read(asset, path)) {
        lines.push(format!("{asset}: not checked:\n  {path} is missing or was changed outside dp"));
    }
    if let Some(verified) = &found.verified {
        for damage in &verified.damaged {
            let places = found.published_in.get(damage.version.id.as_str()).filter(|places| !places.is_empty());
            let place = places.map(|places| format!(", published in {}", text::and(places))).unwrap_or_default();
            lines.push(format!(
                "{}: version {} is damaged{place}:\n  {}: {}",
                damage.version.asset, damage.version.id, damage.path, damage.reason
            ));
        }
        for (name, why) in &found.unreadable {
            lines.push(format!("{name}: DuckDB clients can't read it in the catalogue:\n  {}", view::one_line(why)));
        }
        for version in &verified.restored {
            lines.push(format!("{}: version {} is intact again", version.asset, version.id));
        }
        let bad = verified.damaged.len();
        let result =
            if bad == 0 { "all as recorded".to_owned() } else { format!("{} damaged", text::grouped(bad as u64)) };
        lines.push(format!(
            "Read {} in {}: {result}.",
            text::bytes(verified.bytes),
            text::count(verified.versions, "version")
        ));
    }
    lines.push(checks_sentence(found, selected));
    let damaged = !found.damaged.is_empty() || found.verified.as_ref().is_some_and(|found| !found.damaged.is_empty());
    if damaged {
        lines.push(format!("Next: {}", super::plan::in_environment("dp plan", &session.global.env)));
    }
    lines.join("\n") + "\n"
}

/// "Checked 3 assets with 5 checks: 4 passed, 1 failed (run r7)."
fn checks_sentence(found: &Found, selected: usize) -> String {
    if found.checks.is_empty() && found.failed.is_empty() {
        let whole = selected - found.damaged.len();
        return format!("No checks to run on {}.", text::count(whole, "asset"));
    }
    let assets: BTreeSet<&AssetName> = found.checks.iter().map(|(asset, _)| asset).collect();
    let count =
        |wanted: &dyn Fn(&CheckRecord) -> bool| found.checks.iter().filter(|(_, record)| wanted(record)).count();
    let passed = count(&|record| record.outcome == CheckOutcome::Passed);
    let failed = count(&is_bad);
    let parts = [
        (passed, "passed"),
        (found.checks.len() - passed - failed, "warned"),
        (failed, "failed"),
        (found.failed.len(), "could not be run"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", text::grouped(count as u64)))
        .collect();
    let run = found.run.map(|run| format!(" (run {run})")).unwrap_or_default();
    format!(
        "Ran {} on {}: {}{run}.",
        text::count(found.checks.len(), "check"),
        text::count(assets.len(), "asset"),
        parts.join(", ")
    )
}

/// Returns the published views, `schema.name`, that a client can't read, each with the reason. If a client can't open
/// the catalogue, its path stands for all views.
fn unreadable(project: &Project) -> Vec<(String, String)> {
    let path = catalogue_path(&project.settings.connection.path, &project.settings.environment);
    DuckCatalogues
        .unreadable(&project.absolute(&path))
        .unwrap_or_else(|error| vec![(path.display().to_string(), error.message)])
}
