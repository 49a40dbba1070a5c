//! What dp does with terminals of all kinds, with pipes, and with screens that have no more than ASCII.

use std::process::Stdio;

use crate::pty::on_terminal;
use crate::sandbox::Sandbox;
use crate::tour::{LONG, Stop, tour};

/// `(arguments, variables, on a terminal, whether there is colour)`.
type Case = (&'static [&'static str], &'static [(&'static str, &'static str)], bool, bool);

const COLORS: [Case; 17] = [
    (&[], &[], true, true),
    (&[], &[], false, false),
    (&["--color", "auto"], &[], true, true),
    (&["--color", "always"], &[], false, true),
    (&["--color", "never"], &[], true, false),
    (&[], &[("NO_COLOR", "1")], true, false),
    // Empty is as good as not set, by no-color.org.
    (&[], &[("NO_COLOR", "")], true, true),
    (&["--color", "always"], &[("NO_COLOR", "1")], true, true),
    (&[], &[("CLICOLOR_FORCE", "1")], false, true),
    (&[], &[("CLICOLOR_FORCE", "0")], false, false),
    (&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], true, false),
    (&["--color", "never"], &[("CLICOLOR_FORCE", "1")], true, false),
    (&[], &[("CLICOLOR", "0")], true, false),
    (&[], &[("CLICOLOR", "0"), ("CLICOLOR_FORCE", "1")], true, true),
    (&[], &[("TERM", "dumb")], true, false),
    (&["--color", "always"], &[("TERM", "dumb")], true, true),
    (&[], &[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], true, true),
];

#[test]
fn colour_is_there_when_it_is_wanted() {
    let sandbox = Sandbox::shop();
    // A result, an error in the project, a mistake in the command line, and help.
    for words in [&["plan"][..], &["show", "no.such"], &["plan", "--no-such"], &["plan", "--help"]] {
        for (arguments, variables, is_terminal, expected) in COLORS {
            let mut command = sandbox.command(words.iter().chain(arguments));
            command.env_remove("NO_COLOR").env("TERM", "xterm-256color").envs(variables.iter().copied());
            let said = if is_terminal {
                on_terminal(command, 80).0
            } else {
                let output = command.output().expect("dp runs");
                String::from_utf8([output.stdout, output.stderr].concat()).expect("dp writes UTF-8")
            };
            assert!(said.len() > 20, "{said}");
            assert_eq!(
                said.contains("\u{1b}["),
                expected,
                "{words:?} {arguments:?} {variables:?} {is_terminal}:\n{said:?}"
            );
        }
    }
}

