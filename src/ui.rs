//! The two streams and the prompts: the only module that prints.
//!
//! Standard output gets results, standard error everything else. A closed standard output is not an error; further
//! output is dropped. Settings from outside (flags, environment, terminals) are passed in [`UiOptions`],
//! [`Environment`] and [`Streams`], so that tests control all of them.

use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use console::Term;
use indicatif::ProgressDrawTarget;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::view::{Channel, Role, Theme};

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// On a terminal, unless the environment overrides it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How much is written to standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Failures only.
    Quiet,
    /// The default.
    #[default]
    Normal,
    /// More.
    Verbose,
}

/// The user's choices on the command line.
#[derive(Clone, Copy, Debug, Default)]
pub struct UiOptions {
    /// `--color`.
    pub color: ColorChoice,
    /// `-q` or `-v`.
    pub verbosity: Verbosity,
}

/// The environment variables that affect the output.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    no_color: bool,
    no_color_on_terminals: bool,
    force_color: bool,
    is_dumb: bool,
    columns: Option<usize>,
    unicode: bool,
}

impl Environment {
    /// Reads them with `variable`, which returns the value of one.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let locale =
            set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).unwrap_or_default().to_lowercase();
        Self {
            no_color: set("NO_COLOR").is_some(),
            no_color_on_terminals: set("CLICOLOR").is_some_and(|value| value == "0"),
            force_color: set("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            is_dumb: set("TERM").is_some_and(|value| value == "dumb"),
            columns: set("COLUMNS").and_then(|value| value.parse().ok()).filter(|columns| *columns > 0),
            unicode: locale.contains("utf-8") || locale.contains("utf8"),
        }
    }
}

impl Environment {
    /// Whether text for a stream has colour.
    fn has_color(&self, choice: ColorChoice, is_terminal: bool) -> bool {
        match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if self.no_color => false,
            ColorChoice::Auto if self.force_color => true,
            ColorChoice::Auto => is_terminal && !self.is_dumb && !self.no_color_on_terminals,
        }
    }
}

/// The streams of a [`Ui`], and which of them are terminals.
pub struct Streams {
    /// The stream for results.
    pub output: Box<dyn Write + Send>,
    /// The stream for everything else.
    pub error: Box<dyn Write + Send>,
    /// The stream for answers.
    pub input: Box<dyn BufRead + Send>,
    /// Whether `output` is a terminal.
    pub output_is_terminal: bool,
    /// Whether `error` is a terminal.
    pub error_is_terminal: bool,
    /// Whether `input` is a terminal.
    pub input_is_terminal: bool,
    /// The width of the terminal, if there is one.
    pub columns: Option<usize>,
}

impl Streams {
    /// Returns the streams of the process.
    pub fn standard() -> Self {
        let columns = |term: Term| term.size_checked().map(|(_, columns)| usize::from(columns));
        Self {
            output: Box::new(io::stdout()),
            error: Box::new(io::stderr()),
            input: Box::new(io::BufReader::new(io::stdin())),
            output_is_terminal: io::stdout().is_terminal(),
            error_is_terminal: io::stderr().is_terminal(),
            input_is_terminal: io::stdin().is_terminal(),
            columns: columns(Term::stdout()).or_else(|| columns(Term::stderr())).filter(|columns| *columns > 0),
        }
    }
}

/// Returns the width of the screen: from `COLUMNS`, or from the terminal of one of the streams.
pub fn columns(environment: &Environment) -> Option<usize> {
    environment.columns.or(Streams::standard().columns)
}

/// Writes a text before a [`Ui`] exists, and so before the user's settings are known: to standard error or standard
/// output, with or without colour. A failed write can't be reported.
pub fn print(plain: &str, colored: &str, to_error: bool, choice: ColorChoice, environment: &Environment) {
    let is_terminal = if to_error { io::stderr().is_terminal() } else { io::stdout().is_terminal() };
    let text = complete(if environment.has_color(choice, is_terminal) { colored } else { plain });
    if to_error {
        drop(io::stderr().write_all(text.as_bytes()));
    } else {
        drop(io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()));
    }
}

