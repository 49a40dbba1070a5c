use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::error::{CliError, RequestError};
use super::exit::Exit;
use super::locking::{start, waiting, write};
use super::session::{Known, Session, cannot_write, engine_options, snapshot};
use crate::base::fs;
use crate::engine::duckdb::{DuckBuilder, open_ahead};
use crate::ledger::sqlite::{Reader, Writer};
use crate::model::RunStart;
use crate::plan::{Plan, PlanRequest, SavedPlan};
use crate::project::Project;
use crate::run::{self, ApplyOptions, Cancel, Counts, Event, Outcome, Policy, Purpose};
use crate::seam::{EngineError, Snapshot};
use crate::view::{self, ApplyView, PlanView, RunContext};

/// What `dp apply` takes.
#[derive(Debug, Default, Args)]
pub(super) struct ApplyArgs {
    /// A plan file from `dp plan --out`, or assets: `name`, `schema.*`, `tag:x`, `+name`, `name+`
    #[arg(value_name = "PLANFILE|ASSET")]
    targets: Vec<String>,
    /// Do not ask for approval
    #[arg(short = 'y', long)]
    auto_approve: bool,
    /// Number of assets to process in parallel [default: one for each core, at most 8]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Build this asset even if nothing changed; can be repeated
    #[arg(long, value_name = "ASSET")]
    replace: Vec<String>,
    /// Withdraw all selected assets
    #[arg(long)]
    destroy: bool,
    /// What to publish if a step or a check failed
    #[arg(long, value_name = "WHAT", default_value = "all")]
    publish: Publish,
    /// Publish assets again that a rollback holds back
    #[arg(long)]
    resume: bool,
    /// Leave out assets with mistakes and their downstream assets, and exit with 3, instead of refusing the project
    #[arg(long, conflicts_with = "destroy")]
    keep_going: bool,
    /// Withdraw assets that are no longer declared, even if they are most of what is published
    #[arg(long)]
    allow_withdraw: bool,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

/// What `dp destroy` takes.
#[derive(Debug, Args)]
pub(super) struct DestroyArgs {
    /// Withdraw only these assets: `name`, `schema.*`, `tag:x`, `+name`, `name+`
    #[arg(value_name = "ASSET")]
    selectors: Vec<String>,
    /// Do not ask for approval
    #[arg(short = 'y', long)]
    auto_approve: bool,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

/// What to publish when something failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Publish {
    /// Everything or nothing
    #[default]
    All,
    /// Assets that passed, if all their upstream assets passed too
    Passed,
}

impl ApplyArgs {
    /// Returns the number of assets to work on in parallel.
    fn jobs(&self) -> usize {
        self.jobs.map_or_else(default_jobs, usize::from)
    }
}

impl From<DestroyArgs> for ApplyArgs {
    fn from(args: DestroyArgs) -> Self {
        Self {
            targets: args.selectors,
            auto_approve: args.auto_approve,
            wait: args.wait,
            destroy: true,
            ..Self::default()
        }
    }
}

pub(super) fn run(args: ApplyArgs, session: &mut Session) -> Result<Exit, CliError> {
    let wait = waiting(args.wait.as_deref())?;
    let saved = saved_plan(&args, session)?;
    let request = match &saved {
        Some((_, saved)) => saved.request.clone(),
        None => PlanRequest {
            resume: args.resume,
            keep_going: args.keep_going,
            ..session.request(&args.targets, &args.replace, args.destroy)
        },
    };
    // Without a prompt, everything is read once, under the lock. Only a project that was never applied is analyzed
    // before: with mistakes it must stay untouched.
    let is_asked = saved.is_none() && !args.auto_approve;
    // One engine to plan before the prompt; three to plan, to build, and for the catalogue without one.
    open_ahead(if is_asked { 1 } else { 3 });
    let is_new = !fs::exists(&session.dp_folder()?.join("state.db"));
    let known = if is_asked || is_new { Some(session.known(&request)?) } else { None };
    if let Some(known) = known.as_ref().filter(|_| !is_asked) {
        session.meant(known, std::iter::empty(), &request)?;
    }
    let project = match &known {
        Some(known) => known.project.clone(),
        None => session.declared_in(&request)?.0,
    };
    // The plan that the user approves; no lock is held during the prompt.
    let mut approved = match (&saved, known) {
        (Some((_, saved)), _) => Some(saved.plan.clone()),
        (None, Some(mut known)) if is_asked => match ask(session, &mut known, &request, &args)? {
            Some(plan) => Some(plan),
            None => return Ok(Exit::Refused),
        },
        (None, _) => None,
    };
    loop {
        let (lock, mut writer) = write(session, &project, wait)?;
        // The project may have been edited since it was read.
        let reader = Reader::open(&project.dp_folder())?;
        let (mut known, _, recorded) = session.known_beside_record(&request, reader)?;
        let plan = session.plan_recorded(&mut known, &recorded, &*writer, &request)?;
        if let Some((file, saved)) = &saved {
            saved.still_fits(&plan, &file.display().to_string())?;
        } else if approved.as_ref().is_some_and(|before| !same_steps(before, &plan)) {
            drop(writer);
            drop(lock);
            session.ui.status("The project changed since the plan was shown. New plan:");
            approved = match ask(session, &mut known, &request, &args)? {
                Some(plan) => Some(plan),
                None => return Ok(Exit::Refused),
            };
            continue;
        }
        if args.auto_approve && saved.is_none() && request.selectors.is_empty() && !args.destroy && !args.allow_withdraw
        {
            plan.withdraws_by_accident(recorded.snapshot.published.len())?;
        }
        if saved.is_none() && approved.is_none() {
            plan.expect_no_schema_change()?;
        }
        let done = carry_out(&args, session, &known, &recorded.snapshot, &plan, &mut writer)?;
        return Ok(if done == Exit::Done && !plan.left_out.is_empty() { Exit::Failed } else { done });
    }
}

/// Returns the saved plan, if a target is a plan file.
///
/// # Errors
/// If the arguments ask for something that the file does not contain.
fn saved_plan(args: &ApplyArgs, session: &Session) -> Result<Option<(PathBuf, SavedPlan)>, CliError> {
    let read = |target: &String| {
        let path = session.absolute(target.as_ref());
        if fs::is_file(&path) { fs::read_to_string(&path).map(Some) } else { Ok(None) }
    };
    let (saved, file) = match args.targets.as_slice() {
        [only] => match read(only)? {
            // A plan file may have the name of an asset.
            Some(text) if args.destroy && !SavedPlan::is_one(&text) => return Ok(None),
            Some(text) => (SavedPlan::from_text(&text, only)?, only),
            None => return Ok(None),
        },
        several => {
            for target in several {
                if read(target)?.is_some_and(|text| SavedPlan::is_one(&text)) {
                    return Err(contradicts("selection"));
                }
            }
            return Ok(None);
        }
    };
    let (request, global) = (&saved.request, &session.global);
    let asked = [
        (!args.replace.is_empty() && args.replace != request.replace, "--replace"),
        (args.resume && !request.resume, "--resume"),
        (args.destroy && !request.destroy, "--destroy"),
        (args.keep_going && !request.keep_going, "--keep-going"),
        (global.env_is_given && global.env != request.environment, "--env"),
        (!global.variables.is_empty() && global.variables != request.variables, "--var"),
    ];
    match asked.into_iter().find(|(is_other, _)| *is_other) {
        Some((_, option)) => Err(contradicts(option)),
        None => Ok(Some((PathBuf::from(file), saved))),
    }
}

fn contradicts(option: &str) -> CliError {
    RequestError::PlanArguments {
        why: format!("the file has its own {option}"),
    }
    .into()
}

/// Shows the plan and prompts the user; `None` if the user declined.
fn ask(
    session: &mut Session,
    known: &mut Known,
    request: &PlanRequest,
    args: &ApplyArgs,
) -> Result<Option<Plan>, CliError> {
    let reader = session.reader()?;
    let snapshot = snapshot(reader.as_ref(), &request.environment)?;
    let plan = match &reader {
        Some(reader) => session.plan(known, &snapshot, reader, request)?,
        None => session.plan(known, &snapshot, &super::session::NoRecord, request)?,
    };
    if !plan.asks_for_apply() {
        return Ok(Some(plan));
    }
    if session.global.json || !session.ui.can_ask() {
        return Err(RequestError::NoPrompt.into());
    }
    show(session, &plan, args)?;
    // Opened during the prompt: to plan again, to build, and for the catalogue.
    open_ahead(3);
    let question = format!("Apply this to {}?", request.environment);
    if session.ui.confirm(&question).unwrap_or(false) {
        return Ok(Some(plan));
    }
    session.ui.status("Cancelled; nothing was changed.\n");
    Ok(None)
}

fn show(session: &Session, plan: &Plan, args: &ApplyArgs) -> Result<(), CliError> {
    let forecast = plan.forecast(args.jobs());
    let view = PlanView {
        all: false,
        now: session.now(),
        next: None,
        forecast: forecast.as_ref(),
        explained: None,
        verbose: session.global.verbose,
        jobs: args.jobs.map(usize::from),
    };
    let text = view::plan(plan, &view, &session.theme());
    session.out(&text)
}

/// Whether two plans have the same effect, even if other things changed.
fn same_steps(before: &Plan, now: &Plan) -> bool {
    let steps = |plan: &Plan| plan.actions().cloned().collect::<Vec<_>>();
    let same_state = before.state_id.is_empty() || before.state_id == now.state_id;
    same_state && before.left_out == now.left_out && steps(before) == steps(now)
}

fn carry_out(
    args: &ApplyArgs,
    session: &mut Session,
    known: &Known,
    snapshot: &Snapshot,
    plan: &Plan,
    writer: &mut Writer,
) -> Result<Exit, CliError> {
    let project = &known.project;
    fs::create_folder(&project.dp_folder().join("tmp"), true)?;
    let open = || DuckBuilder::open(&engine_options(project, known.readable()));
    let command = if args.destroy { "destroy" } else { "apply" };
    let start = start(session, command, &plan.environment, &known.analysis.engine);
    if plan.actions().next().is_none() {
        return mend(session, project, snapshot, plan, &start, writer, open);
    }
    if args.auto_approve && !session.global.json {
        show(session, plan, args)?;
    }
    let cancel = Cancel::default();
    stop_on_signals(&cancel);
    let options = ApplyOptions {
        project,
        analysis: Arc::clone(&known.analysis),
        rebind: &|columns| known.rebound(columns),
        observed: &known.observed,
        surroundings: Arc::clone(&known.surroundings),
        plan,
        snapshot,
        remembered: known.hasher.fresh().clone(),
        jobs: args.jobs(),
        purpose: Purpose::Publish,
        policy: match args.publish {
            Publish::All => Policy::All,
            Publish::Passed => Policy::Passed,
        },
        start,
        clock: session.clock,
        cancel,
    };
    let builder = Box::new(open()?);
    let json = session.global.json;
    let ui = &session.ui;
    let mut written = Ok(());
    let outcome = if json {
        let mut sink = |event: &Event| written = ui.out(&view::json_line(&event.json()));
        run::run(options, writer, builder, &mut sink)
    } else {
        let context = RunContext {
            unchanged: plan.summary().unchanged,
            verbose: session.global.verbose,
            left_out: plan.left_out.len(),
            next: Some(super::plan::in_environment("dp status", &plan.environment)),
            again: Some(super::plan::in_environment(&format!("dp {command}"), &plan.environment)),
        };
        let mut view = ApplyView::new(*ui.status_theme(), context, ui.bars(), |channel, text: &str| {
            written = ui.show(channel, text);
        })
        .with_result_theme(*ui.theme());
        let outcome = run::run(options, writer, builder, &mut |event: &Event| view.event(event));
        view.clear();
        outcome
    };
    let outcome = outcome?;
    written.map_err(cannot_write)?;
    for what in &outcome.not_in_place {
        session.ui.error(what);
    }
    Ok(exit(&outcome))
}

/// Repairs published links and the catalogue when nothing is to be built.
fn mend(
    session: &mut Session,
    project: &Project,
    snapshot: &Snapshot,
    plan: &Plan,
    start: &RunStart,
    writer: &mut Writer,
    open: impl FnOnce() -> Result<DuckBuilder, EngineError>,
) -> Result<Exit, CliError> {
    let json = session.global.json;
    let mut written = Ok(());
    let mended = plan.repair_links && {
        let ui = &session.ui;
        let mut sink = |event: &Event| {
            if json {
                written = ui.out(&view::json_line(&event.json()));
            }
        };
        run::mend(project, snapshot, start, writer, &mut open()?, session.clock, &mut sink)?
    };
    written.map_err(cannot_write)?;
    if json {
        if !plan.left_out.is_empty() {
            let assets = &plan.left_out;
            let event =
                serde_json::json!({ "time": session.now(), "run": null, "event": "left_out", "assets": assets });
            session.out(&view::json_line(&event))?;
        }
        if mended {
            return Ok(Exit::Done);
        }
        let counts = serde_json::to_value(Counts::default()).expect("dp's own values have a JSON form");
        let mut event = serde_json::json!({
            "time": session.now(),
            "run": null,
            "event": "run_finished",
            "outcome": "nothing to do",
            "ms": 0,
            "held_back": plan.summary().held_back,
        });
        if let (Some(event), Some(counts)) = (event.as_object_mut(), counts.as_object()) {
            event.extend(counts.clone());
        }
        session.out(&event.to_string())?;
        return Ok(Exit::Done);
    }
    if mended {
        session.ui.status("Published links and catalogue were repaired.");
    }
    let mut left = plan.clone();
    left.repair_links = false;
    left.drift.retain(|drift| !(mended && drift.action == "mend"));
    // Nothing is built, so there is no estimate.
    show(session, &left, &ApplyArgs::default())?;
    Ok(Exit::Done)
}

fn exit(outcome: &Outcome) -> Exit {
    if outcome.interrupted {
        Exit::Interrupted
    } else if outcome.failed() {
        Exit::Failed
    } else {
        Exit::Done
    }
}

/// Returns the default number of assets to work on in parallel.
pub(super) fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(8)
}

/// Handles signals. The first Ctrl-C or SIGTERM asks the run to stop, the second stops it at once. The run continues
/// when the terminal is closed (SIGHUP).
pub(super) fn stop_on_signals(cancel: &Cancel) {
    let cancel = cancel.clone();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        runtime.block_on(async move {
            use tokio::signal::unix::{SignalKind, signal};
            let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::hangup()))
            else {
                return;
            };
            let mut count = 0;
            loop {
                tokio::select! {
                    _ = interrupt.recv() => count += 1,
                    _ = terminate.recv() => count += 1,
                    _ = hangup.recv() => continue,
                }
                cancel.ask();
                if count > 1 {
                    crate::process::abandon_all();
                    // The next command recovers.
                    signal_hook::low_level::exit(i32::from(Exit::Interrupted.code()));
                }
            }
        });
    });
}
