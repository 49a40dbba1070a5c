//! How far a change goes, column by column: what is proven to stay, and what must not be.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const ROWS: &str = "id,k,x,y,f\n1,a,10,100,0.1\n2,a,20,200,0.2\n3,b,30,300,0.3\n4,b,30,400,0.4\n";

/// A source, `staging.t` with the query, and `marts.r` that reads it; applied once.
fn chain(upstream: &str, reader: &str) -> Sandbox {
    let sandbox = Sandbox::new()
        .file("data/rows.csv", ROWS)
        .source("raw.rows", "data/rows.csv")
        .sql("staging.t", upstream)
        .sql("marts.r", reader);
    sandbox.apply();
    sandbox
}

/// What the plan does with `asset`; nothing is said of what is unchanged.
fn action(sandbox: &Sandbox, asset: &str) -> String {
    let plan = sandbox.dp(["plan", "--json", "--all"]).success().json();
    let actions = plan["actions"].as_array().expect("a list");
    let step = actions.iter().find(|step| step["asset"] == asset).expect("every asset is listed");
    step["action"].as_str().expect("a word").to_owned()
}

/// Applies, and compares with a project that starts from nothing.
#[track_caller]
fn assert_sound(sandbox: &Sandbox, assets: &[&str]) {
    sandbox.apply();
    let output = sandbox.dp(["plan", "--detailed-exitcode"]);
    assert_eq!(output.code, 0, "{output}");
    let fresh = Sandbox::bare();
    for path in sandbox.tree(".") {
        let path = path.trim_start_matches("./");
        if !path.starts_with(".dp/") && !path.starts_with("warehouse/") {
            fresh.write(path, &sandbox.read(path));
        }
    }
    fresh.apply();
    for asset in assets {
        let sql = format!("from {asset} order by all");
        assert_eq!(sandbox.query(&sql), fresh.query(&sql), "{asset}");
    }
}

/// After the edit of `staging.t`, the plan leaves the reader alone, and is right to.
#[track_caller]
fn assert_cut_off(before: &str, after: &str, reader: &str) {
    let sandbox = chain(before, reader);
    let sandbox = sandbox.sql("staging.t", after);
    assert_eq!(action(&sandbox, "staging.t"), "rebuild");
    assert_eq!(action(&sandbox, "marts.r"), "unchanged", "{before} → {after}; {reader}");
    let version = sandbox.versions()["marts.r"].clone();
    assert_sound(&sandbox, &["staging.t", "marts.r"]);
    assert_eq!(sandbox.versions()["marts.r"], version);
}

/// After the edit of `staging.t`, the plan does not claim that the reader stays the same.
#[track_caller]
fn assert_not_cut_off(before: &str, after: &str, reader: &str) {
    let sandbox = chain(before, reader);
    let sandbox = sandbox.sql("staging.t", after);
    let action = action(&sandbox, "marts.r");
    assert!(matches!(action.as_str(), "maybe" | "rebuild"), "{action}: {before} → {after}; {reader}");
    assert_sound(&sandbox, &["staging.t", "marts.r"]);
}

const READS_X: &str = "select id, x from staging.t where x > 10";

#[test]
fn a_column_is_added() {
    assert_cut_off("select id, x from raw.rows", "select id, x, y from raw.rows", READS_X);
}

#[test]
fn a_column_is_added_in_front() {
    assert_cut_off("select id, x from raw.rows where y > 100", "select y, id, x from raw.rows where y > 100", READS_X);
}

#[test]
fn a_column_that_nobody_reads_is_removed() {
    assert_cut_off("select id, x, y from raw.rows", "select id, x from raw.rows", READS_X);
}

#[test]
fn the_expression_of_another_column_changes() {
    assert_cut_off("select id, x, y + 1 as y from raw.rows", "select id, x, y * 2 as y from raw.rows", READS_X);
}

#[test]
fn another_column_of_a_common_table_expression_changes() {
    assert_cut_off(
        "with a as (select id, x, y + 1 as y from raw.rows), b as (select * from a where id > 1) select l.id, l.x, \
         r.y from b l join b r on l.id = r.id",
        "with a as (select id, x, y + 2 as y from raw.rows), b as (select * from a where id > 1) select l.id, l.x, \
         r.y from b l join b r on l.id = r.id",
        READS_X,
    );
}

#[test]
fn a_column_beside_aggregates_is_added() {
    assert_cut_off(
        "select k, count(*) as n from raw.rows group by k",
        "select k, count(*) as n, k || '!' as shout from raw.rows group by k",
        "select sum(n) as n from staging.t",
    );
}

#[test]
fn a_reader_that_only_counts_rows() {
    assert_cut_off(
        "select id, x from raw.rows",
        "select id, x + 1 as x from raw.rows",
        "select count(*) as n from staging.t",
    );
}

