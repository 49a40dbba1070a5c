use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::prompt::Prompt;
use super::session::{Session, cannot_write};
use super::wait::waiting;
use crate::base::fs;
use crate::ops::{self, Applied, AppliedResult, Apply, Approver, OpError, Planned, RequestError, RunSink};
use crate::plan::{Plan, PlanRequest, SavedPlan};
use crate::run::{Cancel, Counts, Event, Policy};
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

impl From<Publish> for Policy {
    fn from(publish: Publish) -> Self {
        match publish {
            Publish::All => Self::All,
            Publish::Passed => Self::Passed,
        }
    }
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

pub(super) fn run(args: &ApplyArgs, session: &Session) -> Result<Exit, OpError> {
    let wait = waiting(args.wait.as_deref())?;
    let saved = saved_plan(args, session)?;
    let request = match &saved {
        Some((_, saved)) => saved.request.clone(),
        None => PlanRequest {
            resume: args.resume,
            keep_going: args.keep_going,
            ..session.request(&args.targets, &args.replace, args.destroy)
        },
    };
    let file = saved.as_ref().map(|(file, _)| file.display().to_string());
    let cancel = Cancel::default();
    let show = |planned: &Planned| {
        show(session, &planned.plan, args)?;
        // Opened during the prompt: to plan again, to build, and for the catalogue.
        ops::open::ahead(3);
        Ok(())
    };
    let question = format!("Apply this to {}?", request.environment);
    let mut approver = PlanPrompt(Prompt::new(session, args.auto_approve, question, &show));
    let mut screen = RunScreen::new(session, args, cancel.clone());
    let what = Apply {
        saved: file.as_deref().zip(saved.as_ref().map(|(_, saved)| saved)),
        request,
        allow_withdraw: args.allow_withdraw,
        jobs: args.jobs(),
        policy: args.publish.into(),
        cancel,
        wait,
    };
    let applied = ops::apply(session, what, &mut approver, &mut screen);
    screen.finish()?;
    let Some(Applied { plan, result }) = applied? else {
        return Ok(Exit::Refused);
    };
    let exit = match result {
        AppliedResult::Ran(outcome) => session.ended(&outcome),
        AppliedResult::NoStep(mended) => no_step(session, &plan, mended)?,
    };
    Ok(if exit == Exit::Done && !plan.left_out.is_empty() { Exit::Failed } else { exit })
}

/// Asks about a plan, unless it has nothing that a person must approve.
struct PlanPrompt<'a>(Prompt<'a, Planned>);

impl Approver<Planned> for PlanPrompt<'_> {
    fn is_needed(&self) -> bool {
        self.0.is_needed()
    }

    fn approves(&mut self, planned: &Planned) -> Result<bool, OpError> {
        if planned.plan.asks_for_apply() { self.0.approves(planned) } else { Ok(true) }
    }
}

/// Prints a text of a run.
type Texts<'a> = Box<dyn FnMut(view::Channel, &str) + 'a>;

/// Shows a run: as JSON lines, or with bars and a summary.
struct RunScreen<'a> {
    session: &'a Session,
    args: &'a ApplyArgs,
    cancel: Cancel,
    view: Option<ApplyView<Texts<'a>>>,
    /// The first error of writing a result.
    written: Rc<RefCell<std::io::Result<()>>>,
}

impl<'a> RunScreen<'a> {
    fn new(session: &'a Session, args: &'a ApplyArgs, cancel: Cancel) -> Self {
        Self {
            session,
            args,
            cancel,
            view: None,
            written: Rc::new(RefCell::new(Ok(()))),
        }
    }

    fn view(&self, plan: &Plan) -> ApplyView<Texts<'a>> {
        let (session, ui) = (self.session, &self.session.ui);
        let command = if self.args.destroy { "destroy" } else { "apply" };
        let context = RunContext {
            unchanged: plan.summary().unchanged,
            verbose: session.global.verbose,
            left_out: plan.left_out.len(),
            next: Some(view::in_environment("dp status", &plan.environment)),
            again: Some(view::in_environment(&format!("dp {command}"), &plan.environment)),
        };
        let written = Rc::clone(&self.written);
        let sink: Texts<'a> = Box::new(move |channel, text| note(&written, ui.show(channel, text)));
        ApplyView::new(*ui.status_theme(), context, ui.bars(), sink).with_result_theme(*ui.theme())
    }

    /// Removes the bars, and returns the error if a result could not be written.
    fn finish(mut self) -> Result<(), OpError> {
        if let Some(view) = &mut self.view {
            view.clear();
        }
        self.written.replace(Ok(())).map_err(cannot_write)
    }
}

/// Keeps the first error.
fn note(written: &RefCell<std::io::Result<()>>, result: std::io::Result<()>) {
    let mut written = written.borrow_mut();
    if written.is_ok() {
        *written = result;
    }
}

impl RunSink for RunScreen<'_> {
    fn begins(&mut self, plan: &Plan) -> Result<(), OpError> {
        if !self.session.global.json {
            if self.args.auto_approve {
                show(self.session, plan, self.args)?;
            }
            self.view = Some(self.view(plan));
        }
        stop_on_signals(&self.cancel);
        Ok(())
    }

    fn event(&mut self, event: &Event) {
        match &mut self.view {
            Some(view) => view.event(event),
            None if self.session.global.json => {
                note(&self.written, self.session.ui.out(&view::json_line(&event.json())));
            }
            // Repairs of links have no view.
            None => {}
        }
    }
}

/// Returns the saved plan, if a target is a plan file.
///
/// # Errors
/// If the arguments ask for something that the file does not contain.
fn saved_plan(args: &ApplyArgs, session: &Session) -> Result<Option<(PathBuf, SavedPlan)>, OpError> {
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

fn contradicts(option: &str) -> OpError {
    RequestError::PlanArguments {
        why: format!("the file has its own {option}"),
    }
    .into()
}

fn show(session: &Session, plan: &Plan, args: &ApplyArgs) -> Result<(), OpError> {
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

/// Shows the result of an apply without steps.
fn no_step(session: &Session, plan: &Plan, mended: bool) -> Result<Exit, OpError> {
    if session.global.json {
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
