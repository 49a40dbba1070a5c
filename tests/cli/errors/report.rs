//! How all problems of a project are reported together.

use insta::assert_snapshot;

use super::project;
use crate::sandbox::{Sandbox, text};

#[test]
fn dp_of_another_version() {
    let output = Sandbox::bare().file("dp.toml", "[project]\nname = \"shop\"\nrequires = \">=99\"\n").dp(["plan"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::requires

      × this project requires dp >=99, but this is dp 0.1.0
       ╭─[dp.toml:3:12]
     2 │ name = "shop"
     3 │ requires = ">=99"
       ·            ───┬──
       ·               ╰── required here
       ╰────
      help: install a matching version of dp, or change `requires`

    1 error
    [exit 1]
    "#);
}

/// One mistake in each of three files, and two in a fourth.
fn many_mistakes() -> Sandbox {
    project()
        .asset("a.one", "kind = \"sql\"\nsql = \"select id from raw.orders\"\nowners = \"me\"\n")
        .sql("b.two", "select nothing from raw.orders")
        .sql("c.three", "select id from raw.nowhere")
        .asset("d.four", "kind = \"sql\"\nsql = \"select id from raw.orders\"\ntags = 3\nprotect = 3\n")
}

#[test]
fn all_problems_are_reported_at_once_and_sorted() {
    assert_snapshot!(many_mistakes().dp(["validate"]), @r#"
    --- stderr ---
    dp::project::unknown_key

      × unknown key `owners` in an asset file
       ╭─[assets/a/one.toml:3:1]
     2 │ sql = "select id from raw.orders"
     3 │ owners = "me"
       · ───┬──
       ·    ╰── not a key of an asset file
       ╰────
      help: did you mean `owner`?

    dp::sql::unknown_column

      × referenced column "nothing" not found in FROM clause!
      │ Candidate bindings: "amount"
       ╭─[assets/b/two.toml:3:8]
     2 │ sql = """
     3 │ select nothing from raw.orders
       ·        ───┬───
       ·           ╰── no such column
     4 │ """
       ╰────
      help: use a column of the inputs; `dp show ASSET` lists them

    dp::graph::unknown_upstream

      × unknown upstream `raw.nowhere`
       ╭─[assets/c/three.toml:3:16]
     2 │ sql = """
     3 │ select id from raw.nowhere
       ·                ─────┬─────
       ·                     ╰── not declared in this project
     4 │ """
       ╰────
      help: declare it in assets/raw/nowhere.toml, or correct the name

    dp::project::wrong_type

      × `tags` is an integer, but must be an array of strings
       ╭─[assets/d/four.toml:3:8]
     2 │ sql = "select id from raw.orders"
     3 │ tags = 3
       ·        ┬
       ·        ╰── expected an array of strings
     4 │ protect = 3
       ╰────
      help: write `tags` as an array of strings

    dp::project::wrong_type

      × `protect` is an integer, but must be true or false
       ╭─[assets/d/four.toml:4:11]
     3 │ tags = 3
     4 │ protect = 3
       ·           ┬
       ·           ╰── expected true or false
       ╰────
      help: write `protect` as true or false

    5 errors
    [exit 1]
    "#);
}

#[test]
fn every_command_reports_them_alike() {
    let sandbox = many_mistakes();
    let expected = sandbox.dp(["validate"]).to_string();
    assert_eq!(sandbox.dp(["plan"]).to_string(), expected);
    assert_eq!(sandbox.dp(["apply", "--auto-approve"]).to_string(), expected);
    assert!(!sandbox.path(".dp/state.db").exists(), "nothing is recorded of a project that can't be read");
}

#[test]
fn the_same_as_json() {
    let output = many_mistakes().dp(["validate", "--json"]).exits(1);
    assert_eq!(output.stderr, "");
    let json = output.json();
    assert_eq!(json["format_version"], "1.0");
    let places: Vec<_> = json["errors"]
        .as_array()
        .expect("a list of errors")
        .iter()
        .map(|error| {
            let help = text(&error["help"]);
            let message = text(&error["message"]);
            assert!(!help.is_empty() && !message.is_empty());
            format!("{}:{}:{} {}", text(&error["file"]), error["line"], error["column"], text(&error["code"]))
        })
        .collect();
    assert_snapshot!(places.join("\n"), @r"
    assets/a/one.toml:3:1 dp::project::unknown_key
    assets/b/two.toml:3:8 dp::sql::unknown_column
    assets/c/three.toml:3:16 dp::graph::unknown_upstream
    assets/d/four.toml:3:8 dp::project::wrong_type
    assets/d/four.toml:4:11 dp::project::wrong_type
    ");
}

#[test]
fn usage() {
    assert_snapshot!(project().dp(["plam"]), @r"
    --- stderr ---
    error: unrecognized subcommand 'plam'

      tip: a similar subcommand exists: 'plan'

    Usage: dp [OPTIONS] <COMMAND>

    For more information, try '--help'.
    [exit 64]
    ");
    assert_snapshot!(project().dp(["plan", "--al"]), @r"
    --- stderr ---
    error: unexpected argument '--al' found

      tip: a similar argument exists: '--all'

    Usage: dp plan --all [ASSET]...

    For more information, try '--help'.
    [exit 64]
    ");
}

#[test]
fn names_that_nobody_would_write_are_refused_before_the_engine_looks_for_them() {
    let name = "n".repeat(100_000);
    for sql in [format!("select {name}(1) as a"), format!("select 9{} as a", "9".repeat(100_000))] {
        let sandbox = Sandbox::new().sql("marts.odd", &sql);
        sandbox.dp(["validate"]).exits(1).says("a name or number is longer than 16384 bytes");
    }
    let sandbox = Sandbox::new().sql("marts.text", &format!("select '{name}' as a"));
    sandbox.dp(["validate"]).success();
}