#[test]
fn a_star_in_a_common_table_expression_reads_what_is_used_of_it() {
    assert_cut_off(
        "select id, x from raw.rows",
        "select id, x, y from raw.rows",
        "with everything as (select * from staging.t) select id, x from everything",
    );
    assert_not_cut_off(
        "select id, x from raw.rows",
        "select id, x, y from raw.rows",
        "with everything as (select distinct * from staging.t) select id, x from everything",
    );
}

#[test]
fn a_reader_of_a_column_that_changes() {
    assert_not_cut_off("select id, x from raw.rows", "select id, x + 1 as x from raw.rows", READS_X);
}

#[test]
fn a_reader_that_uses_a_column_in_a_condition_only() {
    assert_not_cut_off(
        "select id, x, y from raw.rows",
        "select id, x, y * 2 as y from raw.rows",
        "select id from staging.t where y > 300",
    );
}

#[test]
fn a_reader_of_everything() {
    assert_not_cut_off("select id, x from raw.rows", "select id, x, y from raw.rows", "select * from staging.t");
}

#[test]
fn a_reader_whose_names_mean_something_else_now() {
    // `id + 1 as y` hides no column before, and one after.
    assert_not_cut_off(
        "select id, x from raw.rows",
        "select id, x, y from raw.rows",
        "select id + 1 as y, y * 2 as z from staging.t",
    );
}

#[test]
fn two_columns_are_swapped() {
    assert_not_cut_off("select id, x, y from raw.rows", "select id, y as x, x as y from raw.rows", READS_X);
}

#[test]
fn two_columns_change_places_and_the_reader_names_them() {
    assert_cut_off("select id, x from raw.rows", "select x, id from raw.rows", READS_X);
    assert_cut_off(
        "select id, x, y from raw.rows",
        "select y, x, id from raw.rows",
        "select x, id + y as z from staging.t",
    );
    assert_cut_off(
        "select id, x, y from raw.rows",
        "select x, y, id from raw.rows",
        "select k, id, y from raw.rows natural join (select id, x, y from staging.t)",
    );
}

/// Both are numbers: nothing but their places tells them apart.
#[test]
fn two_columns_change_places_and_the_reader_sees_it() {
    for reader in [
        "select * from staging.t",
        "select * exclude (y) from staging.t",
        "select columns('id|x') from staging.t",
        "select 1 as a, 2 as b, 3 as c union all select * from staging.t",
        "select a, b from (from staging.t) as t(a, b, c)",
        "select to_json(t)::varchar as row from staging.t as t",
    ] {
        assert_not_cut_off("select id, x, y from raw.rows", "select y, x, id from raw.rows", reader);
    }
}

#[test]
fn columns_change_places_around_those_that_are_read() {
    assert_cut_off("select id, x, y, k from raw.rows", "select y, id, x, k from raw.rows", READS_X);
}

#[test]
fn a_sum_is_added_to_a_query_of_constants() {
    assert_not_cut_off(
        "select 1 as id, 11 as x from raw.rows",
        "select 1 as id, 11 as x, sum(y) as s from raw.rows",
        READS_X,
    );
}

#[test]
fn an_unnest_is_added() {
    assert_not_cut_off("select id, x from raw.rows", "select id, x, unnest([1, 2]) as u from raw.rows", READS_X);
}

#[test]
fn a_column_is_added_under_group_by_all() {
    assert_not_cut_off(
        "select k as id, sum(x) as x from raw.rows group by all",
        "select k as id, sum(x) as x, y from raw.rows group by all",
        READS_X,
    );
}

#[test]
fn a_column_is_added_under_distinct() {
    assert_not_cut_off(
        "select distinct k as id, 30 as x from raw.rows",
        "select distinct k as id, 30 as x, y from raw.rows",
        READS_X,
    );
}

#[test]
fn a_column_is_added_under_union() {
    assert_not_cut_off(
        "select k as id, 30 as x from raw.rows union select k, 30 from raw.rows",
        "select k as id, 30 as x, y from raw.rows union select k, 30, y from raw.rows",
        READS_X,
    );
}

#[test]
fn an_upstream_with_random_numbers() {
    let sandbox = chain("select id, x, random() as r from raw.rows", READS_X);
    let sandbox = sandbox.sql("staging.t", "select id, x, random() as r, y from raw.rows");
    assert_ne!(action(&sandbox, "marts.r"), "unchanged");
}

#[test]
fn an_upstream_with_a_sum_of_floats() {
    let sandbox = chain("select k as id, sum(x) as x, sum(f) as f from raw.rows group by k", READS_X);
    let sandbox = sandbox
        .sql("staging.t", "select k as id, sum(x) as x, sum(f) as f, k || '!' as shout from raw.rows group by k");
    assert_ne!(action(&sandbox, "marts.r"), "unchanged");
}

