use std::path::{Path, PathBuf};

use clap::Args;

use super::apply::default_jobs;
use super::exit::Exit;
use super::session::Session;
use crate::base::{fs, trace};
use crate::engine::duckdb::open_ahead;
use crate::ops::{OpError, PlanCache, RequestError};
use crate::plan::{PlanRequest, SavedPlan};
pub(super) use crate::view::in_environment;
use crate::view::{self, PlanView};

/// What `dp plan` takes.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// Plan only these assets: `name`, `schema.*`, `tag:x`, `+name` (and its upstream), `name+` (and its downstream)
    #[arg(value_name = "ASSET")]
    selectors: Vec<String>,
    /// Save the plan to FILE, for `dp apply FILE`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// List unchanged assets too
    #[arg(long)]
    all: bool,
    /// Build this asset even if nothing changed; can be repeated
    #[arg(long, value_name = "ASSET")]
    replace: Vec<String>,
    /// Withdraw all selected assets
    #[arg(long)]
    destroy: bool,
    /// Publish assets again that a rollback holds back
    #[arg(long)]
    resume: bool,
    /// Leave out assets with mistakes and their downstream assets, and exit with 3, instead of refusing the project
    #[arg(long, conflicts_with = "destroy")]
    keep_going: bool,
    /// Print the plan as Markdown, for a comment on a pull request
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// List each step of the apply in order: builds, checks, publishing, and files written and removed
    #[arg(long, conflicts_with = "markdown")]
    explain: bool,
    /// Exit with 2 if there is something to do
    #[arg(long)]
    detailed_exitcode: bool,
}

pub(super) fn run(args: &PlanArgs, session: &mut Session) -> Result<Exit, OpError> {
    if let Some(file) = &args.out {
        may_be_written(&session.absolute(file), file)?;
    }
    let request = PlanRequest {
        resume: args.resume,
        keep_going: args.keep_going,
        ..session.request(&args.selectors, &args.replace, args.destroy)
    };
    let is_plain = args.out.is_none() && !args.all && !args.markdown && !args.explain && !session.global.verbose;
    let mut unmoved = if is_plain { PlanCache::of(session, &request)? } else { None };
    if let Some(answer) = unmoved.as_ref().and_then(PlanCache::answer) {
        if session.global.json {
            session.json(&answer.json)?;
        } else {
            session.out(&view::nothing_to_do(&request.environment, answer.unchanged, &session.theme()))?;
        }
        return Ok(Exit::Done);
    }
    if let Some(unmoved) = &mut unmoved {
        unmoved.watch(session);
        // Something changed, so the engine will be needed.
        open_ahead(1);
    }
    let (mut known, mut reader, mut recorded) = session.known_and_recorded(&request)?;
    let plan = session.plan_unlocked(&mut known, &mut reader, &mut recorded, &request)?;
    let snapshot = recorded.snapshot;
    let (empty, is_part) = (plan.is_empty(), !plan.left_out.is_empty());
    let mut next = next_step(&args.selectors, args, &session.global.env);
    if let Some(file) = &args.out {
        let saved = SavedPlan::new(request, plan.clone());
        fs::write_private(&session.absolute(file), saved.to_text().as_bytes())?;
        next = format!("dp apply {}", file.display());
    }
    let _phase = trace::phase("show");
    let forecast = plan.forecast(default_jobs());
    if let Some(unmoved) = unmoved.filter(|_| empty) {
        unmoved.keep(&known, &snapshot, &plan, view::plan_json(&plan, false, forecast.as_ref(), None));
    }
    let explained = args.explain.then(|| plan.stages(&known.project, &known.analysis, &snapshot));
    if session.global.json {
        session.json(&view::plan_json(&plan, args.all, forecast.as_ref(), explained.as_deref()))?;
    } else if args.markdown {
        let consequences = plan.consequences(&known.analysis);
        session.out(&view::plan_markdown(&plan, &consequences, forecast.as_ref(), &next))?;
    } else {
        let view = PlanView {
            all: args.all,
            now: session.now(),
            // An apply leaves what is held back as it is.
            next: plan.asks_for_apply().then_some(next.as_str()),
            forecast: forecast.as_ref(),
            explained: explained.as_deref(),
            verbose: session.global.verbose,
            jobs: None,
        };
        let text = view::plan(&plan, &view, &session.theme());
        session.out(&text)?;
    }
    // The process ends now; dropping these values takes a tenth of the run time.
    std::mem::forget((known, snapshot, plan));
    Ok(match (is_part, args.detailed_exitcode && !empty) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Changes,
        (false, false) => Exit::Done,
    })
}

/// Returns an error if the path holds anything but an older plan.
fn may_be_written(path: &Path, written: &Path) -> Result<(), OpError> {
    if !fs::exists(path) || fs::is_file(path) && fs::read_to_string(path).is_ok_and(|text| SavedPlan::is_one(&text)) {
        return Ok(());
    }
    Err(RequestError::NoOlderPlan {
        file: written.display().to_string(),
    }
    .into())
}

/// Returns the command that applies the plan.
fn next_step(selectors: &[String], args: &PlanArgs, environment: &str) -> String {
    let mut words = vec!["dp apply".to_owned()];
    words.extend(selectors.iter().cloned());
    words.extend(args.replace.iter().map(|asset| format!("--replace {asset}")));
    if args.destroy {
        words.push("--destroy".to_owned());
    }
    if args.resume {
        words.push("--resume".to_owned());
    }
    if args.keep_going {
        words.push("--keep-going".to_owned());
    }
    in_environment(&words.join(" "), environment)
}
