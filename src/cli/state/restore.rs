use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use miette::Diagnostic;
use serde_json::json;
use thiserror::Error;

use super::event;
use crate::base::{fs, text};
use crate::cli::error::{CliError, RequestError};
use crate::cli::exit::Exit;
use crate::cli::locking::{lock, start, waiting};
use crate::cli::session::{Session, engine_options};
use crate::engine::duckdb::DuckBuilder;
use crate::ledger::sqlite::{self, Contents, HeldLock, Present, Writer};
use crate::model::{EnvironmentName, VersionId};
use crate::project::{self, LoadOptions};
use crate::run::{self, Restored};
use crate::view::{self, Cell, Table};

/// What `dp state restore` takes.
#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// Backup [default: the newest automatic one in `.dp/backups`]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Restore even if versions that the backup lists as published are missing in the store; the next apply rebuilds them
    #[arg(long)]
    allow_missing: bool,
    /// Do not ask for approval
    #[arg(short = 'y', long)]
    auto_approve: bool,
    /// Reason, recorded in the state
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Wait until another run ends, at most for DURATION if given, such as 10m
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "forever")]
    wait: Option<String>,
}

/// Why a backup can't replace the state.
#[derive(Debug, Error, Diagnostic)]
enum RestoreError {
    #[error("`{file}` belongs to another project: this project's state and store contain none of its versions")]
    #[diagnostic(
        code(dp::state::foreign_backup),
        help("name a backup of this project; dp keeps the automatic ones in `.dp/backups`")
    )]
    Foreign { file: String },
    #[error("`{file}` lists {} as published, but the store no longer contains {}", text::named(assets, 5), if assets.len() == 1 { "this version" } else { "these versions" })]
    #[diagnostic(
        code(dp::state::gone),
        help(
            "name a later backup; or pass `--allow-missing`: the links stay, and the next `dp apply` builds the missing versions"
        )
    )]
    Gone { file: String, assets: Vec<String> },
}

impl From<RestoreError> for CliError {
    fn from(error: RestoreError) -> Self {
        Self::refused(error)
    }
}

/// The backup, and the state that it would replace.
#[derive(PartialEq)]
struct Preview {
    file: PathBuf,
    backup: Contents,
    present: Present,
}

pub(super) fn run(args: &RestoreArgs, session: &mut Session) -> Result<Exit, CliError> {
    let wait = waiting(args.wait.as_deref())?;
    let root = fs::canonicalize(&session.root()?)?;
    let folder = session.dp_folder()?;
    let mut shown = preview(args, session, &folder)?;
    fits(args, &root, &shown)?;
    show(session, &shown)?;
    loop {
        // No lock is held during the prompt.
        if !args.auto_approve && !approved(session)? {
            session.ui.status("Cancelled; nothing was changed.\n");
            return Ok(Exit::Refused);
        }
        let held = lock(session, &folder, wait)?;
        let now = preview(args, session, &folder)?;
        fits(args, &root, &now)?;
        if now != shown {
            drop(held);
            session.ui.status("The state changed since the comparison was shown. New comparison:");
            show(session, &now)?;
            shown = now;
            continue;
        }
        let begun = start(session, "state restore", &session.environment()?, "");
        let log = |restored: &Restored| {
            let data = json!({
                "from": super::shown(session, &shown.file),
                "previous": readable(&shown.present),
                "taken_up": restored.taken_up,
                "left": restored.left,
                "gone": restored.gone,
            });
            event(session, "state_restored", None, args.reason.as_deref(), data)
        };
        let restored = run::restore(&root, &held, &shown.file, &begun, log, session.now())?;
        mend_links(session, &root, &held)?;
        tell(session, &shown, &restored)?;
        return Ok(Exit::Done);
    }
}

fn preview(args: &RestoreArgs, session: &Session, folder: &Path) -> Result<Preview, CliError> {
    let file = match &args.file {
        Some(file) => session.absolute(file),
        None => sqlite::backups(folder)?.into_iter().next().ok_or(RequestError::NoBackup)?,
    };
    if !fs::exists(&file) {
        return Err(RequestError::NotFound {
            name: file.display().to_string(),
            help: "correct the path; dp keeps automatic backups in `.dp/backups`, and `dp state restore` without a file uses the newest".to_owned(),
        }
        .into());
    }
    Ok(Preview {
        backup: sqlite::contents(&file)?,
        present: sqlite::present(folder),
        file,
    })
}

/// Returns an error for a backup of another project, and for one that would publish versions which the store no longer
/// has.
fn fits(args: &RestoreArgs, root: &Path, preview: &Preview) -> Result<(), CliError> {
    let Preview { file, backup, present } = preview;
    let stored = run::stored(root)?;
    let on_record = readable(present).into_iter().flat_map(|now| &now.versions);
    let known: BTreeSet<&VersionId> = on_record.chain(&stored).collect();
    let file = file.display().to_string();
    let shares_none = !backup.versions.iter().any(|version| known.contains(version));
    if shares_none && !backup.versions.is_empty() && !known.is_empty() {
        return Err(RestoreError::Foreign { file }.into());
    }
    let gone = |version: &&VersionId| backup.stored.contains(*version) && !stored.contains(*version);
    let missing: BTreeSet<String> =
        backup.published.iter().filter(|(_, version)| gone(version)).map(|((_, asset), _)| asset.to_string()).collect();
    if missing.is_empty() || args.allow_missing {
        return Ok(());
    }
    Err(RestoreError::Gone {
        file,
        assets: missing.into_iter().collect(),
    }
    .into())
}

fn approved(session: &Session) -> Result<bool, CliError> {
    if session.global.json || !session.ui.can_ask() {
        return Err(RequestError::NoPrompt.into());
    }
    Ok(session.ui.confirm("Replace the state with this backup?").unwrap_or(false))
}

