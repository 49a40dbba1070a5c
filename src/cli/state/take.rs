//! Shared by `accept`, `adopt` and `rm`: a run of one step on the user's responsibility.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::Diagnostic;
use serde_json::json;
use thiserror::Error;

use crate::base::{fs, text};
use crate::cli::apply::stop_on_signals;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::cli::wait::waiting;
use crate::engine::duckdb::{DuckAnalyst, DuckBuilder, rows_of};
use crate::facts::Facts;
use crate::ledger::sqlite::Writer;
use crate::model::{AssetName, ByHand, Format, OptionValue, Scalar, Schema, Version};
use crate::ops::open::engine_options;
use crate::ops::{Known, OpError, RequestError, start, write};
use crate::plan::{Action, Plan, Reason, StandsOn, Step};
use crate::project::{Asset, Materialize};
use crate::run::{self, ApplyOptions, Cancel, Event, EventKind, Outcome, Policy, Purpose, Taken};
use crate::seam::{Analyst, Snapshot, SourceRead, SourceReader};
use crate::view;

/// Why rows can't be taken over, or an asset can't be forgotten.
#[derive(Debug, Error, Diagnostic)]
pub(super) enum TakeError {
    #[error("`{asset}` has nothing to accept: its data is as recorded and its definition has not changed")]
    #[diagnostic(code(dp::cli::nothing_to_accept), help("run `dp plan` to see what differs"))]
    NothingToAccept { asset: String },
    #[error("`{path}` is missing, so dp can't use it")]
    #[diagnostic(code(dp::cli::nothing_there), help("restore the file, or run `dp apply` to rebuild `{asset}`"))]
    NothingThere { asset: String, path: String },
    #[error("`{asset}` is a view, and stores no rows")]
    #[diagnostic(code(dp::cli::no_rows), help("set `materialize = \"table\"`, or accept the asset that it reads"))]
    NoRows { asset: String },
    #[error("`{asset}` is already published in `{environment}`")]
    #[diagnostic(
        code(dp::cli::already_published),
        help("to keep changed data, run `dp state accept {asset}`; to start over, run `dp state rm {asset}` first")
    )]
    AlreadyPublished { asset: String, environment: String },
    #[error("no file given to adopt for `{asset}`, and it has no export")]
    #[diagnostic(code(dp::cli::no_file_to_adopt), help("name the file: `dp state adopt {asset} PATH --reason …`"))]
    NoFile { asset: String },
    #[error("`{path}` does not match the declaration of `{asset}`: {}", differences.join("; "))]
    #[diagnostic(
        code(dp::cli::other_columns),
        help("change the file or the declaration so that the names and types of the columns match")
    )]
    OtherColumns { asset: String, path: String, differences: Vec<String> },
    #[error("`{asset}` is still declared")]
    #[diagnostic(
        code(dp::cli::still_declared),
        help("rename its file first; then record the new name with `dp state mv`")
    )]
    StillDeclared { asset: String },
    #[error(
        "`{new}` and `{old}` are stored differently: one is a table, the other a view, or their files have other paths"
    )]
    #[diagnostic(
        code(dp::cli::kept_otherwise),
        help("rename the asset with the same `materialize` first, and change `materialize` afterwards")
    )]
    KeptOtherwise { old: String, new: String },
    #[error("`{asset}` reads {}, which {} not published in `{environment}`", text::named(inputs, 5), if inputs.len() == 1 { "is" } else { "are" })]
    #[diagnostic(code(dp::cli::input_not_published), help("publish its inputs first: `dp apply {first}`", first = inputs[0]))]
    InputNotPublished { asset: String, environment: String, inputs: Vec<String> },
}

impl From<TakeError> for OpError {
    fn from(error: TakeError) -> Self {
        Self::refused(error)
    }
}

/// The project while the lock is held.
pub(super) struct Held {
    pub known: Known,
    pub snapshot: Snapshot,
    pub writer: Writer,
}

/// Acquires the lock, recovers what an earlier run left, and reads everything.
pub(super) fn hold(session: &mut Session, wait: Option<&str>) -> Result<Held, OpError> {
    let wait = waiting(wait)?;
    let request = session.request_in_part();
    let known = session.known(&request)?;
    let writer = write(session, &known.project, wait)?;
    let snapshot = writer.snapshot(&request.environment)?;
    Ok(Held {
        known,
        snapshot,
        writer,
    })
}

