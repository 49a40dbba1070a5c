//! Exports in the wrong place.

use insta::assert_snapshot;

use super::{project, with};

#[test]
fn exports_in_the_wrong_place() {
    let export = |path: &str| {
        with(&format!(
            "kind = \"sql\"\nsql = \"select id from raw.orders\"\nmaterialize = {{ file = \"{path}\", format = \"csv\" }}\n"
        ))
    };
    assert_snapshot!(export("data/orders.csv"), @r#"
    --- stderr ---
    dp::project::export_path

      × an export can't be put at `data/orders.csv`: the source `raw.orders` would
      │ read it
       ╭─[assets/staging/orders.toml:3:1]
     2 │ sql = "select id from raw.orders"
     3 │ materialize = { file = "data/orders.csv", format = "csv" }
       · ─────┬─────
       ·      ╰── not possible here
       ╰────
      help: choose another path for the file

    1 error
    [exit 1]
    "#);
    assert_snapshot!(export("assets/orders.csv"), @r#"
    --- stderr ---
    dp::project::export_path

      × an export can't be put at `assets/orders.csv`: `assets` belongs to the
      │ project itself
       ╭─[assets/staging/orders.toml:3:1]
     2 │ sql = "select id from raw.orders"
     3 │ materialize = { file = "assets/orders.csv", format = "csv" }
       · ─────┬─────
       ·      ╰── not possible here
       ╰────
      help: choose another path for the file

    1 error
    [exit 1]
    "#);
    assert_snapshot!(export("../orders.csv"), @r#"
    --- stderr ---
    dp::project::outside

      × `../orders.csv` leads out of the project
       ╭─[assets/staging/orders.toml:3:24]
     2 │ sql = "select id from raw.orders"
     3 │ materialize = { file = "../orders.csv", format = "csv" }
       ·                        ───────┬───────
       ·                               ╰── not inside the project
       ╰────
      help: use a path relative to the project, without `..` or `~`; links may not
            lead out of it either

    1 error
    [exit 1]
    "#);
    assert_snapshot!(export(".dp/orders.csv"), @r#"
    --- stderr ---
    dp::project::export_path

      × an export can't be put at `.dp/orders.csv`: `.dp` belongs to the project
      │ itself
       ╭─[assets/staging/orders.toml:3:1]
     2 │ sql = "select id from raw.orders"
     3 │ materialize = { file = ".dp/orders.csv", format = "csv" }
       · ─────┬─────
       ·      ╰── not possible here
       ╰────
      help: choose another path for the file

    1 error
    [exit 1]
    "#);
    assert_snapshot!(export("warehouse/orders.csv"), @r#"
    --- stderr ---
    dp::project::export_path

      × an export can't be put at `warehouse/orders.csv`: `warehouse` belongs to the
      │ project itself
       ╭─[assets/staging/orders.toml:3:1]
     2 │ sql = "select id from raw.orders"
     3 │ materialize = { file = "warehouse/orders.csv", format = "csv" }
       · ─────┬─────
       ·      ╰── not possible here
       ╰────
      help: choose another path for the file

    1 error
    [exit 1]
    "#);
}

#[test]
fn two_exports_of_one_path() {
    let toml = "kind = \"sql\"\nsql = \"select id from raw.orders\"\nmaterialize = { file = \"out/a.csv\", format = \"csv\" }\n";
    let output = project().asset("a.one", toml).asset("a.two", toml).dp(["validate"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::export_path

      × an export can't be put at `out/a.csv`: `a.one` exports to the same path
       ╭─[assets/a/two.toml:3:1]
     2 │ sql = "select id from raw.orders"
     3 │ materialize = { file = "out/a.csv", format = "csv" }
       · ─────┬─────
       ·      ╰── not possible here
       ╰────
      help: choose another path for the file

    1 error
    [exit 1]
    "#);
}
