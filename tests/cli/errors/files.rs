//! Files that are not there, lie outside, or can't be read.

use insta::assert_snapshot;

use super::{project, with};
use crate::sandbox::Output;

#[test]
fn missing_sql_file() {
    let output = with("kind = \"sql\"\nsql_file = \"sql/orders.sql\"\n");
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::missing_file

      × `sql/orders.sql` does not exist
       ╭─[assets/staging/orders.toml:2:12]
     1 │ kind = "sql"
     2 │ sql_file = "sql/orders.sql"
       ·            ────────┬───────
       ·                    ╰── no such file
       ╰────
      help: create it, or correct the path, which is relative to the project

    1 error
    [exit 1]
    "#);
}

#[test]
fn sql_file_outside_the_project() {
    let output = with("kind = \"sql\"\nsql_file = \"../orders.sql\"\n");
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::outside

      × `../orders.sql` leads out of the project
       ╭─[assets/staging/orders.toml:2:12]
     1 │ kind = "sql"
     2 │ sql_file = "../orders.sql"
       ·            ───────┬───────
       ·                   ╰── not inside the project
       ╰────
      help: use a path relative to the project, without `..`, `~` and links that
            lead out of the project

    1 error
    [exit 1]
    "#);
}

#[test]
fn glob_that_matches_nothing() {
    let output = with("kind = \"source\"\n\n[source]\npath = \"data/2026-*.csv\"\n");
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::no_files

      × `data/2026-*.csv` matches no file
       ╭─[assets/staging/orders.toml:4:8]
     3 │ [source]
     4 │ path = "data/2026-*.csv"
       ·        ────────┬────────
       ·                ╰── matches nothing
       ╰────
      help: correct the path or the pattern (`*` within a folder, `**` across
            folders), or add the files

    1 error
    [exit 1]
    "#);
}

#[test]
fn source_outside_the_project() {
    assert_snapshot!(with("kind = \"source\"\n\n[source]\npath = \"/etc/passwd\"\nformat = \"csv\"\n"), @r#"
    --- stderr ---
    dp::project::outside

      × `/etc/passwd` leads out of the project
       ╭─[assets/staging/orders.toml:4:8]
     3 │ [source]
     4 │ path = "/etc/passwd"
       ·        ──────┬──────
       ·              ╰── not inside the project
     5 │ format = "csv"
       ╰────
      help: use a path relative to the project, without `..`, `~` and links that
            lead out of the project

    1 error
    [exit 1]
    "#);
    assert_snapshot!(with("kind = \"source\"\n\n[source]\npath = \"../*.csv\"\n"), @r#"
    --- stderr ---
    dp::project::outside

      × `../*.csv` leads out of the project
       ╭─[assets/staging/orders.toml:4:8]
     3 │ [source]
     4 │ path = "../*.csv"
       ·        ─────┬────
       ·             ╰── not inside the project
       ╰────
      help: use a path relative to the project, without `..`, `~` and links that
            lead out of the project

    1 error
    [exit 1]
    "#);
}

#[test]
fn source_behind_a_link_that_leads_outside() {
    let sandbox = project().source("raw.users", "data/users.csv");
    std::os::unix::fs::symlink("/etc/passwd", sandbox.path("data/users.csv")).expect("a link");
    assert_snapshot!(sandbox.dp(["validate"]), @r#"
    --- stderr ---
    dp::project::outside

      × `data/users.csv` leads out of the project
       ╭─[assets/raw/users.toml:4:8]
     3 │ [source]
     4 │ path = "data/users.csv"
       ·        ────────┬───────
       ·                ╰── not inside the project
       ╰────
      help: use a path relative to the project, without `..`, `~` and links that
            lead out of the project

    1 error
    [exit 1]
    "#);
}

#[test]
fn source_of_unknown_format() {
    let output = project().file("data/orders.dat", "x").source("staging.orders", "data/orders.dat").dp(["validate"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::missing_key

      × missing key `format` in [source]
       ╭─[assets/staging/orders.toml:3:2]
     2 │
     3 │ [source]
       ·  ───┬──
       ·     ╰── `format` belongs here
     4 │ path = "data/orders.dat"
       ╰────
      help: add `format = "csv"`

    1 error
    [exit 1]
    "#);
}

/// The engine's reason is shown without its lists of everything that could be tried, and names files as the project does.
fn unreadable(path: &str, toml: &str, content: &str, code: &str) -> Output {
    let sandbox = project().file(path, content).asset("raw.bad", toml);
    let output = sandbox.dp(["validate"]).exits(1).says(code);
    assert!(!output.stderr.contains("dp-cli-"), "a path that is not relative to the project:\n{output}");
    assert!(output.stderr.lines().count() <= 25, "more than a person reads:\n{output}");
    output.says("assets/raw/bad.toml:4:8")
}

#[test]
fn unreadable_csv() {
    let toml = "
        kind = \"source\"

        [source]
        path = \"data/bad.csv\"
        options = { columns = { id = \"BIGINT\", amount = \"BIGINT\" } }
        ";
    let output = unreadable("data/bad.csv", toml, "id,amount\n1,10\n2,20,30\n", "dp::source::rows");
    output.says("data/bad.csv:3: the row has 3 fields, but the header has 2");
}

#[test]
fn unreadable_json() {
    let toml = "kind = \"source\"\n\n[source]\npath = \"data/bad.json\"\n";
    unreadable("data/bad.json", toml, "[{\"id\": 1}, {\"id\": ", "dp::source::json")
        .says("data/bad.json:1: EOF while parsing a value");
}

#[test]
fn unreadable_parquet() {
    let toml = "kind = \"source\"\n\n[source]\npath = \"data/bad.parquet\"\n";
    let output = unreadable("data/bad.parquet", toml, "no parquet", "dp::sql::unreadable_source");
    output.says("dp can't read `data/bad.parquet`").says("too small to be a Parquet file");
}

#[test]
fn unknown_reader_option() {
    let output = with("kind = \"source\"\n\n[source]\npath = \"data/orders.csv\"\noptions = { delimeter = \";\" }\n");
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::source::option

      × the option `delimeter` is not an option of CSV sources
       ╭─[assets/staging/orders.toml:4:8]
     3 │ [source]
     4 │ path = "data/orders.csv"
       ·        ────────┬────────
       ·                ╰── this source
     5 │ options = { delimeter = ";" }
       ╰────
      help: did you mean `delimiter`?

    1 error
    [exit 1]
    "#);
}
