//! Columns of an input that make an unchanged query mean something else.

use super::{assert_as_if_fresh, assert_nothing_to_do};
use crate::sandbox::Sandbox;

#[test]
fn a_new_column_captures_a_lateral_alias() {
    // `amount * 2` reads the alias `b` beside it, until the input has a column of that name.
    let sandbox = Sandbox::new()
        .file("data/t.csv", "a\n1\n2\n")
        .source("raw.t", "data/t.csv")
        .sql("staging.t", "select * from raw.t")
        .sql("marts.t", "select a + 1 as b, b * 2 as c from staging.t");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.t order by all"), "b,c\n2,4\n3,6\n");
    sandbox.write("data/t.csv", "a,b\n1,100\n2,200\n");
    let actions = sandbox.actions();
    assert_eq!(actions[0], "raw.t rebuild [input_changed, schema_changed]");
    assert!(actions[2].starts_with("marts.t rebuild") || actions[2].starts_with("marts.t maybe"), "{actions:?}");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.t order by all"), "b,c\n2,200\n3,400\n");
    assert_as_if_fresh(&sandbox, &["staging.t", "marts.t"]);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_new_column_captures_a_correlated_name() {
    // `limit_of` is found in the outer query, until the inner one has a column of that name.
    let sandbox = Sandbox::new()
        .file("data/o.csv", "id,limit_of\n1,5\n2,15\n")
        .file("data/i.csv", "id,amount\n1,10\n2,10\n")
        .source("raw.o", "data/o.csv")
        .source("raw.i", "data/i.csv")
        .sql("marts.t", "select id, (select count(*) from raw.i where amount > limit_of) as above from raw.o");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.t order by all"), "id,above\n1,2\n2,0\n");
    sandbox.write("data/i.csv", "id,amount,limit_of\n1,10,20\n2,10,0\n");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.t order by all"), "id,above\n1,1\n2,1\n");
    assert_as_if_fresh(&sandbox, &["marts.t"]);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn reordered_columns_under_a_star() {
    let sandbox = Sandbox::new()
        .file("data/t.csv", "a,b\n1,10\n2,20\n")
        .source("raw.t", "data/t.csv")
        .sql("staging.t", "select * from raw.t");
    sandbox.apply();
    sandbox.write("data/t.csv", "b,a\n10,1\n20,2\n");
    sandbox.apply();
    assert_eq!(sandbox.query("from staging.t order by all"), "b,a\n10,1\n20,2\n");
    assert_as_if_fresh(&sandbox, &["raw.t", "staging.t"]);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn reordered_columns_under_a_positional_union() {
    let sandbox = Sandbox::new()
        .file("data/t.csv", "a,b\n1,10\n2,20\n")
        .file("data/u.csv", "x,y\n3,30\n")
        .source("raw.t", "data/t.csv")
        .source("raw.u", "data/u.csv")
        .sql("marts.both", "select * from raw.u union all select * from raw.t")
        .sql("marts.total", "select sum(x) as x from marts.both");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.total"), "x\n6\n");
    sandbox.write("data/t.csv", "b,a\n10,1\n20,2\n");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.total"), "x\n33\n");
    assert_as_if_fresh(&sandbox, &["marts.both", "marts.total"]);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_type_that_follows_from_the_data() {
    // A text among the numbers makes the column another type, with what it means for everything that reads it.
    let sandbox = Sandbox::shop().sql("marts.sorted", "select max(customer) as last from raw.orders");
    sandbox.write("data/orders.csv", "id,customer,amount\n1,9,10\n2,10,20\n");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.sorted"), "last\n10\n");
    sandbox.write("data/orders.csv", "id,customer,amount\n1,9,10\n2,10,20\n3,05x,5\n");
    // A person has to approve it.
    sandbox.dp(["plan", "--out", "text.plan"]).success();
    sandbox.dp(["apply", "text.plan"]).success();
    assert_eq!(sandbox.query("from marts.sorted"), "last\n9\n");
    assert_as_if_fresh(&sandbox, &["raw.orders", "staging.orders", "marts.revenue", "marts.sorted"]);
    assert_nothing_to_do(&sandbox);
}

/// Rows of three columns; a new reader of two of them comes later than the table.
fn with_a_new_reader(sql: &str) -> Sandbox {
    let sandbox = Sandbox::new()
        .file("data/t.csv", "id,name,amount\n1,ann,10\n2,bob,20\n")
        .source("raw.t", "data/t.csv")
        .sql("staging.t", "select id, name, amount from raw.t");
    sandbox.apply();
    sandbox.sql("marts.names", sql)
}

#[test]
fn a_new_reader_is_cut_off_by_the_first_change_of_another_column() {
    let sandbox = with_a_new_reader("select id, name from staging.t");
    sandbox.apply();
    assert_nothing_to_do(&sandbox);
    let built = sandbox.versions()["marts.names"].clone();
    // The rows change.
    sandbox.write("data/t.csv", "id,name,amount\n1,ann,10\n2,bob,21\n");
    sandbox.apply().says("cut off marts.names");
    assert_nothing_to_do(&sandbox);
    // The query changes, which proves it before anything is built.
    sandbox.edit("assets/staging/t.toml", "name, amount", "name, amount * 2 as amount");
    assert_eq!(sandbox.actions().iter().filter(|action| action.contains("marts.names")).count(), 0);
    sandbox.apply();
    assert_nothing_to_do(&sandbox);
    assert_eq!(sandbox.versions()["marts.names"], built);
    // A column that it reads changes.
    sandbox.write("data/t.csv", "id,name,amount\n1,ann,10\n2,bea,21\n");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.names order by all"), "id,name\n1,ann\n2,bea\n");
    assert_as_if_fresh(&sandbox, &["staging.t", "marts.names"]);
    assert_nothing_to_do(&sandbox);
}

#[test]
fn a_new_reader_notices_rows_that_come_and_go() {
    for sql in ["select count(*) as n from staging.t", "select count(name) as n from staging.t"] {
        let sandbox = with_a_new_reader(sql);
        sandbox.apply();
        sandbox.write("data/t.csv", "id,name,amount\n1,ann,11\n2,bob,20\n");
        sandbox.apply().says("cut off marts.names");
        sandbox.write("data/t.csv", "id,name,amount\n1,ann,11\n2,bob,20\n3,cid,30\n");
        sandbox.apply();
        assert_eq!(sandbox.query("from marts.names"), "n\n3\n", "{sql}");
        assert_nothing_to_do(&sandbox);
    }
}

#[test]
fn a_reader_whose_columns_change_is_cut_off_by_the_new_ones() {
    let sandbox = with_a_new_reader("select id from staging.t");
    sandbox.apply();
    sandbox.edit("assets/marts/names.toml", "select id", "select id, name");
    sandbox.apply();
    sandbox.write("data/t.csv", "id,name,amount\n1,ann,10\n2,bob,21\n");
    sandbox.apply().says("cut off marts.names");
    // The columns that it read before count no longer, those that it reads now do.
    sandbox.edit("assets/marts/names.toml", "select id, name", "select id, amount");
    sandbox.apply();
    assert_eq!(sandbox.query("from marts.names order by all"), "id,amount\n1,10\n2,21\n");
    assert_nothing_to_do(&sandbox);
}
