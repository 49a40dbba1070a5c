//! Assets and variables that are not there, or in a circle.

use insta::assert_snapshot;

use super::{project, query, with};

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
fn quotes_around_a_whole_name() {
    let output = query("select id\nfrom \"raw.orders\"").exits(1);
    output.says("write `raw.orders`");
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
      help: remove one of these references: an asset can't depend on itself

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
      help: remove one of these references: an asset can't depend on itself

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
    assert_snapshot!(sandbox.dp(["plan", "--var", "min_amount=five"]), @"
    --- stderr ---
    dp::project::bad_variable

      × `--var min_amount=five`: `five` is not of type integer
      help: give a value of the same type as the declared value 5 of `min_amount`

    1 error
    [exit 1]
    ");
}

#[test]
fn unknown_environment() {
    let sandbox = project().file("dp.toml", "[project]\nname = \"shop\"\n\n[environments.dev]\n");
    assert_snapshot!(sandbox.dp(["plan", "--env", "def"]), @"
    --- stderr ---
    dp::project::unknown_environment

      × unknown environment `def`
      help: did you mean `dev`? Otherwise declare it in dp.toml: [environments.def]

    1 error
    [exit 1]
    ");
}

#[test]
fn placeholders() {
    assert_snapshot!(query("select '${var.x}' as a, ${vars.x} as b from raw.orders"), @r#"
    --- stderr ---
    dp::sql::quoted_placeholder

      × `${var.x}` is inside quotes
       ╭─[assets/staging/orders.toml:3:9]
     2 │ sql = """
     3 │ select '${var.x}' as a, ${vars.x} as b from raw.orders
       ·         ────┬───
       ·             ╰── inside a quoted string or name
     4 │ """
       ╰────
      help: join strings with `||`, as in `'before ' || ${var.x}`, because dp
            inserts a quoted literal; or write `$${` for a literal `${`

    dp::sql::unknown_placeholder

      × `${vars.x}` is not valid here
       ╭─[assets/staging/orders.toml:3:25]
     2 │ sql = """
     3 │ select '${var.x}' as a, ${vars.x} as b from raw.orders
       ·                         ────┬────
       ·                             ╰── not a placeholder
     4 │ """
       ╰────
      help: write `${var.NAME}`, or `${this}` in a check; write `$${` for a literal
            `${`

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
