//! Mistakes in the keys of `dp.toml` and of asset files, and in the names of assets.

use insta::assert_snapshot;

use super::{project, with};
use crate::sandbox::Sandbox;

#[test]
fn no_project() {
    assert_snapshot!(Sandbox::bare().dp(["plan"]), @r"
    --- stderr ---
    dp::project::not_found

      × no dp.toml in `$DIR` or in any folder above it
      help: run `dp init` to create a project, or name one with `--project DIR`

    1 error
    [exit 1]
    ");
}

#[test]
fn broken_toml() {
    assert_snapshot!(with("kind = \"sql\"\nsql = \"select 1\n"), @r#"
    --- stderr ---
    dp::project::syntax

      × invalid TOML: invalid basic string, expected `"`
       ╭─[assets/staging/orders.toml:2:16]
     1 │ kind = "sql"
     2 │ sql = "select 1
       ·                ▲
       ·                ╰── here
       ╰────
      help: correct the file here; see https://toml.io for the grammar

    1 error
    [exit 1]
    "#);
}

#[test]
fn unknown_key() {
    let output = with(
        "
        kind = \"sql\"
        sql = \"select id from raw.orders\"
        desription = \"Orders\"
        ",
    );
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::unknown_key

      × unknown key `desription` in an asset file
       ╭─[assets/staging/orders.toml:3:1]
     2 │ sql = "select id from raw.orders"
     3 │ desription = "Orders"
       · ─────┬────
       ·      ╰── not a key of an asset file
       ╰────
      help: did you mean `description`?

    1 error
    [exit 1]
    "#);
}

#[test]
fn unknown_key_in_the_project_file() {
    let output = Sandbox::bare().file("dp.toml", "[project]\nname = \"shop\"\ntimezones = \"UTC\"\n").dp(["validate"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::unknown_key

      × unknown key `timezones` in [project]
       ╭─[dp.toml:3:1]
     2 │ name = "shop"
     3 │ timezones = "UTC"
       · ────┬────
       ·     ╰── not a key of [project]
       ╰────
      help: did you mean `timezone`?

    1 error
    [exit 1]
    "#);
}

#[test]
fn unknown_key_of_a_check() {
    let output = with(
        "
        kind = \"sql\"
        sql = \"select id from raw.orders\"

        [[checks]]
        uniqe = [\"id\"]
        ",
    );
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::unknown_key

      × unknown key `uniqe` in [[checks]]
       ╭─[assets/staging/orders.toml:5:1]
     4 │ [[checks]]
     5 │ uniqe = ["id"]
       · ──┬──
       ·   ╰── not a key of [[checks]]
       ╰────
      help: did you mean `unique`?

    1 error
    [exit 1]
    "#);
}

#[test]
fn missing_key() {
    assert_snapshot!(with("kind = \"sql\"\n"), @r#"
    --- stderr ---
    dp::project::missing_key

      × missing key `sql` in an asset file
       ╭─[assets/staging/orders.toml:1:1]
     1 │ kind = "sql"
       · ──────┬─────
       ·       ╰── `sql` belongs here
       ╰────
      help: add `sql = "select … from …"` or `sql_file = "sql/orders.sql"`

    1 error
    [exit 1]
    "#);
}

#[test]
fn missing_kind() {
    assert_snapshot!(with("description = \"Orders\"\n"), @r#"
    --- stderr ---
    dp::project::missing_key

      × missing key `kind` in an asset file
       ╭─[assets/staging/orders.toml:1:1]
     1 │ description = "Orders"
       · ───────────┬──────────
       ·            ╰── `kind` belongs here
       ╰────
      help: add `kind = "sql"`

    1 error
    [exit 1]
    "#);
}

#[test]
fn missing_source() {
    assert_snapshot!(with("kind = \"source\"\n"), @r#"
    --- stderr ---
    dp::project::missing_key

      × missing key `source` in an asset file
       ╭─[assets/staging/orders.toml:1:1]
     1 │ kind = "source"
       · ───────┬───────
       ·        ╰── `source` belongs here
       ╰────
      help: add `[source]
            path = "data/orders.csv"`

    1 error
    [exit 1]
    "#);
}

#[test]
fn missing_project_name() {
    assert_snapshot!(Sandbox::bare().file("dp.toml", "[project]\n").dp(["validate"]), @r#"
    --- stderr ---
    dp::project::missing_key

      × missing key `name` in [project]
       ╭─[dp.toml:1:2]
     1 │ [project]
       ·  ───┬───
       ·     ╰── `name` belongs here
       ╰────
      help: add `name = "shop"`

    1 error
    [exit 1]
    "#);
}

#[test]
fn wrong_type() {
    let output = with(
        "
        kind = \"sql\"
        sql = \"select id from raw.orders\"
        tags = \"daily\"
        protect = \"yes\"
        ",
    );
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::wrong_type

      × `tags` is a string, but must be an array of strings
       ╭─[assets/staging/orders.toml:3:8]
     2 │ sql = "select id from raw.orders"
     3 │ tags = "daily"
       ·        ───┬───
       ·           ╰── expected an array of strings
     4 │ protect = "yes"
       ╰────
      help: write `tags` as an array of strings

    dp::project::wrong_type

      × `protect` is a string, but must be true or false
       ╭─[assets/staging/orders.toml:4:11]
     3 │ tags = "daily"
     4 │ protect = "yes"
       ·           ──┬──
       ·             ╰── expected true or false
       ╰────
      help: write `protect` as true or false

    2 errors
    [exit 1]
    "#);
}

#[test]
fn bad_value() {
    let output = with(
        "
        kind = \"sql\"
        sql = \"select id from raw.orders\"
        materialize = \"tabel\"
        refresh = \"soon\"
        ",
    );
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::bad_value

      × `materialize` can't be `tabel`
       ╭─[assets/staging/orders.toml:3:15]
     2 │ sql = "select id from raw.orders"
     3 │ materialize = "tabel"
       ·               ───┬───
       ·                  ╰── not accepted
     4 │ refresh = "soon"
       ╰────
      help: write `table` or `view`

    dp::project::bad_value

      × `refresh` can't be `soon`
       ╭─[assets/staging/orders.toml:4:11]
     3 │ materialize = "tabel"
     4 │ refresh = "soon"
       ·           ───┬──
       ·              ╰── not accepted
       ╰────
      help: write a duration such as `"90s"`, `"10m"`, `"24h"` or `"7d"`

    2 errors
    [exit 1]
    "#);
}

#[test]
fn unknown_kind() {
    assert_snapshot!(with("kind = \"sqll\"\nsql = \"select 1 as a\"\n"), @r#"
    --- stderr ---
    dp::project::unknown_kind

      × unknown kind `sqll`
       ╭─[assets/staging/orders.toml:1:8]
     1 │ kind = "sqll"
       ·        ───┬──
       ·           ╰── not a kind of asset
     2 │ sql = "select 1 as a"
       ╰────
      help: did you mean `sql`?

    1 error
    [exit 1]
    "#);
}

#[test]
fn key_of_another_kind() {
    let output = with(
        "
        kind = \"sql\"
        sql = \"select id from raw.orders\"

        [source]
        path = \"data/orders.csv\"
        ",
    );
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::key_of_other_kind

      × `source` does not belong to kind `sql`
       ╭─[assets/staging/orders.toml:4:2]
     3 │
     4 │ [source]
       ·  ───┬──
       ·     ╰── not for kind `sql`
     5 │ path = "data/orders.csv"
       ╰────
      help: remove `source`, or change `kind`

    1 error
    [exit 1]
    "#);
}

#[test]
fn sql_and_sql_file() {
    let output = project()
        .file("sql/orders.sql", "select 1 as a\n")
        .asset("staging.orders", "kind = \"sql\"\nsql = \"select 1 as a\"\nsql_file = \"sql/orders.sql\"\n")
        .dp(["validate"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::exclusive_keys

      × `sql` and `sql_file` can't be used together
       ╭─[assets/staging/orders.toml:2:7]
     1 │ kind = "sql"
     2 │ sql = "select 1 as a"
       ·       ───────┬───────
       ·              ╰── first key
     3 │ sql_file = "sql/orders.sql"
       ·            ────────┬───────
       ·                    ╰── second key
       ╰────
      help: remove one of the two

    1 error
    [exit 1]
    "#);
}

#[test]
fn bad_name() {
    let output =
        project().file("assets/staging/Big-Orders.toml", "kind = \"sql\"\nsql = \"select 1 as a\"\n").dp(["validate"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::bad_name

      × bad name: `Big-Orders` is not a valid name: use at most 63 characters of a
      │ to z, 0 to 9 and _, and no digit at the start
       ╭─[assets/staging/Big-Orders.toml:1:1]
     1 │ kind = "sql"
       · ──────┬─────
       ·       ╰── not a name for an asset
     2 │ sql = "select 1 as a"
       ╰────
      help: rename the file or its folder, or add `name = "schema.name"`

    1 error
    [exit 1]
    "#);
}

#[test]
fn reserved_schema() {
    let output = project().asset("temp.orders", "kind = \"sql\"\nsql = \"select 1 as a\"\n").dp(["validate"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::bad_name

      × bad name: the schema `temp` is reserved
       ╭─[assets/temp/orders.toml:1:1]
     1 │ kind = "sql"
       · ──────┬─────
       ·       ╰── not a name for an asset
     2 │ sql = "select 1 as a"
       ╰────
      help: rename the file or its folder, or add `name = "schema.name"`

    1 error
    [exit 1]
    "#);
}

#[test]
fn a_deeper_folder_needs_a_name() {
    let output = project().file("assets/a/b/c.toml", "kind = \"sql\"\nsql = \"select 1 as a\"\n").dp(["validate"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::bad_name

      × bad name: `a.b.c` has more than one dot: a name is `schema.name`
       ╭─[assets/a/b/c.toml:1:1]
     1 │ kind = "sql"
       · ──────┬─────
       ·       ╰── not a name for an asset
     2 │ sql = "select 1 as a"
       ╰────
      help: add `name = "schema.name"`: dp derives no name from deeper folders

    1 error
    [exit 1]
    "#);
}

#[test]
fn two_assets_of_one_name() {
    let output = project()
        .sql("staging.orders", "select id from raw.orders")
        .file("assets/other/orders.toml", "name = \"staging.orders\"\nkind = \"sql\"\nsql = \"select 1 as a\"\n")
        .dp(["validate"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::duplicate_asset

      × two assets have the name `staging.orders`
       ╭─[assets/staging/orders.toml:1:8]
     1 │ kind = "sql"
       ·        ──┬──
       ·          ╰── declared again here
     2 │ sql = """
       ╰────
      help: rename one of the files, or set another `name` in one of them

    Advice:
      ☞ first declared here
       ╭─[assets/other/orders.toml:1:8]
     1 │ name = "staging.orders"
       ·        ────────────────
     2 │ kind = "sql"
       ╰────

    1 error
    [exit 1]
    "#);
}

#[test]
fn a_variable_has_one_type_in_all_environments() {
    let sandbox = Sandbox::new()
        .file("dp.toml", "[project]\nname = \"shop\"\n\n[vars]\nn = 7\n\n[environments.dev.vars]\nn = \"10\"\n")
        .sql("t.x", "select ${var.n} as n");
    // Whatever environment is asked about.
    for environment in ["prod", "dev"] {
        let output = sandbox.dp(["validate", "--env", environment]).exits(1).says("dp::project::variable_type");
        let output = output.says("`n` is a string in the environment `dev`, but an integer in [vars]");
        output.says("declared here").says("and with another type here");
    }
    sandbox.edit("dp.toml", "\"10\"", "10");
    sandbox.dp(["validate", "--env", "dev"]).success();
    sandbox.dp(["plan", "--env", "dev", "--var", "n=abc"]).exits(1).says("`abc` is not of type integer");
}