#[test]
fn a_dumb_terminal_gets_no_bars_and_nothing_that_moves() {
    for (terminal, moves) in [("xterm-256color", true), ("dumb", false)] {
        let sandbox =
            Sandbox::shop().sql("marts.slow", "select count(*) as n from range(60000000) a where hash(range) % 7 = 3");
        let mut command = sandbox.command(["apply", "--auto-approve"]);
        command.env("TERM", terminal);
        let (said, code) = on_terminal(command, 80);
        assert_eq!(code, Some(0), "{said}");
        // Only a run that takes long enough has bars at all.
        assert!(moves || !said.contains(['\u{1b}', '\r']), "{said:?}");
        assert!(said.contains("built      marts.slow"), "{said}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error_of_any_command() {
    tour(&mut |sandbox, stop| {
        let mut command = sandbox.command(stop.words());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("dp starts");
        drop(child.stdout.take());
        let ended = child.wait_with_output().expect("dp ends");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(stop.code), "{stop:?}: {said}");
        assert!(!said.contains("panicked") && !said.to_lowercase().contains("broken pipe"), "{stop:?}: {said}");
    });
}

#[test]
fn help_and_mistakes_end_quietly_without_a_reader() {
    let sandbox = Sandbox::shop();
    for (words, code) in
        [(&["--help"][..], 0), (&["plan", "--help"], 0), (&["--version"], 0), (&["help", "plan"], 0), (&["--no"], 64)]
    {
        let mut command = sandbox.command(words);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("dp starts");
        drop((child.stdout.take(), child.stderr.take()));
        assert_eq!(child.wait().expect("dp ends").code(), Some(code), "{words:?}");
    }
    // Both ends gone, and a plan with errors in the project.
    let sandbox = sandbox.sql("a.b", "select nope from raw.orders");
    for words in [&["plan"][..], &["plan", "--json"], &["plan", "--no-such", "--json"]] {
        let mut command = sandbox.command(words);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("dp starts");
        drop((child.stdout.take(), child.stderr.take()));
        let code = child.wait().expect("dp ends").code();
        assert!(matches!(code, Some(1 | 64)), "{words:?}: {code:?}");
    }
}

/// What a stop of the tour says with these variables.
fn said(sandbox: &Sandbox, stop: &Stop<'_>, variables: &[(&str, &str)]) -> String {
    let output = sandbox.command(stop.words()).envs(variables.iter().copied()).output().expect("dp runs");
    let said = String::from_utf8([output.stdout, output.stderr].concat()).expect("dp writes UTF-8");
    assert_eq!(output.status.code(), Some(stop.code), "{stop:?}: {said}");
    said
}

#[test]
fn a_screen_with_ascii_alone_gets_ascii_alone() {
    tour(&mut |sandbox, stop| {
        let said = said(sandbox, &stop, &[("LC_ALL", "C"), ("CLICOLOR_FORCE", "1")]);
        assert!(said.is_ascii() || is_for_programs(&stop), "{stop:?}: {said}");
    });
    // Mistakes and help, too.
    let sandbox = Sandbox::shop()
        .sql("a.cycle", "select * from a.other")
        .sql("a.other", "select * from a.cycle")
        .sql("a.b", "select ${var.no} as x, nope from raw.orders")
        .asset("a.c", "kind = \"sql\"\n")
        .asset("a.d", &format!("kind = \"sql\"\nsql = \"select '{}' as x, nope from raw.orders\"\n", "x".repeat(900)));
    let mut calls: Vec<Vec<String>> = vec![vec!["plan".to_owned()], vec!["--help".to_owned()], vec!["-h".to_owned()]];
    for command in crate::tour::commands() {
        calls.push(command.split(' ').map(str::to_owned).chain(["--help".to_owned()]).collect());
    }
    for words in calls {
        let output = sandbox.command(&words).env("LC_ALL", "C").output().expect("dp runs");
        let said = String::from_utf8([output.stdout, output.stderr].concat()).expect("dp writes UTF-8");
        assert!(said.is_ascii(), "{words:?}: {said}");
    }
}

#[test]
fn the_locale_is_taken_from_the_variable_that_counts() {
    let sandbox = Sandbox::shop();
    let unicode = |variables: &[(&str, &str)]| {
        let mut command = sandbox.command(["show", "no.such"]);
        let output = command.env_remove("LC_ALL").envs(variables.iter().copied()).output().expect("dp runs");
        !output.stderr.is_ascii()
    };
    assert!(unicode(&[("LC_ALL", "de_DE.UTF-8"), ("LANG", "C")]));
    assert!(unicode(&[("LANG", "en_US.utf8")]));
    assert!(unicode(&[("LC_CTYPE", "C.UTF-8"), ("LANG", "C")]));
    assert!(!unicode(&[("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]));
    assert!(!unicode(&[("LANG", "de_DE.ISO-8859-1")]));
    assert!(!unicode(&[]));
}

/// Documents for other programs, whose lines are as long as they are.
fn is_for_programs(stop: &Stop<'_>) -> bool {
    matches!(stop.command, "completions" | "schema" | "events") || stop.arguments.contains(&"--sql")
}

#[test]
fn everything_fits_eighty_columns_and_uses_more_where_there_is_more() {
    let mut wide = 0;
    let mut too_wide = String::new();
    for columns in [80, 160] {
        tour(&mut |sandbox, stop| {
            let said = said(sandbox, &stop, &[("COLUMNS", &columns.to_string())]);
            for line in said.lines().filter(|_| !is_for_programs(&stop)) {
                let width = console::measure_text_width(line);
                // A name or a path is not cut, so that it can be copied, and may be longer than a line.
                let longest = line.split_whitespace().map(console::measure_text_width).max().unwrap_or_default();
                if width > columns && longest < 60 {
                    too_wide.push_str(&format!("{columns} {:?}: {line}\n", stop.words()));
                }
                wide += usize::from(width > 80 && longest < 60);
            }
        });
    }
    assert!(too_wide.is_empty(), "{too_wide}");
    assert!(wide > 10, "only {wide} lines used what a wider screen has");
}

#[test]
fn the_width_is_that_of_the_terminal_unless_columns_says_otherwise() {
    let sandbox = Sandbox::shop()
        .asset(LONG, "kind = \"sql\"\nowner = \"the department that nobody knows\"\nsql = \"select 1 as a\"\n");
    sandbox.apply();
    let sql = "select 'some words ' || repeat('and more ', 30) as text";
    let widest = |terminal: usize, columns: Option<&str>| {
        let mut command = sandbox.command(["query", sql]);
        command.env_remove("COLUMNS").envs(columns.map(|columns| ("COLUMNS", columns)));
        let (said, code) = on_terminal(command, terminal);
        assert_eq!(code, Some(0), "{said}");
        said.lines().map(console::measure_text_width).max().unwrap_or_default()
    };
    assert!((100..=120).contains(&widest(120, None)));
    assert!((60..=80).contains(&widest(80, None)));
    assert!((40..=60).contains(&widest(60, None)));
    assert!((130..=150).contains(&widest(80, Some("150"))));
    assert!((60..=80).contains(&widest(80, Some("not a number"))));
    // Where nobody says how wide it is, it is 80.
    let mut command = sandbox.command(["query", sql]);
    let output = command.env_remove("COLUMNS").output().expect("dp runs");
    let widest = String::from_utf8_lossy(&output.stdout).lines().map(console::measure_text_width).max();
    assert!(widest.is_some_and(|widest| (60..=80).contains(&widest)), "{widest:?}");
    let help = sandbox.command(["apply", "--help"]).env_remove("COLUMNS").output().expect("dp runs");
    assert!(String::from_utf8_lossy(&help.stdout).lines().all(|line| console::measure_text_width(line) <= 80));
}
