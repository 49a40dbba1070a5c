//! Contracts, types and checks that the result of a query does not keep.

use insta::assert_snapshot;

use super::{query, with};

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

      × column `id` is BIGINT, but the contract says VARCHAR
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

      × column `amonut` does not exist
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

      × two columns have the name `ID`
       ╭─[assets/staging/orders.toml:2:7]
     1 │     kind = "sql"
     2 │ ╭─▶ sql = """
     3 │ │   select id, amount as ID from raw.orders
     4 │ ├─▶ """
       · ╰──── this query returns both
       ╰────
      help: rename one of them with `as`; column names are not case-sensitive

    1 error
    [exit 1]
    "#);
}

#[test]
fn unstorable_type() {
    assert_snapshot!(query("select 1::variant as v from raw.orders"), @r#"
    --- stderr ---
    dp::sql::unstorable

      × dp can't store column `v`: dp has no stored form for `VARIANT`
       ╭─[assets/staging/orders.toml:2:7]
     1 │     kind = "sql"
     2 │ ╭─▶ sql = """
     3 │ │   select 1::variant as v from raw.orders
     4 │ ├─▶ """
       · ╰──── this query returns the column
       ╰────
      help: cast it to the nearest type, `::JSON`

    1 error
    [exit 1]
    "#);
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

      × column `day` does not exist
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
      help: use a column of the inputs; `dp show ASSET` lists them

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
