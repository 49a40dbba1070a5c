//! What is written by the code itself: the command line, the keys, the exit codes, the completions.

use std::fmt::Write as _;

use clap::{Arg, Command, ValueEnum};
use clap_complete::{Generator, Shell};

use super::check;

const NOTE: &str =
    "<!-- Written by `DP_UPDATE_DOCS=1 cargo test --release --test docs`; edit the code instead. -->\n\n";

#[test]
fn the_command_line() {
    let mut command = dp::cli::command();
    command.build();
    let mut page = format!("# The command line\n\n{NOTE}");
    line(&mut page, &text(command.get_long_about().or(command.get_about())));
    line(&mut page, "| command | does |\n|---|---|");
    page.pop();
    for verb in verbs(&command) {
        let name = verb.get_name();
        let _ = writeln!(page, "| [`dp {name}`](#dp-{name}) | {} |", cell(&text(verb.get_about())));
    }
    line(
        &mut page,
        "\nEach command exits with one of these [codes](exit-codes.md). With `--json` it writes [JSON](json.md).",
    );
    line(
        &mut page,
        "`ASSET` is a selector: `name`, `schema.*`, `tag:x`, `+name` (the asset and everything upstream), `name+` (the asset and everything downstream). Several selectors are a union.",
    );
    line(&mut page, "## Everywhere");
    line(&mut page, "You can give these options before or after the command.");
    table(&mut page, command.get_arguments().filter(|arg| arg.get_id() != "version"));
    for verb in verbs(&command) {
        chapter(&mut page, "dp", verb);
    }
    check("docs/reference/cli.md", &ended(page));
}

/// What a verb takes, and after it what those below it take.
fn chapter(page: &mut String, above: &str, verb: &Command) {
    let name = format!("{above} {}", verb.get_name());
    line(page, &format!("## {name}"));
    line(page, &format!("{}.", text(verb.get_long_about().or(verb.get_about())).trim_end_matches('.')));
    let mut usage = verb.clone();
    let usage = usage.render_usage().to_string();
    line(page, &format!("```text\n{}\n```", usage.trim_start_matches("Usage: ")));
    table(page, verb.get_arguments().filter(|arg| !arg.is_global_set() && arg.get_id() != "help"));
    for below in verbs(verb) {
        chapter(page, &name, below);
    }
}

fn verbs(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|verb| verb.get_name() != "help")
}

fn table<'a>(page: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    let arguments: Vec<_> = arguments.filter(|arg| !arg.is_hide_set()).collect();
    if arguments.is_empty() {
        return;
    }
    page.push_str("| argument | what |\n|---|---|\n");
    // Positional arguments first, as on the command line.
    let (places, options): (Vec<_>, Vec<_>) = arguments.into_iter().partition(|arg| arg.is_positional());
    for arg in places.into_iter().chain(options) {
        let _ = writeln!(page, "| `{}` | {} |", cell(&spelling(arg)), cell(&meaning(arg)));
    }
    page.push('\n');
}

fn spelling(arg: &Arg) -> String {
    let values: Vec<_> = arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    let takes = arg.get_action().takes_values();
    let value = match (takes, values.join(" ")) {
        (false, _) => String::new(),
        (true, value) if value.is_empty() => arg.get_id().as_str().to_uppercase(),
        (true, value) => value,
    };
    if arg.is_positional() {
        let many = arg.get_num_args().is_some_and(|range| range.max_values() > 1);
        let value = if many { format!("{value}...") } else { value };
        return if arg.is_required_set() { value } else { format!("[{value}]") };
    }
    let names = [arg.get_short().map(|short| format!("-{short}")), arg.get_long().map(|long| format!("--{long}"))];
    let names = names.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let optional = arg.get_num_args().is_some_and(|range| range.min_values() == 0);
    match (takes, optional) {
        (false, _) => names,
        (true, false) => format!("{names} <{value}>"),
        (true, true) => format!("{names}[=<{value}>]"),
    }
}

fn meaning(arg: &Arg) -> String {
    let mut meaning = text(arg.get_long_help().or(arg.get_help()));
    let values: Vec<_> = if arg.get_action().takes_values() {
        arg.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect()
    } else {
        Vec::new()
    };
    if !values.is_empty() {
        let named = values.iter().map(|value| match value.get_help() {
            Some(help) => format!("`{}` ({})", value.get_name(), lower(&help.to_string())),
            None => format!("`{}`", value.get_name()),
        });
        let _ = write!(meaning, ": {}", named.collect::<Vec<_>>().join(", "));
    }
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() && arg.get_action().takes_values() {
        let _ = write!(meaning, "; default `{}`", defaults.join(" "));
    }
    if let Some(variable) = arg.get_env() {
        let _ = write!(meaning, "; environment: `{}`", variable.to_string_lossy());
    }
    meaning
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

fn text(styled: Option<&clap::builder::StyledStr>) -> String {
    styled.map(ToString::to_string).unwrap_or_default()
}

/// A paragraph.
fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push_str("\n\n");
}

