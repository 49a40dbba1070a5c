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

      × can't export to `data/orders.csv`: the source `raw.orders` would read the
      │ file
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

      × can't export to `assets/orders.csv`: `assets` is reserved for the project
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
      help: use a path relative to the project, without `..`, `~` and links that
            lead out of the project

    1 error
    [exit 1]
    "#);
    assert_snapshot!(export(".dp/orders.csv"), @r#"
    --- stderr ---
    dp::project::export_path

      × can't export to `.dp/orders.csv`: `.dp` is reserved for the project
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

      × can't export to `warehouse/orders.csv`: `warehouse` is reserved for the
      │ project
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

      × can't export to `out/a.csv`: `a.one` exports to the same path
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