/// Returns the asset that the user named, with its facts.
///
/// # Errors
/// If it is not declared, or if it has a mistake.
pub(super) fn declared<'a>(session: &Session, known: &'a Known, name: &str) -> Result<(&'a Asset, &'a Facts), OpError> {
    let found = name.parse::<AssetName>().ok();
    session.expect_usable(known, &found)?;
    let found = found.and_then(|name| Some((known.project.assets.get(&name)?, known.analysis.facts.get(&name)?)));
    found.ok_or_else(|| not_found(name, known.project.assets.keys(), "`dp status` lists the assets"))
}

/// Creates the error for an unknown name, with a similar name as help.
pub(super) fn not_found<'a>(name: &str, names: impl Iterator<Item = &'a AssetName>, help: &str) -> OpError {
    RequestError::NotFound {
        name: name.to_owned(),
        help: text::did_you_mean(name, names.map(AssetName::as_str)).unwrap_or_else(|| help.to_owned()),
    }
    .into()
}

/// Returns an error for an asset without rows, or with unpublished inputs: its version would have no key.
pub(super) fn may_be_taken(held: &Held, asset: &Asset, facts: &Facts) -> Result<(), TakeError> {
    if asset.is_view() {
        return Err(TakeError::NoRows {
            asset: asset.name.to_string(),
        });
    }
    let published = &held.snapshot.published;
    let inputs: Vec<String> =
        facts.inputs.iter().filter(|input| !published.contains_key(*input)).map(ToString::to_string).collect();
    if inputs.is_empty() {
        return Ok(());
    }
    Err(TakeError::InputNotPublished {
        asset: asset.name.to_string(),
        environment: held.known.project.settings.environment.to_string(),
        inputs,
    })
}

/// Returns the reader options for the format of an export.
fn export_options(asset: &Asset) -> Vec<(String, OptionValue)> {
    let Materialize::File { style, .. } = &asset.materialize else {
        return Vec::new();
    };
    let text = |text: String| OptionValue::Scalar(Scalar::String(text));
    let delimiter = style.delimiter.map(|delimiter| ("delim".to_owned(), text(delimiter.to_string())));
    let is_compressed = !style.compression.is_none();
    let compression = is_compressed.then(|| ("compression".to_owned(), text(style.compression.word().to_owned())));
    delimiter.into_iter().chain(compression).collect()
}

/// Returns the query for a file's rows in the types of the asset.
fn rows(known: &Known, asset: &Asset, wanted: &Schema, file: &Path, shown: &str) -> Result<String, OpError> {
    let differ = |differences: Vec<String>| TakeError::OtherColumns {
        asset: asset.name.to_string(),
        path: shown.to_owned(),
        differences,
    };
    let format = Format::of_path(shown)
        .ok_or_else(|| differ(vec!["its name does not end in .csv, .json, .ndjson or .parquet".to_owned()]))?;
    let types = if format.is_text() {
        wanted.0.iter().map(|column| (column.name.clone(), column.data_type.clone())).collect()
    } else {
        Vec::new()
    };
    let mut analyst = DuckAnalyst::new(engine_options(&known.project, Vec::new()));
    analyst.allow(vec![file.to_owned()]);
    let reader = SourceReader {
        format,
        files: vec![file.to_owned()],
        options: export_options(asset),
        types,
        lenient: BTreeSet::new(),
        kept: Vec::new(),
        root: known.project.root.clone(),
    };
    let SourceRead {
        schema: there, sql, ..
    } = analyst
        .read_schema(&reader)
        .map_err(|error| differ(vec![error.into_engine_error().relative_to(&known.project.root).message]))?;
    Ok(rows_of(&sql, &there, wanted).map_err(differ)?)
}

/// Returns a file for display: relative to the project if it is inside it.
pub(super) fn shown(known: &Known, file: &Path) -> String {
    file.strip_prefix(&known.project.root).unwrap_or(file).display().to_string()
}

/// Returns the only step of such a run.
pub(super) fn step(asset: &AssetName, kind: &str, action: Action, reason: Reason, published: Option<&Version>) -> Step {
    Step {
        asset: asset.clone(),
        kind: kind.to_owned(),
        action,
        reasons: vec![reason],
        inputs: Vec::new(),
        change: None,
        columns: Vec::new(),
        checks: Vec::new(),
        reuse: None,
        cut_off: Vec::new(),
        proven: Vec::new(),
        stands_on: StandsOn {
            pointer: published.map(|version| version.id.clone()),
            ..StandsOn::default()
        },
        held: None,
    }
}

