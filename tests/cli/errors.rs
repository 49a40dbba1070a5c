//! Every mistake that a person can make in a project, as it is shown at 80 columns.

use insta::assert_snapshot;

use crate::sandbox::{Output, Sandbox, text};

/// A project with one source of two columns, for the queries of these tests.
fn project() -> Sandbox {
    Sandbox::new().file("data/orders.csv", "id,amount\n1,10\n2,20\n").source("raw.orders", "data/orders.csv")
}

/// What `dp validate` says about the project above with one more asset.
fn with(asset: &str) -> Output {
    project().asset("staging.orders", asset).dp(["validate"])
}

/// The same for a query.
fn query(sql: &str) -> Output {
    project().sql("staging.orders", sql).dp(["validate"])
}

#[test]
fn no_project() {
    assert_snapshot!(Sandbox::bare().dp(["plan"]), @r"
    --- stderr ---
    dp::project::not_found

      × no dp.toml in `$DIR` or any folder above it
      help: run `dp init` to make a project, or name one with `--project DIR`

    1 error
    [exit 1]
    ");
}

#[test]
fn broken_toml() {
    assert_snapshot!(with("kind = \"sql\"\nsql = \"select 1\n"), @r#"
    --- stderr ---
    dp::project::syntax

      × this is no TOML: invalid basic string, expected `"`
       ╭─[assets/staging/orders.toml:2:16]
     1 │ kind = "sql"
     2 │ sql = "select 1
       ·                ▲
       ·                ╰── here
       ╰────
      help: correct the file here; https://toml.io has the grammar

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

      × `tags` is a string, and must be an array of strings
       ╭─[assets/staging/orders.toml:3:8]
     2 │ sql = "select id from raw.orders"
     3 │ tags = "daily"
       ·        ───┬───
       ·           ╰── expected an array of strings
     4 │ protect = "yes"
       ╰────
      help: write `tags` as an array of strings

    dp::project::wrong_type

      × `protect` is a string, and must be true or false
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

      × only one of `sql` and `sql_file` can be given
       ╭─[assets/staging/orders.toml:2:7]
     1 │ kind = "sql"
     2 │ sql = "select 1 as a"
       ·       ───────┬───────
       ·              ╰── given here
     3 │ sql_file = "sql/orders.sql"
       ·            ────────┬───────
       ·                    ╰── and here
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

      × bad name: `Big-Orders` is not a name: use a to z, 0 to 9 and _, not
      │ beginning with a digit, at most 63 characters
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
      help: files in deeper folders need `name = "schema.name"`

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

      × two assets are called `staging.orders`
       ╭─[assets/staging/orders.toml:1:8]
     1 │ kind = "sql"
       ·        ──┬──
       ·          ╰── declared again here
     2 │ sql = """
       ╰────
      help: rename one of the files, or give one another `name`

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
fn unknown_upstream() {
    assert_snapshot!(query("select id\nfrom raw.order"), @r#"
    --- stderr ---
    dp::graph::unknown_upstream

      × unknown upstream `raw.order`
       ╭─[assets/staging/orders.toml:4:6]
     3 │ select id
     4 │ from raw.order
       ·      ────┬────
       ·          ╰── not declared in this project
     5 │ """
       ╰────
      help: did you mean `raw.orders`?

    1 error
    [exit 1]
    "#);
}

#[test]
fn unknown_upstream_like_nothing() {
    assert_snapshot!(query("select id\nfrom raw.orders\njoin somewhere.parcels using (id)"), @r#"
    --- stderr ---
    dp::graph::unknown_upstream

      × unknown upstream `somewhere.parcels`
       ╭─[assets/staging/orders.toml:5:6]
     4 │ from raw.orders
     5 │ join somewhere.parcels using (id)
       ·      ────────┬────────
       ·              ╰── not declared in this project
     6 │ """
       ╰────
      help: declare it in assets/somewhere/parcels.toml, or correct the name

    1 error
    [exit 1]
    "#);
}

#[test]
fn unknown_upstream_in_depends_on() {
    let output = with("kind = \"sql\"\nsql = \"select 1 as a\"\ndepends_on = [\"raw.orderz\"]\n");
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::graph::unknown_upstream

      × unknown upstream `raw.orderz`
       ╭─[assets/staging/orders.toml:3:15]
     2 │ sql = "select 1 as a"
     3 │ depends_on = ["raw.orderz"]
       ·               ──────┬─────
       ·                     ╰── not declared in this project
       ╰────
      help: did you mean `raw.orders`?

    1 error
    [exit 1]
    "#);
}

#[test]
fn a_cte_is_no_upstream() {
    let output = query("with recent as (select id from raw.orders) select o.id from recent as o");
    assert_snapshot!(output, @r"
    Valid: 2 assets.
    [exit 0]
    ");
}

#[test]
fn cycle() {
    let output = project()
        .sql("a.first", "select id from c.third")
        .sql("b.second", "select id from a.first")
        .sql("c.third", "select o.id\nfrom raw.orders as o\njoin b.second using (id)")
        .dp(["validate"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::graph::cycle

      × cycle: a.first → c.third → b.second → a.first
       ╭─[assets/a/first.toml:3:16]
     2 │ sql = """
     3 │ select id from c.third
       ·                ───┬───
       ·                   ╰── reads `c.third` here
     4 │ """
       ╰────
      help: an asset can't be made from itself: remove one of these references

    1 error
    [exit 1]
    "#);
}

#[test]
fn an_asset_that_reads_itself() {
    assert_snapshot!(query("select id from staging.orders"), @r#"
    --- stderr ---
    dp::graph::cycle

      × cycle: staging.orders → staging.orders
       ╭─[assets/staging/orders.toml:3:16]
     2 │ sql = """
     3 │ select id from staging.orders
       ·                ───────┬──────
       ·                       ╰── reads `staging.orders` here
     4 │ """
       ╰────
      help: an asset can't be made from itself: remove one of these references

    1 error
    [exit 1]
    "#);
}

#[test]
fn unknown_variable() {
    let output = project()
        .file("dp.toml", "[project]\nname = \"shop\"\n\n[vars]\nmin_amount = 5\n")
        .sql("staging.orders", "select id\nfrom raw.orders\nwhere amount > ${var.min_amont}")
        .dp(["validate"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::sql::unknown_variable

      × unknown variable `min_amont`
       ╭─[assets/staging/orders.toml:5:16]
     4 │ from raw.orders
     5 │ where amount > ${var.min_amont}
       ·                ────────┬───────
       ·                        ╰── not in [vars]
     6 │ """
       ╰────
      help: did you mean `min_amount`?

    1 error
    [exit 1]
    "#);
}

#[test]
fn unknown_variable_on_the_command_line() {
    assert_snapshot!(project().dp(["plan", "--var", "min_amount=3"]), @r"
    --- stderr ---
    dp::project::bad_variable

      × `--var min_amount=3`: unknown variable `min_amount`
      help: declare it in dp.toml: `min_amount = …` under [vars]

    1 error
    [exit 1]
    ");
    assert_snapshot!(project().dp(["plan", "--var", "min_amount"]), @r"
    --- stderr ---
    dp::project::bad_variable

      × `--var min_amount`: no `=`
      help: write `--var name=value`

    1 error
    [exit 1]
    ");
}

#[test]
fn variable_of_another_type_on_the_command_line() {
    let sandbox = project().file("dp.toml", "[project]\nname = \"shop\"\n\n[vars]\nmin_amount = 5\n");
    assert_snapshot!(sandbox.dp(["plan", "--var", "min_amount=five"]), @r"
    --- stderr ---
    dp::project::bad_variable

      × `--var min_amount=five`: `five` is no integer
      help: `min_amount` is declared with the value 5; give one of its type

    1 error
    [exit 1]
    ");
}

#[test]
fn unknown_environment() {
    let sandbox = project().file("dp.toml", "[project]\nname = \"shop\"\n\n[environments.dev]\n");
    assert_snapshot!(sandbox.dp(["plan", "--env", "def"]), @r"
    --- stderr ---
    dp::project::unknown_environment

      × unknown environment `def`
      help: did you mean `dev`?

    1 error
    [exit 1]
    ");
}

#[test]
fn placeholders() {
    assert_snapshot!(query("select '${var.x}' as a, ${vars.x} as b from raw.orders"), @r#"
    --- stderr ---
    dp::sql::quoted_placeholder

      × `${var.x}` stands inside quotes
       ╭─[assets/staging/orders.toml:3:9]
     2 │ sql = """
     3 │ select '${var.x}' as a, ${vars.x} as b from raw.orders
       ·         ────┬───
       ·             ╰── inside a quoted text or name
     4 │ """
       ╰────
      help: a value is inserted as a literal with its own quotes; join texts with
            `||`, as in `'before ' || ${var.x}`, or write `$${` for a literal `${`

    dp::sql::unknown_placeholder

      × `${vars.x}` means nothing here
       ╭─[assets/staging/orders.toml:3:25]
     2 │ sql = """
     3 │ select '${var.x}' as a, ${vars.x} as b from raw.orders
       ·                         ────┬────
       ·                             ╰── not a placeholder
     4 │ """
       ╰────
      help: a placeholder is `${var.NAME}`, and in checks `${this}`; write `$${` for
            a literal `${`

    2 errors
    [exit 1]
    "#);
    assert_snapshot!(query("select id from raw.orders where amount > ${var.x"), @r#"
    --- stderr ---
    dp::sql::open_placeholder

      × `${` is never closed
       ╭─[assets/staging/orders.toml:3:42]
     2 │ sql = """
     3 │ select id from raw.orders where amount > ${var.x
       ·                                          ─┬
       ·                                           ╰── opened here
     4 │ """
       ╰────
      help: add the closing brace, or write `$${` for a literal `${`

    1 error
    [exit 1]
    "#);
}

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
       ·                    ╰── nothing is there
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
      help: use a path relative to the project, without `..`; links may not lead out
            of it either

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
            folders), or put the files there

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
      help: use a path relative to the project, without `..`; links may not lead out
            of it either

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
      help: use a path relative to the project, without `..`; links may not lead out
            of it either

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
      help: use a path relative to the project, without `..`; links may not lead out
            of it either

    1 error
    [exit 1]
    "#);
}

#[test]
fn source_of_unknown_format() {
    let output = project().file("data/orders.xls", "x").source("staging.orders", "data/orders.xls").dp(["validate"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::missing_key

      × missing key `format` in [source]
       ╭─[assets/staging/orders.toml:3:2]
     2 │
     3 │ [source]
       ·  ───┬──
       ·     ╰── `format` belongs here
     4 │ path = "data/orders.xls"
       ╰────
      help: add `format = "csv"`

    1 error
    [exit 1]
    "#);
}

/// The engine's reason is shown without its lists of everything that could be tried, and names files as the project does.
fn unreadable(path: &str, toml: &str, content: &str) -> Output {
    let sandbox = project().file(path, content).asset("raw.bad", toml);
    let output = sandbox.dp(["validate"]).exits(1).says("dp::sql::unreadable_source");
    assert!(!output.stderr.contains("dp-cli-"), "a path that is not relative to the project:\n{output}");
    assert!(output.stderr.lines().count() <= 25, "more than a person reads:\n{output}");
    output.says(&format!("`{path}` can't be read")).says("assets/raw/bad.toml:4:8")
}

#[test]
fn unreadable_csv() {
    let toml = "
        kind = \"source\"

        [source]
        path = \"data/bad.csv\"
        options = { columns = { id = \"BIGINT\", amount = \"BIGINT\" } }
        ";
    unreadable("data/bad.csv", toml, "id,amount\n1,10\n2,20,30\n");
}

#[test]
fn unreadable_json() {
    let toml = "kind = \"source\"\n\n[source]\npath = \"data/bad.json\"\n";
    unreadable("data/bad.json", toml, "[{\"id\": 1}, {\"id\": ").says("malformed JSON");
}

#[test]
fn unreadable_parquet() {
    let toml = "kind = \"source\"\n\n[source]\npath = \"data/bad.parquet\"\n";
    unreadable("data/bad.parquet", toml, "no parquet").says("too small to be a Parquet file");
}

#[test]
fn unknown_reader_option() {
    let output = with("kind = \"source\"\n\n[source]\npath = \"data/orders.csv\"\noptions = { delimeter = \";\" }\n");
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::sql::unreadable_source

      × `data/orders.csv` can't be read: invalid named parameter "delimeter" for
      │ function read_csv
      │ Did you mean: "delimiter", "delim"
       ╭─[assets/staging/orders.toml:4:8]
     3 │ [source]
     4 │ path = "data/orders.csv"
       ·        ────────┬────────
       ·                ╰── these files
     5 │ options = { delimeter = ";" }
       ╰────
      help: correct the file, or tell the reader how it is written under `options`
            in [source]

    1 error
    [exit 1]
    "#);
}

#[test]
fn syntax_error_in_a_string() {
    assert_snapshot!(query("select\n    id,\n    amount,,\nfrom raw.orders"), @r#"
    --- stderr ---
    dp::sql::syntax

      × syntax error at or near ","
       ╭─[assets/staging/orders.toml:5:12]
     4 │     id,
     5 │     amount,,
       ·            ┬
       ·            ╰── the parser stops here
     6 │ from raw.orders
       ╰────
      help: correct the query here

    1 error
    [exit 1]
    "#);
}

#[test]
fn syntax_error_at_the_end() {
    assert_snapshot!(query("select id\nfrom raw.orders\nwhere (amount > 1"), @r#"
    --- stderr ---
    dp::sql::syntax

      × syntax error at or near "1"
       ╭─[assets/staging/orders.toml:5:17]
     4 │ from raw.orders
     5 │ where (amount > 1
       ·                 ┬
       ·                 ╰── the parser stops here
     6 │ """
       ╰────
      help: correct the query here

    1 error
    [exit 1]
    "#);
}

#[test]
fn syntax_error_in_a_string_with_escapes() {
    assert_snapshot!(with("kind = \"sql\"\nsql = \"select \\\"id\\\",\\tamount frm raw.orders x y\"\n"), @r#"
    --- stderr ---
    dp::sql::syntax

      × syntax error at or near "raw"
       ╭─[assets/staging/orders.toml:2:32]
     1 │ kind = "sql"
     2 │ sql = "select \"id\",\tamount frm raw.orders x y"
       ·                                ─┬
       ·                                 ╰── the parser stops here
       ╰────
      help: correct the query here

    1 error
    [exit 1]
    "#);
}

#[test]
fn syntax_error_in_a_file() {
    let output = project()
        .file("sql/orders.sql", "-- Orders\nselect id\nfrom raw.orders\nwhere amount >>> 3 4\n")
        .asset("staging.orders", "kind = \"sql\"\nsql_file = \"sql/orders.sql\"\n")
        .dp(["validate"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::sql::syntax

      × syntax error at or near "4"
       ╭─[sql/orders.sql:4:20]
     3 │ from raw.orders
     4 │ where amount >>> 3 4
       ·                    ┬
       ·                    ╰── the parser stops here
       ╰────
      help: correct the query here

    1 error
    [exit 1]
    "#);
}

#[test]
fn two_statements() {
    assert_snapshot!(query("select id from raw.orders; select 2"), @r#"
    --- stderr ---
    dp::sql::statements

      × this is 2 statements, and an asset is one
       ╭─[assets/staging/orders.toml:2:7]
     1 │     kind = "sql"
     2 │ ╭─▶ sql = """
     3 │ │   select id from raw.orders; select 2
     4 │ ├─▶ """
       · ╰──── one query belongs here
       ╰────
      help: keep one query: SELECT, VALUES, FROM or a set operation of them

    1 error
    [exit 1]
    "#);
}

#[test]
fn no_query() {
    assert_snapshot!(query("create table x as select 1 as a"), @r#"
    --- stderr ---
    dp::sql::refused

      × dp does not run a statement that is no query
       ╭─[assets/staging/orders.toml:2:7]
     1 │     kind = "sql"
     2 │ ╭─▶ sql = """
     3 │ │   create table x as select 1 as a
     4 │ ├─▶ """
       · ╰──── not possible in an asset
       ╰────
      help: an asset is one query: SELECT, VALUES, FROM or a set operation of them;
            PIVOT needs its values, `in (…)`

    1 error
    [exit 1]
    "#);
    assert_snapshot!(query("-- nothing"), @r#"
    --- stderr ---
    dp::sql::empty

      × the query is empty
       ╭─[assets/staging/orders.toml:2:7]
     1 │     kind = "sql"
     2 │ ╭─▶ sql = """
     3 │ │   -- nothing
     4 │ ├─▶ """
       · ╰──── a query belongs here
       ╰────
      help: write one query: SELECT, VALUES, FROM or a set operation of them

    1 error
    [exit 1]
    "#);
}

#[test]
fn unknown_column() {
    assert_snapshot!(query("select\n    id,\n    amuont\nfrom raw.orders"), @r#"
    --- stderr ---
    dp::sql::unknown_column

      × referenced column "amuont" not found in FROM clause!
      │ Candidate bindings: "amount"
       ╭─[assets/staging/orders.toml:5:5]
     4 │     id,
     5 │     amuont
       ·     ───┬──
       ·        ╰── no such column
     6 │ from raw.orders
       ╰────
      help: use a column that the inputs have; `dp show ASSET` lists them

    1 error
    [exit 1]
    "#);
}

#[test]
fn unknown_column_after_a_variable() {
    let output = project()
        .file("dp.toml", "[project]\nname = \"shop\"\n\n[vars]\nlabel = \"a much longer text than its placeholder\"\n")
        .sql("staging.orders", "select ${var.label} as label, nothing from raw.orders")
        .dp(["validate"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::sql::unknown_column

      × referenced column "nothing" not found in FROM clause!
      │ Candidate bindings: "amount"
       ╭─[assets/staging/orders.toml:3:31]
     2 │ sql = """
     3 │ select ${var.label} as label, nothing from raw.orders
       ·                               ───┬───
       ·                                  ╰── no such column
     4 │ """
       ╰────
      help: use a column that the inputs have; `dp show ASSET` lists them

    1 error
    [exit 1]
    "#);
}

#[test]
fn unknown_function() {
    assert_snapshot!(query("select yeer(id) as y from raw.orders"), @r#"
    --- stderr ---
    dp::sql::binding

      × scalar Function with name yeer does not exist!
      │ Did you mean "year"?
       ╭─[assets/staging/orders.toml:3:8]
     2 │ sql = """
     3 │ select yeer(id) as y from raw.orders
       ·        ──┬─
       ·          ╰── the engine can't make sense of this
     4 │ """
       ╰────
      help: correct the query here

    1 error
    [exit 1]
    "#);
}

#[test]
fn type_error() {
    let output = query("select id + [1] as y from raw.orders");
    assert!(output.stderr.lines().count() <= 25, "more than a person reads:\n{output}");
    output
        .exits(1)
        .says("dp::sql::binding")
        .says("no function matches the given name and argument types '+(BIGINT, INTEGER[])'")
        .says("assets/staging/orders.toml:3:11");
}

#[test]
fn an_error_follows_from_nothing_else() {
    // `marts.orders` can't be bound because `staging.orders` can't: one mistake, reported once.
    let output = project()
        .sql("staging.orders", "select nothing from raw.orders")
        .sql("marts.orders", "select nothing from staging.orders")
        .dp(["validate"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::sql::unknown_column

      × referenced column "nothing" not found in FROM clause!
      │ Candidate bindings: "amount"
       ╭─[assets/staging/orders.toml:3:8]
     2 │ sql = """
     3 │ select nothing from raw.orders
       ·        ───┬───
       ·           ╰── no such column
     4 │ """
       ╰────
      help: use a column that the inputs have; `dp show ASSET` lists them

    1 error
    [exit 1]
    "#);
}

#[test]
fn contract_mismatch() {
    let output = with(
        "
        kind = \"sql\"
        sql = \"select id, amount from raw.orders\"

        [columns.id]
        type = \"VARCHAR\"
        ",
    );
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::sql::contract_type

      × column `id` is BIGINT, and the contract says VARCHAR
       ╭─[assets/staging/orders.toml:5:8]
     4 │ [columns.id]
     5 │ type = "VARCHAR"
       ·        ────┬────
       ·            ╰── the contract
       ╰────
      help: cast it in the query (`… :: VARCHAR as id`), or change `type`

    1 error
    [exit 1]
    "#);
}

#[test]
fn contract_for_no_column() {
    let output = with(
        "
        kind = \"sql\"
        sql = \"select id, amount from raw.orders\"

        [columns.amonut]
        description = \"What was paid\"
        ",
    );
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::sql::contract_column

      × there is no column `amonut`
       ╭─[assets/staging/orders.toml:4:10]
     3 │
     4 │ [columns.amonut]
       ·          ───┬──
       ·             ╰── not a column of the result
     5 │ description = "What was paid"
       ╰────
      help: did you mean `amount`?

    1 error
    [exit 1]
    "#);
}

#[test]
fn unknown_type() {
    let output = with(
        "
        kind = \"sql\"
        sql = \"select id, amount from raw.orders\"

        [columns.id]
        type = \"BIGINTEGER\"
        ",
    );
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::sql::unknown_type

      × `BIGINTEGER` is not a type of the engine
       ╭─[assets/staging/orders.toml:5:8]
     4 │ [columns.id]
     5 │ type = "BIGINTEGER"
       ·        ──────┬─────
       ·              ╰── not a type
       ╰────
      help: write a type of DuckDB, such as `BIGINT`, `VARCHAR`, `DECIMAL(10, 2)` or
            `TIMESTAMP`

    1 error
    [exit 1]
    "#);
}

#[test]
fn duplicate_column() {
    assert_snapshot!(query("select id, amount as ID from raw.orders"), @r#"
    --- stderr ---
    dp::sql::duplicate_column

      × two columns are called `ID`
       ╭─[assets/staging/orders.toml:2:7]
     1 │     kind = "sql"
     2 │ ╭─▶ sql = """
     3 │ │   select id, amount as ID from raw.orders
     4 │ ├─▶ """
       · ╰──── this query gives both
       ╰────
      help: give one another name with `as`; names that differ only in case count as
            the same

    1 error
    [exit 1]
    "#);
}

#[test]
fn unstorable_type() {
    assert_snapshot!(query("select 1::variant as v from raw.orders"), @r#"
    --- stderr ---
    dp::sql::unstorable

      × column `v` can't be stored: `VARIANT` has no stored form
       ╭─[assets/staging/orders.toml:2:7]
     1 │     kind = "sql"
     2 │ ╭─▶ sql = """
     3 │ │   select 1::variant as v from raw.orders
     4 │ ├─▶ """
       · ╰──── this query gives the column
       ╰────
      help: cast it to what comes nearest, `::JSON`

    1 error
    [exit 1]
    "#);
}

#[test]
fn lookups_of_settings_are_refused() {
    assert_snapshot!(query("select getvariable('x') as v from raw.orders"), @r#"
    --- stderr ---
    dp::sql::refused

      × dp does not run the function `getvariable`
       ╭─[assets/staging/orders.toml:3:8]
     2 │ sql = """
     3 │ select getvariable('x') as v from raw.orders
       ·        ─────┬─────
       ·             ╰── not possible in an asset
     4 │ """
       ╰────
      help: it looks up the session or the catalogue, which no fingerprint covers:
            use a variable, `${var.NAME}`

    1 error
    [exit 1]
    "#);
    assert_snapshot!(query("select current_setting('threads') as v from raw.orders"), @r#"
    --- stderr ---
    dp::sql::refused

      × dp does not run the function `current_setting`
       ╭─[assets/staging/orders.toml:3:8]
     2 │ sql = """
     3 │ select current_setting('threads') as v from raw.orders
       ·        ───────┬───────
       ·               ╰── not possible in an asset
     4 │ """
       ╰────
      help: it looks up the session or the catalogue, which no fingerprint covers:
            use a variable, `${var.NAME}`

    1 error
    [exit 1]
    "#);
}

#[test]
fn table_functions_are_refused() {
    assert_snapshot!(query("select * from duckdb_settings()"), @r#"
    --- stderr ---
    dp::sql::refused

      × dp does not run the table function `duckdb_settings`
       ╭─[assets/staging/orders.toml:3:15]
     2 │ sql = """
     3 │ select * from duckdb_settings()
       ·               ───────┬───────
       ·                      ╰── not possible in an asset
     4 │ """
       ╰────
      help: dp can't know what it reads: declare its data as a `source` asset, and
            read that

    1 error
    [exit 1]
    "#);
    assert_snapshot!(query("select * from glob('*')"), @r#"
    --- stderr ---
    dp::sql::refused

      × dp does not run the table function `glob`
       ╭─[assets/staging/orders.toml:3:15]
     2 │ sql = """
     3 │ select * from glob('*')
       ·               ──┬─
       ·                 ╰── not possible in an asset
     4 │ """
       ╰────
      help: dp can't know what it reads: declare its data as a `source` asset, and
            read that

    1 error
    [exit 1]
    "#);
}

#[test]
fn readers_without_a_constant_path_inside_the_project_are_refused() {
    assert_snapshot!(query("select * from read_csv('data/' || 'orders.csv')"), @r#"
    --- stderr ---
    dp::sql::refused

      × dp does not run `read_csv` with a path that is not constant
       ╭─[assets/staging/orders.toml:3:15]
     2 │ sql = """
     3 │ select * from read_csv('data/' || 'orders.csv')
       ·               ────┬───
       ·                   ╰── not possible in an asset
     4 │ """
       ╰────
      help: write the path as a text, or declare the files as a `source` asset

    1 error
    [exit 1]
    "#);
    assert_snapshot!(query("select * from read_csv('/etc/passwd')"), @r#"
    --- stderr ---
    dp::project::outside

      × `/etc/passwd` leads out of the project
       ╭─[assets/staging/orders.toml:3:15]
     2 │ sql = """
     3 │ select * from read_csv('/etc/passwd')
       ·               ────┬───
       ·                   ╰── not inside the project
     4 │ """
       ╰────
      help: use a path relative to the project, without `..`; links may not lead out
            of it either

    1 error
    [exit 1]
    "#);
    assert_snapshot!(query("select * from 'data/nothing.csv'"), @r#"
    --- stderr ---
    dp::project::no_files

      × `data/nothing.csv` matches no file
       ╭─[assets/staging/orders.toml:3:15]
     2 │ sql = """
     3 │ select * from 'data/nothing.csv'
       ·               ─────────┬────────
       ·                        ╰── matches nothing
     4 │ """
       ╰────
      help: correct the path or the pattern (`*` within a folder, `**` across
            folders), or put the files there

    1 error
    [exit 1]
    "#);
}

#[test]
fn a_reader_with_a_constant_path_is_an_input() {
    let sandbox =
        project().sql("staging.orders", "select id from read_csv('data/orders.csv') union all from (select 7)");
    sandbox.apply();
    assert_eq!(sandbox.query("select * from staging.orders order by id"), "id\n1\n2\n7\n");
}

#[test]
fn ranges_are_functions() {
    let sandbox = Sandbox::new().sql("a.days", "select range as day from range(3) union all select unnest([7])");
    sandbox.apply();
    assert_eq!(sandbox.query("select * from a.days order by day"), "day\n0\n1\n2\n7\n");
}

#[test]
fn check_on_no_column() {
    let output = with(
        "
        kind = \"sql\"
        sql = \"select id, amount from raw.orders\"

        [[checks]]
        unique = [\"id\", \"day\"]

        [[checks]]
        name = \"small\"
        sql = \"select * from ${this} where amuont > 5\"

        [[checks]]
        references = { columns = [\"id\"], asset = \"raw.order\", to = [\"id\"] }
        ",
    );
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::sql::contract_column

      × there is no column `day`
       ╭─[assets/staging/orders.toml:4:1]
     3 │
     4 │ [[checks]]
       · ─────┬────
       ·      ╰── not a column of the result
     5 │ unique = ["id", "day"]
       ╰────
      help: the columns are `id` and `amount`

    dp::sql::unknown_column

      × referenced column "amuont" not found in FROM clause!
      │ Candidate bindings: "amount"
        ╭─[assets/staging/orders.toml:9:36]
      8 │ name = "small"
      9 │ sql = "select * from ${this} where amuont > 5"
        ·                                    ───┬──
        ·                                       ╰── no such column
     10 │
        ╰────
      help: use a column that the inputs have; `dp show ASSET` lists them

    dp::graph::unknown_upstream

      × unknown upstream `raw.order`
        ╭─[assets/staging/orders.toml:11:1]
     10 │
     11 │ [[checks]]
        · ─────┬────
        ·      ╰── not declared in this project
     12 │ references = { columns = ["id"], asset = "raw.order", to = ["id"] }
        ╰────
      help: did you mean `raw.orders`?

    3 errors
    [exit 1]
    "#);
}

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
      help: use a path relative to the project, without `..`; links may not lead out
            of it either

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

#[test]
fn dp_of_another_version() {
    let output = Sandbox::bare().file("dp.toml", "[project]\nname = \"shop\"\nrequires = \">=99\"\n").dp(["plan"]);
    assert_snapshot!(output, @r#"
    --- stderr ---
    dp::project::requires

      × this project needs dp >=99, and this is dp 0.1.0
       ╭─[dp.toml:3:12]
     2 │ name = "shop"
     3 │ requires = ">=99"
       ·            ───┬──
       ·               ╰── asked for here
       ╰────
      help: install a dp that fits, or change `requires`

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
      help: use a column that the inputs have; `dp show ASSET` lists them

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

      × `tags` is an integer, and must be an array of strings
       ╭─[assets/d/four.toml:3:8]
     2 │ sql = "select id from raw.orders"
     3 │ tags = 3
       ·        ┬
       ·        ╰── expected an array of strings
     4 │ protect = 3
       ╰────
      help: write `tags` as an array of strings

    dp::project::wrong_type

      × `protect` is an integer, and must be true or false
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