/// The streams, with their output styles.
pub struct Ui {
    output: Mutex<Output>,
    error: Mutex<Box<dyn Write + Send>>,
    input: Mutex<Box<dyn BufRead + Send>>,
    verbosity: Verbosity,
    theme: Theme,
    status_theme: Theme,
    is_terminal: bool,
    can_ask: bool,
    has_bars: bool,
}

struct Output {
    stream: Box<dyn Write + Send>,
    is_gone: bool,
}

/// The width if no terminal reports one.
const COLUMNS: usize = 80;
/// The minimum width of the layout.
const LEAST_COLUMNS: usize = 40;

impl Ui {
    /// Creates a UI over the streams of the process.
    pub fn new(options: UiOptions, environment: &Environment) -> Self {
        Self::over(Streams::standard(), options, environment)
    }

    /// Creates a UI over the given streams.
    pub fn over(streams: Streams, options: UiOptions, environment: &Environment) -> Self {
        let color = |is_terminal: bool| environment.has_color(options.color, is_terminal);
        let theme = |is_terminal: bool| Theme {
            color: color(is_terminal),
            unicode: environment.unicode,
            width: environment
                .columns
                .or(streams.columns.filter(|_| is_terminal))
                .unwrap_or(COLUMNS)
                .max(LEAST_COLUMNS),
        };
        Self {
            theme: theme(streams.output_is_terminal),
            status_theme: theme(streams.error_is_terminal),
            is_terminal: streams.output_is_terminal,
            can_ask: streams.input_is_terminal && streams.error_is_terminal,
            has_bars: streams.error_is_terminal && !environment.is_dumb && options.verbosity > Verbosity::Quiet,
            verbosity: options.verbosity,
            output: Mutex::new(Output {
                stream: streams.output,
                is_gone: false,
            }),
            error: Mutex::new(streams.error),
            input: Mutex::new(streams.input),
        }
    }

    /// Returns the theme of standard output.
    pub fn theme(&self) -> &Theme {
        &self.theme
    }

    /// Returns the theme of standard error.
    pub fn status_theme(&self) -> &Theme {
        &self.status_theme
    }

    /// Returns how much is written to standard error.
    pub fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// Whether standard output is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Whether a prompt can be answered.
    pub fn can_ask(&self) -> bool {
        self.can_ask
    }

    /// Returns the target of progress bars: hidden without a terminal, or if the user wants quiet.
    pub fn bars(&self) -> ProgressDrawTarget {
        if self.has_bars { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() }
    }

    /// Writes a result to standard output, and adds a line break if the text ends without one.
    ///
    /// # Errors
    /// If the write fails, unless the reader closed the stream.
    pub fn out(&self, text: &str) -> io::Result<()> {
        self.out_bytes(complete(text).as_bytes())
    }

    /// Writes a result that is not text, or must stay unchanged, to standard output.
    ///
    /// # Errors
    /// As [`Self::out`].
    pub fn out_bytes(&self, bytes: &[u8]) -> io::Result<()> {
        let mut output = held(&self.output);
        if output.is_gone {
            return Ok(());
        }
        let written = output.stream.write_all(bytes).and_then(|()| output.stream.flush());
        match written {
            // The reader or the terminal was closed.
            Err(error)
                if error.kind() == io::ErrorKind::BrokenPipe
                    || error.raw_os_error() == Some(libc::EIO) && self.is_terminal =>
            {
                output.is_gone = true;
                Ok(())
            }
            other => other,
        }
    }

    /// Whether the reader of standard output closed it, so that further work is useless.
    pub fn reader_is_gone(&self) -> bool {
        held(&self.output).is_gone
    }