#[test]
fn a_filter_changes() {
    assert_not_cut_off(
        "select id, x from raw.rows where y > 100",
        "select id, x, y from raw.rows where y > 200",
        READS_X,
    );
}

#[test]
fn a_join_changes() {
    assert_not_cut_off(
        "select l.id, l.x from raw.rows l join raw.rows r on l.id = r.id",
        "select l.id, l.x from raw.rows l join raw.rows r on l.k = r.k",
        READS_X,
    );
    assert_not_cut_off(
        "select l.id, l.x from raw.rows l left join raw.rows r on l.id = r.y",
        "select l.id, l.x, r.y from raw.rows l join raw.rows r on l.id = r.y",
        READS_X,
    );
}

#[test]
fn a_grouping_changes() {
    assert_not_cut_off(
        "select k as id, sum(x) as x from raw.rows group by k",
        "select k as id, sum(x) as x from raw.rows group by k, y",
        READS_X,
    );
}

#[test]
fn a_limit_changes() {
    assert_not_cut_off(
        "select id, x from raw.rows order by id limit 3",
        "select id, x, y from raw.rows order by id limit 2",
        READS_X,
    );
}

#[test]
fn an_order_before_a_limit_changes() {
    assert_not_cut_off(
        "select id, x from raw.rows order by id limit 2",
        "select id, x from raw.rows order by id desc limit 2",
        READS_X,
    );
}

#[test]
fn a_sample_changes() {
    let sandbox = chain("select id, x from raw.rows using sample 50% (bernoulli, 1)", READS_X);
    let sandbox = sandbox.sql("staging.t", "select id, x, y from raw.rows using sample 60% (bernoulli, 1)");
    assert_ne!(action(&sandbox, "marts.r"), "unchanged");
}

#[test]
fn a_window_changes() {
    assert_not_cut_off(
        "select id, x, row_number() over (order by id) as n from raw.rows",
        "select id, x, row_number() over (order by id desc) as n from raw.rows",
        "select x, n from staging.t",
    );
}

#[test]
fn the_way_a_file_is_read_changes() {
    assert_not_cut_off(
        "select id, x from read_csv('data/rows.csv')",
        "select id, x, y from read_csv('data/rows.csv', nullstr = '30')",
        READS_X,
    );
}

#[test]
fn a_rebuild_that_is_forced_proves_nothing() {
    let sandbox = chain("select id, x from raw.rows", READS_X);
    let plan = sandbox.dp(["plan", "--json", "--all", "--replace", "staging.t"]).success().json();
    let reader = plan["actions"].as_array().unwrap().iter().find(|step| step["asset"] == "marts.r").unwrap();
    assert_eq!(reader["action"], "maybe");
}

#[test]
fn rows_that_were_made_by_hand_prove_nothing() {
    let sandbox = chain("select id, x from raw.rows", READS_X);
    let file = sandbox.path("warehouse/prod/staging/t.parquet").canonicalize().expect("the version's file");
    let other = sandbox.path("other.parquet");
    let elsewhere = Sandbox::new().sql("main.t", "select 1::bigint as id, 11::bigint as x");
    elsewhere.apply();
    std::fs::copy(elsewhere.path("warehouse/prod/main/t.parquet"), &other).expect("a copy");
    std::fs::rename(&other, &file).expect("a file that was replaced by hand");
    sandbox.dp(["state", "accept", "staging.t", "--reason", "corrected by hand"]).success();
    let sandbox = sandbox.sql("staging.t", "select id, x, y from raw.rows");
    assert_ne!(action(&sandbox, "marts.r"), "unchanged");
    assert_sound(&sandbox, &["staging.t", "marts.r"]);
}

#[test]
fn the_proof_goes_through_tables_that_are_rebuilt() {
    // marts.middle is rebuilt for `y`; what it hands on of `x` stays.
    let sandbox = chain("select id, x, y from raw.rows", READS_X)
        .sql("marts.middle", "select id, x + 1 as x, y from staging.t")
        .sql("marts.sum", "select sum(x) as x from marts.middle");
    sandbox.apply();
    let sandbox = sandbox.sql("staging.t", "select id, x, y + 1 as y from raw.rows");
    assert_eq!(sandbox.actions(), ["staging.t rebuild [definition_changed]", "marts.middle maybe [input_may_change]"]);
    assert_sound(&sandbox, &["marts.middle", "marts.sum"]);
}

fn view(y: &str) -> String {
    format!("kind = \"sql\"\nmaterialize = \"view\"\nsql = \"select id, x * 2 as x2, {y} as y2 from staging.t\"\n")
}