/// Makes the rows of a file the asset's version, and reports it.
pub(super) fn take(
    held: &mut Held,
    session: &Session,
    (asset, is_export, file): (&AssetName, bool, PathBuf),
    (how, reason): (&str, &str),
    drift: Vec<crate::plan::Drift>,
) -> Result<Exit, OpError> {
    let known = &held.known;
    let declared = &known.project.assets[asset];
    let by_hand = ByHand {
        how: how.to_owned(),
        reason: reason.to_owned(),
        path: shown(known, &file),
    };
    // The engine does not open links.
    let file = fs::canonicalize(&file)?;
    let sql = rows(known, declared, &known.analysis.facts[asset].schema, &file, &by_hand.path)?;
    let published = held.snapshot.published.get(asset).map(|published| &published.version);
    let step = step(
        asset,
        declared.kind_word(),
        if published.is_some() { Action::Rebuild } else { Action::Create },
        Reason::ByHand {
            how: how.to_owned(),
            path: by_hand.path.clone(),
            reason: reason.to_owned(),
        },
        published,
    );
    let path = by_hand.path.clone();
    let purpose = Purpose::Take(Taken {
        sql,
        file: file.clone(),
        is_export,
        by_hand,
    });
    let verb = if how == "accepted" { "state accept" } else { "state adopt" };
    let (outcome, after) = run(held, session, verb, step, purpose, drift, vec![file])?;
    if outcome.failed() || outcome.interrupted {
        session.ui.error(&format!("`{asset}` is unchanged, because the run published nothing"));
        return Ok(if outcome.interrupted { Exit::Interrupted } else { Exit::Failed });
    }
    let version = after.published.get(asset).map(|published| &published.version);
    let (id, rows) = (version.map(|version| version.id.clone()), version.and_then(|version| version.rows));
    if session.global.json {
        session.json(&json!({
            "format_version": view::FORMAT_VERSION,
            "asset": asset,
            "how": how,
            "path": path,
            "reason": reason,
            "version": id,
            "rows": rows,
            "run": outcome.run,
        }))?;
    } else {
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        let rows = text::count(usize::try_from(rows.unwrap_or_default()).unwrap_or(usize::MAX), "row");
        let word = if how == "accepted" { "Accepted" } else { "Adopted" };
        session.say(&format!(
            "{word} {path} as version {id} of {asset}: {rows} (run {}).\nNext: {}\n",
            outcome.run,
            crate::cli::plan::in_environment("dp plan", &session.global.env)
        ))?;
    }
    Ok(Exit::Done)
}

/// Runs a plan of one step and returns what is published afterwards.
pub(super) fn run(
    held: &mut Held,
    session: &Session,
    command: &str,
    step: Step,
    purpose: Purpose,
    drift: Vec<crate::plan::Drift>,
    mut files: Vec<PathBuf>,
) -> Result<(Outcome, Snapshot), OpError> {
    let project = &held.known.project;
    let plan = Plan {
        estimates: BTreeMap::new(),
        project: project.settings.name.clone(),
        environment: project.settings.environment.clone(),
        state_id: held.snapshot.state_id.clone(),
        serial: held.snapshot.serial,
        steps: vec![step],
        drift,
        warnings: Vec::new(),
        left_out: Vec::new(),
        repair_links: false,
    };
    let cancel = Cancel::default();
    stop_on_signals(&cancel);
    fs::create_folder(&project.dp_folder().join("tmp"), true)?;
    files.extend(held.known.readable());
    let builder = Box::new(DuckBuilder::open(&engine_options(project, files))?);
    let options = ApplyOptions {
        project,
        analysis: Arc::clone(&held.known.analysis),
        rebind: &|columns| held.known.rebound(columns),
        observed: &held.known.observed,
        surroundings: Arc::clone(&held.known.surroundings),
        plan: &plan,
        snapshot: &held.snapshot,
        remembered: BTreeMap::new(),
        jobs: 1,
        purpose,
        policy: Policy::All,
        start: start(session, command, &plan.environment, &held.known.analysis.engine),
        clock: session.clock,
        cancel,
    };
    let theme = session.theme_of_errors();
    let mut sink = |event: &Event| {
        let tells = match &event.kind {
            EventKind::CheckFinished { .. } => true,
            EventKind::StepFinished { outcome, .. } => outcome == "failed",
            _ => false,
        };
        if let (true, Some(text)) = (tells, view::line(event, &theme)) {
            session.ui.report(&format!("{text}\n"));
        }
    };
    let outcome = run::run(options, &mut held.writer, builder, &mut sink)?;
    for what in &outcome.not_in_place {
        session.ui.error(what);
    }
    let after = held.writer.snapshot(&plan.environment)?;
    Ok((outcome, after))
}
