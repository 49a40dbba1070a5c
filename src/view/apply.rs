use std::fmt::Write as _;

use indicatif::ProgressDrawTarget;

use super::bars::Bars;
use super::check::failed_check;
use super::plan::{WORTH_SAYING, rows};
use super::style::{Role, Theme};
use super::text::{one_line, plain, push_indented, width, wrap};
use crate::base::text;
use crate::model::{AssetName, CheckOutcome, RunId};
use crate::plan::Saved;
use crate::run::{Counts, Event, EventKind, INTERRUPTED};

/// The output stream of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Standard error; omitted if the user wants quiet.
    Progress,
    /// Standard error, always.
    Failure,
    /// Standard output.
    Result,
}

/// The input of a run's summary in addition to its events.
#[derive(Clone, Debug, Default)]
pub struct RunContext {
    /// The number of assets with nothing to do.
    pub unchanged: usize,
    /// Whether to compare with the estimate even for a short run.
    pub verbose: bool,
    /// The next step after a success.
    pub next: Option<String>,
    /// The number of assets that are left out because of mistakes in the project.
    pub left_out: usize,
    /// The command that continues after a failure.
    pub again: Option<String>,
}

/// Shows a run while it runs: bars on a terminal, a line per asset, and a summary at the end.
///
/// It prints nothing itself; `sink` gets the texts while no bar is on the screen. The events must come from one
/// thread, in order.
pub struct ApplyView<S> {
    theme: Theme,
    result_theme: Theme,
    context: RunContext,
    bars: Bars,
    sink: S,
}

impl<S: FnMut(Channel, &str)> ApplyView<S> {
    /// `theme` is the theme of standard error; `target` is hidden if there is no terminal or the user wants quiet.
    pub fn new(theme: Theme, context: RunContext, target: ProgressDrawTarget, sink: S) -> Self {
        Self {
            theme,
            result_theme: theme,
            context,
            bars: Bars::new(target, theme),
            sink,
        }
    }

    /// Sets the theme of standard output.
    #[must_use]
    pub fn with_result_theme(mut self, theme: Theme) -> Self {
        self.result_theme = theme;
        self
    }

    /// Shows one event. Texts for the sink end in a line break.
    pub fn event(&mut self, event: &Event) {
        match &event.kind {
            EventKind::RunStarted { steps, .. } => self.bars.start(*steps),
            EventKind::StepStarted { asset, work } => self.bars.begin(asset, work),
            EventKind::StepFinished { asset, .. } => self.bars.end(asset),
            EventKind::RunFinished { .. } => self.bars.finish(),
            EventKind::CheckFinished { .. }
            | EventKind::LeftOut { .. }
            | EventKind::Noticed { .. }
            | EventKind::VersionDamaged { .. }
            | EventKind::VersionRestored { .. }
            | EventKind::Accepted { .. }
            | EventKind::Moved { .. }
            | EventKind::Forgotten { .. }
            | EventKind::Mended { .. }
            | EventKind::Published { .. } => {}
        }
        let channel = channel(event);
        let theme = if channel == Channel::Result { &self.result_theme } else { &self.theme };
        if let Some(mut text) = line_in(event, &self.context, theme) {
            text.push('\n');
            let sink = &mut self.sink;
            self.bars.without(|| sink(channel, &text));
        }
    }

    /// Removes the bars from the screen before other output.
    pub fn clear(&mut self) {
        self.bars.finish();
    }
}

/// Returns the output stream for the line of an event.
pub fn channel(event: &Event) -> Channel {
    match &event.kind {
        EventKind::StepFinished { outcome, .. } if outcome == "failed" => Channel::Failure,
        EventKind::CheckFinished { .. } | EventKind::Noticed { .. } => Channel::Failure,
        EventKind::RunFinished { .. } => Channel::Result,
        _ => Channel::Progress,
    }
}

/// Returns the text of an event, without a final line break; `None` if the event has no line.
pub fn line(event: &Event, theme: &Theme) -> Option<String> {
    line_in(event, &RunContext::default(), theme)
}