    /// Waits for at most `time`. Returns early, with `true`, when the reader of standard output closes it. A signal
    /// ends the wait.
    pub fn reader_leaves_within(&self, time: Duration) -> bool {
        let stdout = io::stdout();
        // No events are requested: the end of the other side is always reported.
        let mut watched = [PollFd::new(&stdout, PollFlags::empty())];
        let time = Timespec {
            tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: time.subsec_nanos().into(),
        };
        let closed = matches!(poll(&mut watched, Some(&time)), Ok(count) if count > 0)
            && watched[0].revents().intersects(PollFlags::ERR | PollFlags::HUP);
        let mut output = held(&self.output);
        output.is_gone |= closed;
        output.is_gone
    }

    /// Writes progress or a hint to standard error, unless the user wants quiet.
    pub fn status(&self, text: &str) {
        if self.verbosity > Verbosity::Quiet {
            self.report(text);
        }
    }

    /// Writes to standard error only in verbose mode.
    pub fn detail(&self, text: &str) {
        if self.verbosity > Verbosity::Normal {
            self.report(text);
        }
    }

    /// Writes "error: …" to standard error.
    pub fn error(&self, message: &str) {
        self.report(&format!("{} {message}", self.status_theme.paint(Role::Error, "error:")));
    }

    /// Writes "warning: …" to standard error.
    pub fn warning(&self, message: &str) {
        self.report(&format!("{} {message}", self.status_theme.paint(Role::Warning, "warning:")));
    }

    /// Writes text that must be seen, such as diagnostics, to standard error unchanged.
    pub fn report(&self, text: &str) {
        let mut stream = held(&self.error);
        // A failure can't be reported anywhere.
        drop(stream.write_all(complete(text).as_bytes()).and_then(|()| stream.flush()));
    }

    /// Writes a view's text to its stream.
    ///
    /// # Errors
    /// As [`Self::out`].
    pub fn show(&self, channel: Channel, text: &str) -> io::Result<()> {
        match channel {
            Channel::Progress => self.status(text),
            Channel::Failure => self.report(text),
            Channel::Result => return self.out(text),
        }
        Ok(())
    }

    /// Asks the user, and returns whether the answer is `yes`; the end of the input counts as no.
    ///
    /// # Errors
    /// If the answer can't be read.
    pub fn confirm(&self, question: &str) -> io::Result<bool> {
        {
            let mut stream = held(&self.error);
            write!(stream, "{question}\n  Only `yes` is accepted: ")?;
            stream.flush()?;
        }
        let mut answer = Vec::new();
        if held(&self.input).read_until(b'\n', &mut answer)? == 0 {
            self.report("");
        }
        Ok(answer.trim_ascii() == b"yes")
    }
}

fn complete(text: &str) -> std::borrow::Cow<'_, str> {
    if text.ends_with('\n') { text.into() } else { format!("{text}\n").into() }
}

