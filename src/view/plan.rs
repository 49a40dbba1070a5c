use std::fmt::Write as _;

use jiff::Timestamp;

use super::diff::sql_change;
use super::style::{Role, Theme};
use super::text::{one_line, push_indented, width, wrap};
use crate::base::text;
use crate::model::AssetName;
use crate::plan::{Action, Drift, Estimate, Forecast, Plan, Reason, Stage, Step, Warning};

/// The maximum number of lines of an edit, unless all are requested.
const DIFF_LINES: usize = 40;
/// The longest name that is shown beside its reason; longer names are shown above it.
const NAME_COLUMN: usize = 32;
/// Shorter estimates, in milliseconds, are shown only on request.
pub(super) const WORTH_SAYING: u64 = 2_000;
/// The indentation of an asset's lines that are not beside its name.
const INDENT: usize = 6;

/// Which parts of a plan are shown.
#[derive(Clone, Copy, Debug)]
pub struct PlanView<'a> {
    /// Whether to show unchanged assets, and edits of any length.
    pub all: bool,
    /// The time from which ages are computed.
    pub now: Timestamp,
    /// The next command, if there is one.
    pub next: Option<&'a str>,
    /// The estimate for the plan, if it is known.
    pub forecast: Option<&'a Forecast>,
    /// The ordered actions of an apply, if they were requested.
    pub explained: Option<&'a [Stage]>,
    /// Whether to show estimates of any size.
    pub verbose: bool,
    /// The number of parallel jobs, if the user set it.
    pub jobs: Option<usize>,
}

/// Returns the plan as text: drift, the steps by action, warnings, and the summary.
pub fn plan(plan: &Plan, view: &PlanView<'_>, theme: &Theme) -> String {
    let mut out = String::new();
    if !plan.drift.is_empty() {
        heading(&mut out, "Changed outside dp", "", Role::Warning, theme);
        for drift in &plan.drift {
            drift_lines(&mut out, drift, view, theme);
        }
        out.push('\n');
    }
    for action in Action::ALL {
        let steps: Vec<&Step> = plan.steps.iter().filter(|step| step.action == action && step.held.is_none()).collect();
        if steps.is_empty() || (action == Action::Unchanged && !view.all) {
            continue;
        }
        let (title, note) = title(action);
        heading(&mut out, title, note, Theme::role(action), theme);
        let column = steps.iter().map(|step| width(step.asset.as_str())).filter(|name| *name <= NAME_COLUMN).max();
        for step in steps {
            step_lines(&mut out, step, plan.estimates.get(&step.asset), column.unwrap_or_default(), view, theme);
        }
        out.push('\n');
    }
    let held: Vec<Step> = plan.held_back().map(Step::without_hold).collect();
    if !held.is_empty() {
        let note = "unchanged until you edit them or run `dp apply --resume`";
        heading(&mut out, "Held back", note, Role::Warning, theme);
        let column = held.iter().map(|step| width(step.asset.as_str())).filter(|name| *name <= NAME_COLUMN).max();
        for step in &held {
            step_lines(&mut out, step, plan.estimates.get(&step.asset), column.unwrap_or_default(), view, theme);
        }
        out.push('\n');
    }
    if !plan.left_out.is_empty() {
        heading(&mut out, "Left out", "unchanged until you correct the mistakes", Role::Warning, theme);
        for left_out in &plan.left_out {
            let text = format!("{}  {}", left_out.asset, left_out.why());
            entry(&mut out, &theme.paint(Role::Warning, "!"), &one_line(&text), theme);
        }
        out.push('\n');
    }
    if !plan.warnings.is_empty() {
        out.push_str(&warnings(&plan.warnings, theme));
        out.push('\n');
    }
    if let Some(explained) = view.explained.filter(|explained| !explained.is_empty()) {
        heading(&mut out, "Steps", "in the order of the apply", Role::Heading, theme);
        stage_lines(&mut out, explained, theme);
        out.push('\n');
    }
    closing_lines(&mut out, &closing(plan), theme);
    if let Some(forecast) = view.forecast
        && (view.verbose || view.all || forecast.work_ms >= WORTH_SAYING)
    {
        for line in forecast_lines(forecast, plan, view, theme) {
            push_indented(&mut out, 0, &theme.paint(Role::Muted, line));
        }
    }
    if let Some(next) = view.next {
        push_indented(&mut out, 0, &format!("Next: {}", one_line(next)));
    }
    out
}

/// Returns warnings as text, each with its place.
pub fn warnings(warnings: &[Warning], theme: &Theme) -> String {
    let mut out = String::new();
    heading(&mut out, "Warnings", "", Role::Warning, theme);
    for warning in warnings {
        warning_lines(&mut out, warning, theme);
    }
    out
}

