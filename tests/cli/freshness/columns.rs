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
