//! The database file with a view over each published asset, as another program reads it.

use duckdb::Connection;

use crate::sandbox::Sandbox;

fn one(sandbox: &Sandbox, sql: &str) -> i64 {
    let catalogue = Connection::open(sandbox.path("warehouse/prod.duckdb")).expect("the catalogue");
    catalogue.query_row(sql, [], |row| row.get(0)).expect("one number")
}

/// More than one thread makes them.
#[test]
fn of_many_assets_each_has_its_view_and_what_is_said_about_it() {
    let many = 200;
    let mut sandbox = Sandbox::new();
    for number in 0..many {
        let toml = format!(
            "kind = \"sql\"\ndescription = \"number '{number}'\"\nsql = \"select {number} as x\"\n\n[columns.x]\ndescription = \"its \\\"{number}\\\"\"\n"
        );
        sandbox = sandbox.asset(&format!("s{}.a{number}", number % 3), &toml);
    }
    let sandbox = sandbox.asset(
        "marts.two",
        "kind = \"sql\"\nmaterialize = \"view\"\nsql = \"select a.x + b.x as x from s1.a199 as a, s0.a198 as b\"\n",
    );
    sandbox.apply();
    let all: Vec<String> =
        (0..many).map(|number| format!("select {number} as number, x from s{}.a{number}", number % 3)).collect();
    let all = all.join(" union all ");
    assert_eq!(one(&sandbox, &format!("select count(*) from ({all}) where x = number")), many);
    assert_eq!(one(&sandbox, "select x from marts.two"), 397);
    let described = "select count(*) from duckdb_views() where comment = 'number ''' || view_name[2:] || ''''";
    assert_eq!(one(&sandbox, described), many);
    let described = "select count(*) from duckdb_columns() where comment = 'its \"' || table_name[2:] || '\"'";
    assert_eq!(one(&sandbox, described), many);

    sandbox.edit("assets/s1/a199.toml", "select 199", "select 1000");
    sandbox.remove("assets/s2/a2.toml");
    sandbox.apply();
    assert_eq!(one(&sandbox, "select x from marts.two"), 1198);
    assert_eq!(one(&sandbox, "select count(*) from duckdb_views() where view_name = 'a2' and schema_name = 's2'"), 0);
}

#[test]
fn a_catalogue_that_is_spoilt_while_it_was_read_ahead_is_made_anew() {
    let sandbox = Sandbox::new()
        .asset(
            "ml.made",
            "kind = \"command\"\nrefresh = \"24h\"\n\n[command]\nrun = [\"sh\", \"-c\", \"rm -f .dp/published/prod/catalogue.json; echo x > $DP_OUTPUT; echo 1 >> $DP_OUTPUT\"]\n\n[output]\nformat = \"csv\"\n",
        )
        .sql("marts.a", "select x + 1 as x from ml.made")
        .sql("marts.b", "select 7 as x");
    sandbox.apply();
    sandbox.edit("assets/ml/made.toml", "echo 1", "echo 10");
    sandbox.apply();
    assert_eq!(one(&sandbox, "select x from marts.a"), 11);
    assert_eq!(one(&sandbox, "select x from marts.b"), 7);
}

#[test]
fn what_can_not_be_published_is_named() {
    let sandbox = Sandbox::new().sql("t.a", "select 1 as x").sql("t.b", "select 1 as x");
    sandbox.apply();
    let before = sandbox.versions();
    // The catalogue has to be made again, over a file that is gone.
    std::fs::remove_file(sandbox.path("warehouse/prod.duckdb").canonicalize().expect("it is there")).expect("removed");
    sandbox.remove(".dp/published/prod/catalogue.duckdb");
    std::fs::remove_file(sandbox.path(&sandbox.stored("t.b"))).expect("removed");
    sandbox.edit("assets/t/a.toml", "1", "2");
    let output = sandbox.dp(["apply", "t.a", "--auto-approve"]).exits(3);
    let output = output.says("could not write the catalogue: the view `t.b`").says("Nothing was published");
    // Nothing failed, so nothing that failed is to be corrected.
    assert!(!output.to_string().contains("correct the failed assets"), "{output}");
    assert_eq!(sandbox.versions(), before);
}