fn line_in(event: &Event, context: &RunContext, theme: &Theme) -> Option<String> {
    match &event.kind {
        // The plan has already shown what is left out, damaged and repaired.
        EventKind::RunStarted { .. }
        | EventKind::LeftOut { .. }
        | EventKind::StepStarted { .. }
        | EventKind::VersionDamaged { .. }
        | EventKind::VersionRestored { .. }
        | EventKind::Accepted { .. }
        | EventKind::Moved { .. }
        | EventKind::Forgotten { .. }
        | EventKind::Mended { .. }
        | EventKind::Published { .. } => None,
        EventKind::StepFinished { outcome, message, .. }
            if outcome == "skipped" && message.as_deref() == Some(INTERRUPTED) && !context.verbose =>
        {
            // There may be hundreds; the summary shows their number.
            None
        }
        EventKind::StepFinished {
            asset,
            outcome,
            ms,
            rows,
            bytes,
            message,
        } => Some(step_line(asset, outcome, (*rows, *bytes, *ms), message.as_deref(), theme)),
        EventKind::Noticed { message, help, .. } => Some(notice(message, help, theme)),
        EventKind::CheckFinished { asset, record } => match record.outcome {
            CheckOutcome::Passed => None,
            CheckOutcome::Failed | CheckOutcome::Errored => failed_check(asset, record, theme),
        },
        EventKind::RunFinished {
            outcome,
            counts,
            ms,
            estimated_ms,
            saved,
        } => {
            let longest = saved.map_or(0, |saved| saved.ms).max(*ms).max(estimated_ms.unwrap_or_default());
            let usual =
                against_estimate(*estimated_ms, saved.as_ref()).filter(|_| context.verbose || longest >= WORTH_SAYING);
            Some(summary(event.run, outcome, counts, (*ms, usual), context, theme))
        }
    }
}

/// Formats a notice: "  warning    `ml.scores` read `config.json`, which it does not declare", with the help below it.
fn notice(message: &str, help: &str, theme: &Theme) -> String {
    let gap = WORD.saturating_sub(width("warning")).max(1);
    let mut lines = wrap(&one_line(message), theme.width.saturating_sub(2 + WORD)).into_iter();
    let mut text =
        format!("  {}{:gap$}{}", theme.paint(Role::Warning, "warning"), "", lines.next().unwrap_or_default());
    text.push('\n');
    for line in lines {
        push_indented(&mut text, 2 + WORD, &line);
    }
    for line in wrap(&format!("help: {}", one_line(help)), theme.width.saturating_sub(2 + WORD)) {
        push_indented(&mut text, 2 + WORD, &line);
    }
    text.trim_end().to_owned()
}

/// The width of the column before the name.
const WORD: usize = 11;
/// The width of the column for names; most are shorter.
const NAME: usize = 28;
/// The indentation of a message.
const INDENT: usize = 6;

/// Formats "  built      staging.orders   1,234 rows   56.7 kB   0.4 s".
fn step_line(
    asset: &AssetName,
    outcome: &str,
    (rows, bytes, ms): (Option<u64>, Option<u64>, u64),
    message: Option<&str>,
    theme: &Theme,
) -> String {
    let role = match outcome {
        "built" | "reused" | "checked" | "settings" => Role::Good,
        "failed" => Role::Error,
        "destroyed" => Role::Removed,
        "cut_off" => Role::Muted,
        _ => Role::Warning,
    };
    let word = one_line(outcome).replace('_', " ");
    let mut facts = Vec::new();
    if !matches!(outcome, "failed" | "skipped" | "destroyed") {
        facts.extend(
            rows.map(|rows| {
                format!("{:>12}", format!("{} row{}", text::grouped(rows), if rows == 1 { "" } else { "s" }))
            }),
        );
        facts.extend(bytes.map(|bytes| format!("{:>9}", text::bytes(bytes))));
    }
    if outcome != "skipped" && ms > 0 {
        facts.push(format!("{:>8}", text::duration_ms(ms)));
    }
    let gap = WORD.saturating_sub(width(&word)).max(1);
    let mut line = format!("  {}{:gap$}{asset}", theme.paint(role, &word), "");
    if !facts.is_empty() {
        let facts = facts.join("  ");
        let name = width(asset.as_str());
        if 2 + WORD + name.max(NAME) + 2 + width(&facts) <= theme.width {
            let gap = NAME.saturating_sub(name) + 2;
            let _ = write!(line, "{:gap$}{facts}", "");
        } else {
            let _ = write!(line, "\n{:indent$}{}", "", facts.trim_start(), indent = 2 + WORD);
        }
    }
    if let Some(message) = message.map(plain).filter(|message| !message.is_empty()) {
        let message = message.trim_end();
        let room = theme.width.saturating_sub(width(&line) + 2);
        if outcome != "failed" && !line.contains('\n') && !message.contains('\n') && width(message) <= room {
            return format!("{line}  {}", theme.paint(Role::Muted, message));
        }
        let mut below = String::from("\n");
        for text in wrap(message, theme.width.saturating_sub(INDENT)) {
            push_indented(&mut below, INDENT, &text);
        }
        line.push_str(below.trim_end());
    }
    line
}

