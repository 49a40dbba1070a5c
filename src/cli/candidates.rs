//! The completions for arguments: assets, environments and runs of the project.
//!
//! They come from the project's files and its state; no engine is opened. Anything that can't be read gives no
//! completions, because a shell has no place for an error.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _};

use crate::ledger::sqlite::Reader;
use crate::model::RunId;
use crate::project::{self, LoadOptions};
use crate::view::counts;

/// The number of latest runs that are offered.
const MOST_RUNS: usize = 50;

/// Adds completions for arguments to the command line, for the project at `root` and an environment.
pub(super) fn with_candidates(command: Command, root: Option<&Path>, environment: &str) -> Command {
    let Some(root) = root else {
        return command;
    };
    let add = |arg: Arg| with_values(arg, root, environment);
    command.mut_args(add).mut_subcommands(|verb| with_candidates(verb, Some(root), environment))
}

fn with_values(arg: Arg, root: &Path, environment: &str) -> Arg {
    let names: Vec<String> = arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    let [name] = names.as_slice() else {
        return arg;
    };
    // `dp env diff A B`
    let of_environment = arg.get_id() == "env" || ["ENVIRONMENT", "A", "B"].contains(&name.as_str());
    let kinds: BTreeSet<&str> = name.split(['|', '[']).collect();
    let has = |kind: &str| kinds.contains(kind);
    let of_asset = has("ASSET") || has("OLD") || has("NEW");
    let (of_run, of_file) = (has("RUN"), has("PLANFILE"));
    if !(of_environment || of_asset || of_run) {
        return arg;
    }
    let (root, environment) = (root.to_owned(), environment.to_owned());
    let found = move |written: &OsStr| {
        let mut found = if of_file { PathCompleter::file().complete(written) } else { Vec::new() };
        let Some(written) = written.to_str() else {
            return found;
        };
        if of_asset {
            // `+name` also selects the upstream assets.
            let (sign, written) = written.strip_prefix('+').map_or(("", written), |rest| ("+", rest));
            let names = assets(&root, &environment).into_iter().filter(|name| name.starts_with(written));
            found.extend(names.map(|name| CompletionCandidate::new(format!("{sign}{name}"))));
        }
        if of_environment {
            let names = environments(&root).into_iter().filter(|name| name.starts_with(written));
            found.extend(names.map(CompletionCandidate::new));
        }
        if of_run {
            let runs = runs(&root).into_iter().filter(|(run, _)| run.to_string().starts_with(written));
            found.extend(runs.map(|(run, what)| CompletionCandidate::new(run.to_string()).help(Some(what.into()))));
        }
        found
    };
    arg.add(ArgValueCompleter::new(found))
}

fn reader(root: &Path) -> Option<Reader> {
    Reader::open(&root.join(".dp")).ok().flatten()
}

/// Returns the declared and the published assets.
fn assets(root: &Path, environment: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Ok(loaded) = project::load(root, &LoadOptions::default()) {
        let declared = loaded.project.iter().flat_map(|project| project.assets.keys()).chain(&loaded.broken);
        names.extend(declared.map(ToString::to_string));
    }
    if let Some(snapshot) = reader(root).and_then(|reader| reader.snapshot(environment).ok()) {
        names.extend(snapshot.published.keys().map(ToString::to_string));
    }
    names
}

fn environments(root: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Ok(loaded) = project::load(root, &LoadOptions::default()) {
        names.extend(loaded.project.into_iter().flat_map(|project| project.settings.environments));
    }
    if let Some(rows) = reader(root).and_then(|reader| reader.environments().ok()) {
        names.extend(rows.into_iter().map(|row| row.environment.to_string()));
    }
    names
}

/// Returns the latest runs, each with a description.
fn runs(root: &Path) -> Vec<(RunId, String)> {
    let runs = reader(root).and_then(|reader| reader.runs(MOST_RUNS).ok()).unwrap_or_default();
    let what = |counted: String| if counted.is_empty() { counted } else { format!(": {counted}") };
    runs.into_iter().map(|run| (run.run, format!("{}{}", run.command, what(counts(run.counts.as_ref()))))).collect()
}

/// Returns the folder with the nearest `dp.toml`, from `folder` up.
pub(super) fn nearest_root(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|folder| crate::base::fs::exists(&folder.join("dp.toml"))).map(Path::to_owned)
}
