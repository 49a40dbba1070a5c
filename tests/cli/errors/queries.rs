//! Queries that the engine can't parse or bind.

use insta::assert_snapshot;

use super::{project, query, with};

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

      × the SQL contains 2 statements, but an asset has one query
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

      × dp does not run a statement other than a query
       ╭─[assets/staging/orders.toml:2:7]
     1 │     kind = "sql"
     2 │ ╭─▶ sql = """
     3 │ │   create table x as select 1 as a
     4 │ ├─▶ """
       · ╰──── not possible in an asset
       ╰────
      help: write one query: SELECT, VALUES, FROM or a set operation of them; PIVOT
            needs its values, `in (…)`

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
      help: use a column of the inputs; `dp show ASSET` lists them

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
      help: use a column of the inputs; `dp show ASSET` lists them

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
       ·          ╰── the engine can't bind this
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
      help: use a column of the inputs; `dp show ASSET` lists them

    1 error
    [exit 1]
    "#);
}