/// Formats "The estimate was 1.4 s; builds that were cut off usually take 0.8 s and produce 1,000 rows."
fn against_estimate(estimated_ms: Option<u64>, saved: Option<&Saved>) -> Option<String> {
    let estimated = estimated_ms.map(|ms| format!("The estimate was {}", text::duration_ms(ms)));
    let saved = saved.map(|saved| {
        let rows = if saved.rows > 0 { format!(" and produce {}", rows(saved.rows)) } else { String::new() };
        format!("builds that were cut off usually take {}{rows}", text::duration_ms(saved.ms))
    });
    let parts: Vec<String> = estimated.into_iter().chain(saved).collect();
    (!parts.is_empty()).then(|| format!("{}.", parts.join("; ")))
}

/// Returns the summary of a run: its result, the comparison with the estimate, and the next step.
fn summary(
    run: RunId,
    outcome: &str,
    counts: &Counts,
    (ms, usual): (u64, Option<String>),
    context: &RunContext,
    theme: &Theme,
) -> String {
    let did = [
        (counts.built, "built"),
        (counts.reused, "reused"),
        (counts.cut_off, "cut off"),
        (counts.checked, "checked"),
        (counts.settings, "with other settings"),
        (counts.destroyed, "destroyed"),
    ];
    let did = did.into_iter().chain([
        (context.unchanged, "unchanged"),
        (counts.held_back, "held back"),
        (context.left_out, "left out"),
    ]);
    let not = [(counts.failed, "failed"), (counts.skipped, "skipped")].into_iter();
    let time = text::duration_ms(ms);
    let published = counts.published > 0 || counts.destroyed > 0;
    if outcome == "done" {
        let done = if published { format!("published as run {run} in {time}") } else { format!("run {run} in {time}") };
        let text = [listed(did), done].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        let mut text = closing(&format!("{} {text}.", theme.paint(Role::Good, "Done:")), theme);
        if let Some(usual) = usual {
            text = format!("{text}\n{}", theme.paint(Role::Muted, closing(&usual, theme)));
        }
        let correct = "correct the mistakes that `dp validate` lists";
        return with_next(text, context.next.as_deref().map(|next| if context.left_out > 0 { correct } else { next }));
    }
    let kept = if counts.built > 0 { "; the next run reuses finished builds" } else { "" };
    let moved = [(counts.published, "published"), (counts.destroyed, "destroyed")].into_iter();
    let (heading, text) = match (outcome, counts.published + counts.destroyed) {
        ("interrupted", 0) if counts.skipped > 0 => {
            ("Interrupted:", format!("nothing was published, {} skipped{kept}", text::grouped(counts.skipped as u64)))
        }
        ("interrupted", 0) => ("Interrupted:", format!("nothing was published{kept}")),
        (_, 0) if counts.failed + counts.skipped == 0 => {
            ("Nothing was published:", format!("the run stopped before publishing{kept}"))
        }
        (_, 0) => ("Nothing was published:", format!("{}{kept}", listed(not))),
        // Something outside the rename failed, which was reported separately.
        (_, _) if counts.failed + counts.skipped == 0 => ("Published with errors:", listed(moved)),
        (_, _) => {
            let some = text::count(counts.published, "asset");
            ("Published in part:", format!("{some} published, {}{kept}", listed(not)))
        }
    };
    let text = format!("{} {text} (run {run}, {time}).", theme.paint(Role::Error, heading));
    let again = context.again.as_deref().map(|again| match outcome {
        _ if counts.failed > 0 => "correct the failed assets and apply again; finished builds are reused".to_owned(),
        "interrupted" => format!("run `{again}` to do the rest"),
        _ => format!("correct the reported problems, then run `{again}`"),
    });
    with_next(closing(&text, theme), again.as_deref())
}

fn listed(counts: impl Iterator<Item = (usize, &'static str)>) -> String {
    let parts: Vec<_> = counts
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", text::grouped(count as u64)))
        .collect();
    parts.join(", ")
}

fn closing(text: &str, theme: &Theme) -> String {
    wrap(text, theme.width).join("\n")
}

fn with_next(text: String, next: Option<&str>) -> String {
    match next {
        Some(next) => format!("{text}\nNext: {}", one_line(next)),
        None => text,
    }
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