#[test]
fn the_proof_goes_through_views() {
    let sandbox = Sandbox::new()
        .file("data/rows.csv", ROWS)
        .source("raw.rows", "data/rows.csv")
        .sql("staging.t", "select id, x, y from raw.rows")
        .asset("marts.shown", &view("y * 2"))
        .sql("marts.of_x", "select x2 from marts.shown")
        .sql("marts.of_y", "select y2 from marts.shown");
    sandbox.apply();
    let sandbox = sandbox.sql("staging.t", "select id, x, y + 1 as y from raw.rows");
    assert_eq!(
        sandbox.actions(),
        [
            "staging.t rebuild [definition_changed]",
            "marts.shown maybe [input_may_change]",
            "marts.of_y maybe [input_may_change]",
        ]
    );
    assert_sound(&sandbox, &["marts.shown", "marts.of_x", "marts.of_y"]);
}

#[test]
fn an_edit_of_one_column_of_a_view_leaves_readers_of_others() {
    let sandbox = chain("select id, x, y from raw.rows", "select id from staging.t")
        .asset("marts.shown", &view("y * 2"))
        .sql("marts.of_x", "select x2 from marts.shown")
        .sql("marts.of_y", "select y2 from marts.shown");
    sandbox.apply();
    let sandbox = sandbox.asset("marts.shown", &view("y * 3"));
    assert_eq!(sandbox.actions(), ["marts.shown rebuild [definition_changed]", "marts.of_y rebuild [input_changed]"]);
    assert_sound(&sandbox, &["marts.shown", "marts.of_x", "marts.of_y"]);
}

#[test]
fn data_that_changes_where_nobody_reads() {
    let sandbox = chain("select id, x from raw.rows", READS_X);
    sandbox.edit("data/rows.csv", "1,a,10,100,0.1", "1,a,10,101,0.1");
    let versions = sandbox.versions();
    let output = sandbox.dp(["apply", "--auto-approve"]).success();
    let after = sandbox.versions();
    assert_ne!(after["raw.rows"], versions["raw.rows"]);
    assert_eq!(after["staging.t"], versions["staging.t"], "{output}");
    assert_eq!(after["marts.r"], versions["marts.r"]);
    assert_sound(&sandbox, &["staging.t"]);
}

#[test]
fn what_stays_is_told_with_all() {
    let sandbox = chain("select id, x from raw.rows", READS_X).sql("staging.t", "select id, x, y from raw.rows");
    let output = sandbox.dp(["plan", "--all"]);
    // How long it took before differs from machine to machine.
    let is_estimate = |line: &&str| line.trim_start().starts_with("usually ") || line.starts_with("Estimate: ");
    let lines: Vec<&str> = output.stdout.lines().filter(|line| !is_estimate(line)).collect();
    assert_snapshot!(lines.join("\n"), @r"
    Rebuild
      ~ staging.t  sql changed: `y` added  assets/staging/t.toml:3
          column `y` added
            - select id, x from raw.rows
          3 + select id, x, y from raw.rows

    Unchanged
        raw.rows
        marts.r
          staging.t is rebuilt and proven to stay the same in id and x

    Plan: 1 to rebuild, 2 unchanged.
    Next: dp apply
    ");
    let plan = sandbox.dp(["plan", "--json", "--all"]).success().json();
    let actions = plan["actions"].as_array().expect("a list");
    let reader = actions.iter().find(|step| step["asset"] == "marts.r").expect("the reader");
    assert_eq!(reader["cut_off"], serde_json::json!([{ "input": "staging.t", "columns": ["id", "x"] }]));
}

#[test]
fn a_table_that_is_read_in_many_ways() {
    let columns: Vec<String> = (0..20).map(|column| format!("id + {column} as c{column}")).collect();
    let upstream = format!("select id, x, {} from raw.rows", columns.join(", "));
    let mut sandbox = chain(&upstream, READS_X);
    for column in 0..20 {
        sandbox = sandbox.sql(&format!("marts.r{column}"), &format!("select c{column} from staging.t"));
    }
    sandbox.apply();
    let lists = sandbox.record(
        "select json_array_length(document, '$.lists') from version_record where asset = 'staging.t' order by number",
    );
    assert_eq!(lists.last().unwrap()[0], "1", "nobody else read it when it was built");
    let sandbox = sandbox.sql("staging.t", &format!("{upstream} where y > 0"));
    assert_sound(&sandbox, &["marts.r", "marts.r0", "marts.r19"]);
    let lists = sandbox.record(
        "select json_array_length(document, '$.lists') from version_record where asset = 'staging.t' order by number",
    );
    assert_eq!(lists.last().unwrap()[0], "16");
}