fn readable(present: &Present) -> Option<&Contents> {
    match present {
        Present::Readable(contents) => Some(contents),
        Present::Missing | Present::Unusable(_) => None,
    }
}

/// Shows what would be lost.
fn show(session: &Session, preview: &Preview) -> Result<(), CliError> {
    if session.global.json {
        return Ok(());
    }
    let Preview { file, backup, present } = preview;
    let runs = backup.last_run.map_or_else(|| "before the first run".to_owned(), |run| format!("up to run {run}"));
    let mut text = format!(
        "{}: the state {runs}, with {} published.\n",
        super::shown(session, file),
        text::count(backup.published.len(), "asset")
    );
    match present {
        Present::Missing => text.push_str("There is no state now.\n"),
        Present::Unusable(why) => text.push_str(&format!(
            "dp can't read the current state, so it can't list what the backup lacks:\n  {}\n",
            view::one_line(why)
        )),
        Present::Readable(now) => text.push_str(&lost(session, backup, now)),
    }
    if !backup.has_log {
        text.push_str(
            "An automatic backup contains no steps, effects and events; they stay in the replaced file, which dp keeps.\n",
        );
    }
    text.push_str("dp adds intact versions from the store that the backup does not contain.\n");
    session.say(&text)
}

/// The maximum number of pointers that are listed.
const LISTED: usize = 20;

fn lost(session: &Session, backup: &Contents, now: &Contents) -> String {
    let mut text = String::new();
    if let Some(last) = now.last_run.filter(|last| Some(*last) > backup.last_run) {
        text.push_str(&format!("The backup does not contain the later runs, up to run {last}.\n"));
    }
    let mut places: Vec<_> = backup.published.keys().chain(now.published.keys()).collect();
    places.sort();
    places.dedup();
    places.retain(|place| backup.published.get(*place) != now.published.get(*place));
    if places.is_empty() {
        text.push_str("The published versions stay the same.\n");
        return text;
    }
    text.push_str("The published versions would change:\n");
    let mut table = Table::new(["environment", "asset", "now", "then"]);
    for place in places.iter().take(LISTED) {
        let shown = |contents: &Contents| {
            contents.published.get(*place).map_or_else(|| "nothing".to_owned(), ToString::to_string)
        };
        table.push([
            Cell::text(place.0.to_string()),
            Cell::text(place.1.to_string()),
            Cell::text(shown(now)),
            Cell::text(shown(backup)),
        ]);
    }
    text.push_str(&table.render(&session.theme()));
    if places.len() > LISTED {
        text.push_str(&format!("and {} more\n", places.len() - LISTED));
    }
    text
}

/// Makes the published links match the state. If that fails now, an apply repairs them.
fn mend_links(session: &Session, root: &Path, held: &HeldLock) -> Result<(), CliError> {
    let mut writer = Writer::open(held, held.folder())?;
    for row in writer.environments()? {
        if let Err(why) = mend(session, root, &row.environment, &mut writer) {
            session.ui.warning(&format!(
                "the links of `{}` still lead to the versions from before the restore, until the next apply there: {why}",
                row.environment
            ));
        }
    }
    Ok(())
}

fn mend(session: &Session, root: &Path, environment: &EnvironmentName, writer: &mut Writer) -> Result<(), String> {
    let options = LoadOptions {
        environment: environment.to_string(),
        variables: session.global.variables.clone(),
    };
    let broken = "the project's files have mistakes (`dp validate`)";
    let loaded = project::load(root, &options).map_err(|_| broken.to_owned())?;
    let project = loaded.project.ok_or_else(|| broken.to_owned())?;
    let snapshot = writer.snapshot(environment).map_err(|error| error.to_string())?;
    if snapshot.published.values().any(|published| published.damaged.is_some()) {
        return Err("the store does not contain all published versions".to_owned());
    }
    fs::create_folder(&project.dp_folder().join("tmp"), true).map_err(|error| error.to_string())?;
    let mut builder =
        DuckBuilder::open(&engine_options(&project, Vec::new())).map_err(|error| error.message.clone())?;
    let begun = start(session, "state restore", environment, "");
    run::mend(&project, &snapshot, &begun, writer, &mut builder, session.clock, &mut |_| {})
        .map_err(|error| error.to_string())?;
    Ok(())
}

fn tell(session: &Session, preview: &Preview, restored: &Restored) -> Result<(), CliError> {
    let file = super::shown(session, &preview.file);
    let replaced = restored.replaced.as_ref().map(|path| super::shown(session, path));
    if session.global.json {
        return session.json(&json!({
            "format_version": view::FORMAT_VERSION,
            "from": file,
            "run": restored.run,
            "state_id": restored.state_id,
            "previous": readable(&preview.present),
            "replaced": replaced,
            "taken_up": restored.taken_up,
            "left": restored.left,
            "gone": restored.gone,
        }));
    }
    let mut text = format!(
        "Restored {file} as run {}; added {} from the store.\n",
        restored.run,
        text::count(restored.taken_up, "version")
    );
    if restored.left > 0 {
        text.push_str(&format!("{} in the store but not intact; dp left them unchanged.\n", are(restored.left)));
    }
    if restored.gone > 0 {
        text.push_str(&format!("{} recorded, but no longer in the store.\n", are(restored.gone)));
    }
    if let Some(replaced) = replaced {
        text.push_str(&format!("The replaced file is kept: {replaced}\n"));
    }
    text.push_str("Next: dp plan\n");
    session.say(&text)
}

fn are(number: usize) -> String {
    format!("{} {}", text::count(number, "version"), if number == 1 { "is" } else { "are" })
}