/// A text that can stand in a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// With one line break at the end.
fn ended(mut page: String) -> String {
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

#[test]
fn the_keys_of_the_files() {
    let mut page = format!("# The project's files\n\n{NOTE}");
    line(
        &mut page,
        "A project is a folder with `dp.toml` and, in `assets/`, one TOML file per asset. The folder gives the schema \
         and the file gives the name: `assets/staging/orders.toml` is `staging.orders`, `assets/orders.toml` is \
         `main.orders`. Both must match `[a-z_][a-z0-9_]{0,62}`. A file in a deeper folder needs an explicit `name`. \
         A key that is not on this page is an [error](errors.md).",
    );
    line(
        &mut page,
        "In SQL, `${var.NAME}` stands for the value of a variable, as a literal of its type. In checks, `${this}` stands for the asset. `$${` is a literal `${`.",
    );
    for table in dp::project::KEY_TABLES {
        line(&mut page, &format!("## {}", heading(table.title)));
        page.push_str("| key | type | what |\n|---|---|---|\n");
        for (name, kind, what) in table.keys {
            let _ = writeln!(page, "| `{name}` | {} | {} |", cell(&kind.to_string()), cell(what));
        }
        page.push('\n');
    }
    line(&mut page, "## Examples");
    for (path, text) in EXAMPLE {
        line(&mut page, &format!("`{path}`:\n\n```toml\n{}```", text.trim_start()));
    }
    check("docs/reference/project-file.md", &ended(page));
}

fn heading(title: &str) -> String {
    let mut chars = title.chars();
    match title {
        "dp.toml" => title.to_owned(),
        _ if title.starts_with('[') => format!("`{title}`"),
        "materialize" | "range" | "row_count" | "references" | "freshness" => format!("`{title} = {{ … }}`"),
        _ => chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default(),
    }
}

/// A project that uses every key but the few that exclude each other; a test reads it.
const EXAMPLE: [(&str, &str); 6] = [
    ("dp.toml", include_str!("example/dp.toml")),
    ("assets/raw/orders.toml", include_str!("example/assets/raw/orders.toml")),
    ("assets/staging/orders.toml", include_str!("example/assets/staging/orders.toml")),
    ("assets/marts/export.toml", include_str!("example/assets/marts/export.toml")),
    ("assets/ml/scores.toml", include_str!("example/assets/ml/scores.toml")),
    ("assets/ml/split.toml", include_str!("example/assets/ml/split.toml")),
];

#[test]
fn the_example_of_the_reference_is_valid_and_uses_every_key() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in EXAMPLE {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder can be made");
        std::fs::write(path, text).expect("the file can be written");
    }
    let data = folder.path().join("data/orders");
    std::fs::create_dir_all(&data).expect("the folder can be made");
    let rows = "id;customer_id;amount;ordered_at\n1;1;12.50;2026-01-05 10:00:00\n2;1;80.00;2026-01-06 11:30:00\n";
    std::fs::write(data.join("2026.csv"), rows).expect("the file can be written");
    std::fs::create_dir_all(folder.path().join("scripts")).expect("the folder can be made");
    std::fs::write(folder.path().join("scripts/score.py"), "").expect("the file can be written");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_dp"))
        .args(["-C", &folder.path().to_string_lossy(), "validate"])
        .output()
        .expect("dp runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let whole: String = EXAMPLE.iter().map(|(_, text)| *text).collect();
    for table in dp::project::KEY_TABLES {
        for name in table.names().filter(|name| !["name", "sql_file", "depends_on"].contains(name)) {
            let written = [format!("{name} ="), format!("[{name}"), format!("\"{name}\""), format!(".{name}]")];
            assert!(written.iter().any(|written| whole.contains(written)), "no example of `{name}` in {}", table.title);
        }
    }
}

#[test]
fn the_exit_codes() {
    let mut page = format!("# Exit codes\n\n{NOTE}");
    line(&mut page, "The exit code says who has to act.");
    page.push_str("| exit | meaning |\n|---|---|\n");
    for exit in dp::cli::Exit::ALL {
        let _ = writeln!(page, "| {} | {} |", exit.code(), cell(exit.meaning()));
    }
    check("docs/reference/exit-codes.md", &page);
}

#[test]
fn the_completions() {
    for shell in Shell::value_variants() {
        let script = dp::cli::completions::script(*shell);
        check(&format!("completions/{}", shell.file_name("dp")), &script);
    }
}
