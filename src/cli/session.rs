//! The context of a command line: the workspace, and the screen.

use std::ops::Deref;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::exit::Exit;
use super::screen::Screen;
use super::{Color, Environment, Global};
use crate::base::clock::Clock;
use crate::base::{fs, trace};
use crate::ops::{Known, OpError, Target, Workspace};
use crate::run::Outcome;
use crate::ui::{self, ColorChoice, Ui, UiOptions, Verbosity};
use crate::view::{self, Theme};

/// The context of a command line.
pub(super) struct Session {
    pub(super) global: Global,
    pub(super) ui: Arc<Ui>,
    /// Whether `--json` prints one object per line.
    pub(super) gives_lines: bool,
    workspace: Workspace,
}

impl Deref for Session {
    type Target = Workspace;

    fn deref(&self) -> &Workspace {
        &self.workspace
    }
}

/// Returns the screen that the arguments and the environment request.
pub(super) fn ui(global: &Global, environment: &Environment) -> Ui {
    let color = match global.color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    };
    let verbosity = if global.quiet {
        Verbosity::Quiet
    } else if global.verbose {
        Verbosity::Verbose
    } else {
        Verbosity::Normal
    };
    let screen = ui::Environment::read(|name| environment.variables.get(name).cloned());
    Ui::new(UiOptions { color, verbosity }, &screen)
}

impl Session {
    pub(super) fn new(global: Global, ui: Ui, environment: &Environment, words: Vec<String>) -> Self {
        let clock = environment
            .variables
            .get("__DP_TEST_NOW")
            .and_then(|text| text.parse().ok())
            .map_or(Clock::System, Clock::Fixed);
        let ui = Arc::new(ui);
        let target = Target {
            project: global.project.clone(),
            environment: global.env.clone(),
            environment_is_given: global.env_is_given,
            variables: global.variables.clone(),
        };
        let workspace = Workspace {
            target,
            clock,
            words,
            folder: environment.folder.clone(),
            variables: environment.variables.clone(),
            listener: Box::new(Screen::new(Arc::clone(&ui))),
        };
        Self {
            global,
            ui,
            gives_lines: false,
            workspace,
        }
    }

    pub(super) fn theme(&self) -> Theme {
        *self.ui.theme()
    }

    pub(super) fn theme_of_errors(&self) -> Theme {
        *self.ui.status_theme()
    }

    /// Prints the duration of each phase, if it was measured.
    pub(super) fn tell_phases(&self) {
        let phases = trace::phases();
        if phases.is_empty() {
            return;
        }
        let mut text = format!("{:>10}\n", "ms");
        for phase in phases {
            let indent = "  ".repeat(phase.depth + 1);
            text.push_str(&format!("{:>10.1}{indent}{}\n", phase.took.as_secs_f64() * 1000.0, phase.name));
        }
        self.ui.report(&text);
    }

    /// Prints a result on stdout.
    pub(super) fn out(&self, text: &str) -> Result<(), OpError> {
        self.ui.out(text).map_err(cannot_write)
    }

    /// Prints a result for other programs unchanged; on a terminal, control characters are escaped.
    pub(super) fn out_exact(&self, text: &str) -> Result<(), OpError> {
        if self.ui.is_terminal() { self.out(&view::plain(text)) } else { self.out(text) }
    }

    /// Reports what a run published and could not put in place, and returns the exit code of the run.
    pub(super) fn ended(&self, outcome: &Outcome) -> Exit {
        for what in &outcome.not_in_place {
            self.ui.error(what);
        }
        if outcome.interrupted {
            Exit::Interrupted
        } else if outcome.failed() {
            Exit::Failed
        } else {
            Exit::Done
        }
    }

    /// Prints a result of whole sentences, wrapped to the screen.
    pub(super) fn say(&self, text: &str) -> Result<(), OpError> {
        self.out(&view::wrap(text, self.theme().width).join("\n"))
    }

    /// Prints an error as JSON on stdout; on one line if the result has one object per line.
    pub(super) fn json_error(&self, value: &Value) -> Result<(), OpError> {
        if self.gives_lines { self.out(&view::json_line(value)) } else { self.json(value) }
    }

    /// Prints a report as JSON on stdout.
    pub(super) fn json_report(&self, report: &impl Serialize) -> Result<(), OpError> {
        self.json(&serde_json::to_value(report).expect("dp's own values have a JSON form"))
    }

    /// Prints a JSON result on stdout.
    pub(super) fn json(&self, value: &Value) -> Result<(), OpError> {
        self.out(&format!("{}\n", view::json_text(value)))
    }

    /// Shows the mistakes that do not block the request: as the key `warnings` of the JSON, or on stderr.
    pub(super) fn show_mistakes(&self, known: Option<&Known>, json: Option<&mut Value>) {
        let mistakes = known.map(Known::mistakes).unwrap_or_default();
        if mistakes.is_empty() {
            return;
        }
        match json {
            Some(json) => json["warnings"] = json!(mistakes.iter().map(view::warning_json).collect::<Vec<_>>()),
            None => self.ui.status(&view::warnings(&mistakes, &self.theme_of_errors())),
        }
    }
}

/// Creates the error for a closed stdout.
pub(super) fn cannot_write(source: std::io::Error) -> OpError {
    fs::FsError {
        verb: "write",
        path: "stdout".into(),
        source,
    }
    .into()
}