/// Adds numbered lines with word, asset and details; conditions follow below.
fn stage_lines(out: &mut String, steps: &[Stage], theme: &Theme) {
    let number = steps.len().to_string().len();
    let word = steps.iter().map(|step| step.does.len()).max().unwrap_or_default();
    let indent = 2 + number + 2 + word + 2;
    for step in steps {
        let asset = step.asset.as_ref().map(|asset| format!("{asset}: ")).unwrap_or_default();
        let text = format!("{asset}{}", one_line(&step.what));
        for (index, line) in wrap(&text, theme.width.saturating_sub(indent)).iter().enumerate() {
            if index == 0 {
                push_indented(out, 2, &format!("{:>number$}  {:word$}  {line}", step.step, step.does));
            } else {
                push_indented(out, indent, line);
            }
        }
        let condition = step.condition.iter().map(|condition| format!("if {condition}"));
        for line in condition.flat_map(|text| wrap(&text, theme.width.saturating_sub(indent))) {
            push_indented(out, indent, &theme.paint(Role::Muted, line));
        }
    }
}

fn title(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::Create => ("Create", ""),
        Action::Rebuild => ("Rebuild", ""),
        Action::Maybe => ("Maybe", "decided after the inputs are built"),
        Action::Reuse => ("Reuse", "built before; only published"),
        Action::Check => ("Check", "the data stays the same"),
        Action::Settings => ("Settings", "recorded; nothing is built"),
        Action::Destroy => ("Destroy", "no longer published"),
        Action::Unchanged => ("Unchanged", ""),
    }
}

fn heading(out: &mut String, title: &str, note: &str, role: Role, theme: &Theme) {
    let title = if theme.color { theme.paint(role, theme.paint(Role::Heading, title)) } else { title.to_owned() };
    out.push_str(&title);
    if !note.is_empty() {
        out.push_str(&theme.paint(Role::Muted, format!(" ({note})")));
    }
    out.push('\n');
}

/// Adds a sign and a wrapped text.
fn entry(out: &mut String, sign: &str, text: &str, theme: &Theme) {
    for (index, line) in wrap(text, theme.width.saturating_sub(4)).iter().enumerate() {
        if index == 0 {
            push_indented(out, 2, &format!("{sign} {line}"));
        } else {
            push_indented(out, 4, line);
        }
    }
}

fn step_lines(
    out: &mut String,
    step: &Step,
    estimate: Option<&Estimate>,
    column: usize,
    view: &PlanView<'_>,
    theme: &Theme,
) {
    let name = step.asset.as_str();
    let head = format!("{} {name}", theme.sign(step.action));
    let beside = 4 + column + 2;
    // Beside the name if the name is short and there is room for text, otherwise below it.
    let is_beside = width(name) <= column && theme.width >= beside + 30;
    let indent = if is_beside { beside } else { INDENT };
    let reasons = step.reasons.iter().flat_map(|reason| reason_lines(reason, step.action, indent, theme));
    let is_worth_it = |estimate: &&Estimate| view.verbose || view.all || estimate.ms >= WORTH_SAYING;
    let usual = estimate.filter(is_worth_it).map(|estimate| (indent, theme.paint(Role::Muted, usually(estimate))));
    let mut lines = reasons.chain(usual).peekable();
    match lines.next_if(|_| is_beside) {
        Some((_, first)) => {
            let gap = column - width(name) + 2;
            push_indented(out, 2, &format!("{head}{:gap$}{first}", ""));
        }
        None => push_indented(out, 2, &head),
    }
    for (indent, line) in lines {
        push_indented(out, indent, &line);
    }
    let muted = |text: &str| theme.paint(Role::Muted, text);
    for cut_off in &step.cut_off {
        for line in wrap(&one_line(&cut_off.detail()), theme.width.saturating_sub(INDENT)) {
            push_indented(out, INDENT, &muted(&line));
        }
    }
    for column in &step.columns {
        let role = match column {
            column if column.ends_with(" added") => Role::Added,
            column if column.ends_with(" removed") => Role::Removed,
            _ => Role::Changed,
        };
        for line in wrap(&one_line(column), theme.width.saturating_sub(INDENT)) {
            push_indented(out, INDENT, &theme.paint(role, line));
        }
    }
    if let Some(version) = step.reuse.as_ref().filter(|_| step.action == Action::Reuse) {
        push_indented(out, INDENT, &muted(&format!("version {}", one_line(version.as_str()))));
    }
    if let Some(change) = &step.change {
        let most = if view.all { usize::MAX } else { DIFF_LINES };
        for line in sql_change(change, INDENT, most, theme) {
            out.push_str(&line);
            out.push('\n');
        }
    }
}

