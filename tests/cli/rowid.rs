//! `rowid`, which stand-ins have and assets do not; and views that bind at plan time and can't be made.

use crate::sandbox::Sandbox;

fn with_a() -> Sandbox {
    Sandbox::new()
        .file("data/a.csv", "id,x\n1,5\n2,6\n")
        .source("raw.a", "data/a.csv")
        .sql("t.ok", "select id from raw.a")
}

#[test]
fn of_an_asset_is_refused_with_its_place() {
    for materialize in ["table", "view"] {
        let sandbox = with_a().asset(
            "t.numbered",
            &format!(
                "kind = 'sql'\nmaterialize = '{materialize}'\nsql = '''\nselect id,\n  a.RowId as r\nfrom raw.a'''\n"
            ),
        );
        let output = sandbox.dp(["validate"]).exits(1);
        assert!(output.stderr.contains("dp does not run `rowid` of an asset"), "{}", output.stderr);
        assert!(output.stderr.contains("assets/t/numbered.toml:5"), "{}", output.stderr);
    }
    let checked = with_a().asset(
        "t.checked",
        "kind = 'sql'\nsql = 'select id from raw.a'\n[[checks]]\nname = 'c'\nsql = 'select * from ${this} where rowid > 5'\n",
    );
    checked.dp(["validate"]).exits(1).says("`rowid` of an asset");
}

#[test]
fn as_a_column_of_its_own_is_a_column() {
    let sandbox = with_a()
        .sql("t.named", "select id as rowid from raw.a")
        .sql("t.read", "select rowid, n.rowid + 1 as next from t.named n")
        .sql("t.inner", "with w as (select id as rowid from raw.a) select max(rowid) as m from w")
        .sql("t.aliased", "select sum(rowid) as s from (select id from raw.a) as w(rowid)");
    sandbox.apply();
    assert_eq!(sandbox.query("select sum(rowid) as s from t.read"), sandbox.query("from t.aliased"));
}

#[test]
fn a_view_that_cannot_be_made_fails_alone() {
    // The query names a column so itself elsewhere, so the plan can't tell what is meant.
    let sql = "select (select count(*) from raw.a) as rowid, b.rowid as r from raw.a b";
    let sandbox = with_a()
        .asset("t.v", &format!("kind = 'sql'\nmaterialize = 'view'\nsql = '{sql}'\n"))
        .sql("t.above", "select r from t.v");
    sandbox.dp(["validate"]).success();
    let output = sandbox.dp(["apply", "--auto-approve", "--publish", "passed"]).exits(3);
    let said = format!("{}{}", output.stdout, output.stderr);
    assert!(said.contains("failed     t.v"), "{said}");
    assert!(said.contains("reads t.v, which failed"), "{said}");
    sandbox.query("from t.ok");
    sandbox.dp(["query", "from t.v"]).exits(1).says("is not published");
}