fn held<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Buffer {
        fn text(&self) -> String {
            String::from_utf8(held(&self.0).clone()).unwrap()
        }
    }

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            held(&self.0).write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Failing(io::ErrorKind, Arc<Mutex<usize>>);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            *held(&self.1) += 1;
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn streams(output: impl Write + Send + 'static, error: &Buffer, answers: &'static str) -> Streams {
        Streams {
            output: Box::new(output),
            error: Box::new(error.clone()),
            input: Box::new(answers.as_bytes()),
            output_is_terminal: false,
            error_is_terminal: true,
            input_is_terminal: true,
            columns: Some(120),
        }
    }

    fn ui(options: UiOptions, variables: &[(&str, &str)], answers: &'static str) -> (Ui, Buffer, Buffer) {
        let (output, error) = (Buffer::default(), Buffer::default());
        let environment = Environment::read(|name| {
            let found = variables.iter().find(|(other, _)| *other == name)?;
            Some(found.1.to_owned())
        });
        let ui = Ui::over(streams(output.clone(), &error, answers), options, &environment);
        (ui, output, error)
    }

    #[test]
    fn results_and_the_rest_are_kept_apart() {
        let (ui, output, error) = ui(UiOptions::default(), &[("NO_COLOR", "1")], "");
        ui.out("result").unwrap();
        ui.status("hint");
        ui.detail("more");
        ui.warning("odd");
        ui.error("bad");
        ui.show(Channel::Failure, "worse\n").unwrap();
        assert_eq!(output.text(), "result\n");
        assert_eq!(error.text(), "hint\nwarning: odd\nerror: bad\nworse\n");
    }

    #[test]
    fn quiet_leaves_failures() {
        let options = UiOptions {
            verbosity: Verbosity::Quiet,
            color: ColorChoice::Never,
        };
        let (ui, _, error) = ui(options, &[], "");
        ui.status("hint");
        ui.error("bad");
        assert_eq!(error.text(), "error: bad\n");
        assert!(ui.bars().is_hidden());
    }

    #[test]
    fn colour_follows_flag_then_environment_then_stream() {
        let colors = |color: ColorChoice, variables: &[(&str, &str)]| {
            let (ui, ..) = ui(
                UiOptions {
                    color,
                    ..UiOptions::default()
                },
                variables,
                "",
            );
            (ui.theme().color, ui.status_theme().color)
        };
        assert_eq!(colors(ColorChoice::Auto, &[]), (false, true));
        assert_eq!(colors(ColorChoice::Auto, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]), (false, false));
        assert_eq!(colors(ColorChoice::Auto, &[("NO_COLOR", "")]), (false, true));
        assert_eq!(colors(ColorChoice::Auto, &[("CLICOLOR_FORCE", "1")]), (true, true));
        assert_eq!(colors(ColorChoice::Auto, &[("TERM", "dumb")]), (false, false));
        assert_eq!(colors(ColorChoice::Always, &[("NO_COLOR", "1")]), (true, true));
        assert_eq!(colors(ColorChoice::Never, &[("CLICOLOR_FORCE", "1")]), (false, false));
    }

    #[test]
    fn width_and_symbols_come_from_the_environment() {
        let themes = |variables: &[(&str, &str)]| {
            let (ui, ..) = ui(UiOptions::default(), variables, "");
            (ui.theme().width, ui.status_theme().width, ui.theme().unicode)
        };
        assert_eq!(themes(&[]), (80, 120, false));
        assert_eq!(themes(&[("COLUMNS", "100"), ("LANG", "de_DE.UTF-8")]), (100, 100, true));
        assert_eq!(themes(&[("COLUMNS", "x"), ("LC_ALL", "C"), ("LANG", "C.utf8")]), (80, 120, false));
        assert_eq!(themes(&[("COLUMNS", "3"), ("LC_CTYPE", "C.utf8")]), (40, 40, true));
    }

    #[test]
    fn only_yes_is_accepted() {
        let asked = |answer: &'static str| {
            let (ui, _, error) = ui(UiOptions::default(), &[], answer);
            (ui.confirm("Apply this plan?").unwrap(), error.text())
        };
        assert_eq!(asked("yes\n"), (true, "Apply this plan?\n  Only `yes` is accepted: ".to_owned()));
        assert!(asked(" yes \r\n").0);
        assert!(!asked("y\n").0);
        assert!(!asked("YES\n").0);
        assert!(!asked("\n").0);
        assert_eq!(asked(""), (false, "Apply this plan?\n  Only `yes` is accepted: \n".to_owned()));
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let tried = Arc::new(Mutex::new(0));
        let over = |kind: io::ErrorKind| {
            let output = Failing(kind, Arc::clone(&tried));
            Ui::over(streams(output, &Buffer::default(), ""), UiOptions::default(), &Environment::default())
        };
        let ui = over(io::ErrorKind::BrokenPipe);
        ui.out("x").unwrap();
        ui.out("y").unwrap();
        assert!(ui.reader_is_gone());
        assert_eq!(*held(&tried), 1);
        assert_eq!(over(io::ErrorKind::StorageFull).out("x").unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