/// Formats "usually 1.2 s, 1,000 rows, 52.0 kB".
fn usually(estimate: &Estimate) -> String {
    let rows = estimate.rows.map(rows);
    let parts = [Some(text::duration_ms(estimate.ms)), rows, estimate.bytes.map(text::bytes)];
    format!("usually {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// Formats "1 row", "1,000 rows".
pub(super) fn rows(rows: u64) -> String {
    format!("{} row{}", text::grouped(rows), if rows == 1 { "" } else { "s" })
}

/// Returns the estimate for the plan, and its basis.
fn forecast_lines(forecast: &Forecast, plan: &Plan, view: &PlanView<'_>, theme: &Theme) -> Vec<String> {
    let most = if plan.summary().maybe > 0 { "at most " } else { "" };
    let jobs = view.jobs.map(|jobs| format!(" with -j {jobs}")).unwrap_or_default();
    let mut text = format!("Estimate: {most}{}{jobs}, {}.", text::duration_ms(forecast.ms), rows(forecast.rows));
    if forecast.unknown > 0 {
        text.push_str(&format!(" {} without a history.", text::count(forecast.unknown, "build")));
    }
    let mut lines = wrap(&text, theme.width);
    if forecast.chain.len() > 1 {
        let text = format!("Longest chain: {}: {}", text::duration_ms(forecast.chain_ms), chain(forecast, theme));
        lines.extend(wrap(&text, theme.width));
    }
    lines
}

/// Returns the first and the last asset of a chain.
fn chain(forecast: &Forecast, theme: &Theme) -> String {
    let arrow = if theme.unicode { " → " } else { " > " };
    let names: Vec<&str> = forecast.chain.iter().map(AssetName::as_str).collect();
    match names.as_slice() {
        [first, second, .., last] if names.len() > 5 => {
            format!("{first}{arrow}{second}{arrow}{} ({} more){arrow}{last}", theme.ellipsis(), names.len() - 3)
        }
        names => names.join(arrow),
    }
}

/// Returns the text of a reason, followed by the place of the edit; each line with its indentation.
fn reason_lines(reason: &Reason, action: Action, indent: usize, theme: &Theme) -> Vec<(usize, String)> {
    let room = theme.width.saturating_sub(indent);
    let detail = match reason {
        // Beside a certain reason it does not decide anything.
        Reason::InputMayChange { input } if action != Action::Maybe => format!("{input} may change too"),
        _ => reason.detail(),
    };
    let mut lines: Vec<_> = wrap(&one_line(&detail), room).into_iter().map(|line| (indent, line)).collect();
    if let Some((file, line)) = reason.place() {
        let place = format!("{}:{line}", one_line(file));
        let painted = theme.paint(Role::Path, &place);
        match lines.last_mut() {
            Some((_, last)) if width(last) + 2 + width(&place) <= room => *last = format!("{last}  {painted}"),
            _ => lines.push((place_indent(&place, indent, theme), painted)),
        }
    }
    lines
}

/// Returns the deepest indentation at which a place fits on its line: a broken place can't be clicked or copied.
fn place_indent(place: &str, most: usize, theme: &Theme) -> usize {
    let fits = |indent: &usize| indent + width(place) <= theme.width;
    [most, INDENT, 4].into_iter().find(fits).unwrap_or(2)
}

fn drift_lines(out: &mut String, drift: &Drift, view: &PlanView<'_>, theme: &Theme) {
    let path = one_line(&drift.path);
    let what = match drift.what.as_str() {
        "missing" => "is missing".to_owned(),
        "replaced" => format!("was replaced{}", age(drift.mtime, view.now)),
        "changed" => format!("was changed{}", age(drift.mtime, view.now)),
        "moved" => "was created at the project's previous path".to_owned(),
        "left" => "is in the previous folder for links".to_owned(),
        "added" => format!("was added{}", age(drift.mtime, view.now)),
        other => format!("is {}", one_line(other)),
    };
    let then = match (drift.action.as_str(), drift.what.as_str()) {
        (_, "added") => "dp leaves it here, and does not move it",
        ("none" | "unchanged", _) => "dp does not change it, because it is not part of this plan",
        ("rebuild" | "create", _) => "dp rebuilds it",
        ("reuse", _) => "dp restores the recorded version",
        ("destroy", _) => "dp withdraws it",
        ("maybe", _) => "dp may rebuild it",
        ("blocked", _) => "move it away: dp needs the path for a link, and deletes no foreign file",
        ("mend", "left") => "dp removes it",
        ("mend", _) if drift.asset.is_some() => "dp restores the link",
        ("mend", _) => "dp recreates it",
        _ => "dp checks it again",
    };
    let sentence = format!("{path} {what}; {then}");
    match &drift.asset {
        Some(asset) => {
            push_indented(out, 2, &format!("{} {asset}", theme.paint(Role::Warning, "!")));
            for line in wrap(&sentence, theme.width.saturating_sub(INDENT)) {
                push_indented(out, INDENT, &line);
            }
        }
        None => entry(out, &theme.paint(Role::Warning, "!"), &sentence, theme),
    }
}

/// Formats " 2 h 5 min ago"; empty if the time is unknown. A future time is shown as such.
fn age(mtime: Option<i64>, now: Timestamp) -> String {
    let Some(mtime) = mtime else {
        return String::new();
    };
    match u64::try_from(now.as_second().saturating_sub(mtime)) {
        Ok(seconds) => format!(" {} ago", text::duration_ms(seconds.saturating_mul(1000))),
        Err(_) => Timestamp::from_second(mtime)
            .map_or_else(|_| String::new(), |time| format!(" at {time}, which is in the future")),
    }
}

fn warning_lines(out: &mut String, warning: &Warning, theme: &Theme) {
    entry(out, &theme.paint(Role::Warning, "!"), &one_line(&warning.message), theme);
    let mut place = warning.file.as_deref().map(|file| one_line(file).into_owned()).unwrap_or_default();
    for number in [warning.line, warning.column].into_iter().flatten() {
        let _ = write!(place, ":{number}");
    }
    let code = one_line(&warning.code);
    let painted = theme.paint(Role::Muted, &code);
    if place.is_empty() {
        push_indented(out, 4, &painted);
    } else if 4 + width(&place) + 2 + width(&code) <= theme.width {
        push_indented(out, 4, &format!("{}  {painted}", theme.paint(Role::Path, place)));
    } else {
        push_indented(out, place_indent(&place, 4, theme), &theme.paint(Role::Path, place));
        push_indented(out, 4, &painted);
    }
}

/// Returns the text for a plan with nothing to do and nothing to report, as [`plan`] returns it, for `unchanged`
/// assets.
pub fn nothing_to_do(environment: &str, unchanged: usize, theme: &Theme) -> String {
    let mut out = String::new();
    closing_lines(&mut out, &nothing(environment, unchanged), theme);
    out
}

fn closing_lines(out: &mut String, closing: &str, theme: &Theme) {
    for line in wrap(closing, theme.width) {
        push_indented(out, 0, &theme.paint(Role::Heading, line));
    }
}

fn nothing(environment: &str, unchanged: usize) -> String {
    let environment = one_line(environment);
    let place = if environment == "prod" { String::new() } else { format!(" in {environment}") };
    match unchanged {
        0 => format!("Nothing to do{place}: there are no assets."),
        1 => format!("Nothing to do{place}: 1 asset is up to date."),
        many => format!("Nothing to do{place}: {} are up to date.", text::count(many, "asset")),
    }
}

fn closing(plan: &Plan) -> String {
    let summary = plan.summary();
    if plan.is_empty() && plan.left_out.is_empty() {
        return nothing(&plan.environment, summary.unchanged);
    }
    let environment = one_line(&plan.environment);
    let place = if environment == "prod" { String::new() } else { format!(" for {environment}") };
    let mut parts = summary_parts(plan);
    if plan.repair_links {
        parts.insert(parts.len() - usize::from(summary.unchanged > 0), "links to repair".to_owned());
    }
    if parts.is_empty() {
        parts.push("nothing to build".to_owned());
    }
    format!("Plan{place}: {}.", parts.join(", "))
}

pub(super) fn summary_parts(plan: &Plan) -> Vec<String> {
    let summary = plan.summary();
    let parts = Action::ALL.into_iter().filter(|action| summary.of(*action) > 0).map(|action| {
        let count = text::grouped(summary.of(action) as u64);
        match action {
            Action::Settings => format!("{count} with other settings"),
            Action::Maybe | Action::Unchanged => format!("{count} {}", action.word()),
            _ => format!("{count} to {}", action.word()),
        }
    });
    let held = (summary.held_back > 0).then(|| format!("{} held back", text::grouped(summary.held_back as u64)));
    let left_out = plan.left_out.len() as u64;
    let left_out = (left_out > 0).then(|| format!("{} left out", text::grouped(left_out)));
    parts.chain(held).chain(left_out).collect()
}

#[cfg(test)]
#[path = "plan_tests.rs"]
pub(super) mod tests;
