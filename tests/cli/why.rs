//! The chain of evidence, now and in the past.

use insta::assert_snapshot;
use serde_json::Value;

use crate::sandbox::Sandbox;

fn applied() -> Sandbox {
    let sandbox = Sandbox::shop();
    sandbox.apply();
    sandbox
}

/// `asset code` of each cause, those behind it indented.
fn chain(causes: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for cause in causes.as_array().expect("a list of causes") {
        let word = |key: &str| cause[key].as_str().unwrap_or_default().to_owned();
        let run = cause["run"].as_str().map(|run| format!(" in {run}")).unwrap_or_default();
        lines.push(format!("{} {}{run}", word("asset"), word("code")));
        lines.extend(chain(&cause["causes"]).into_iter().map(|line| format!("  {line}")));
    }
    lines
}

/// `what same` of all that was compared.
fn compared(why: &Value) -> Vec<String> {
    let all = why["compared"].as_array().expect("a list");
    all.iter().map(|one| format!("{} {}", one["what"].as_str().expect("a name"), one["same"])).collect()
}

#[test]
fn the_chain_leads_from_an_asset_to_the_edit_behind_it() {
    let sandbox = applied();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount >= 20");
    let why = sandbox.dp(["why", "marts.revenue", "--json"]).success().json();
    assert_eq!(chain(&why["causes"]), ["marts.revenue input_may_change", "  staging.orders definition_changed"]);
    let edit = &why["causes"][0]["causes"][0];
    assert_eq!((edit["file"].as_str(), edit["line"].as_u64()), (Some("assets/staging/orders.toml"), Some(3)));
    assert_eq!(why["causes"][0]["reads"], serde_json::json!(["amount", "customer"]));
    assert_eq!(compared(&why)[..3], ["definition true", "query as bound true", "staging.orders null"]);
    sandbox
        .dp(["why", "marts.revenue"])
        .success()
        .says("marts.revenue may be rebuilt, depending on the data")
        .says("sql changed: WHERE")
        .says("assets/staging/orders.toml:3")
        .says("it reads `amount` and `customer`")
        .says("+ select id, customer, amount from raw.orders where amount >= 20");
}

#[test]
fn a_changed_file_is_the_root_of_all_that_follows() {
    let sandbox = applied();
    sandbox.edit("data/orders.csv", "3,ann,30", "3,ann,31");
    let why = sandbox.dp(["why", "marts.revenue", "--json"]).success().json();
    assert_eq!(
        chain(&why["causes"]),
        ["marts.revenue input_may_change", "  staging.orders input_may_change", "    raw.orders input_changed"]
    );
    let root = &why["causes"][0]["causes"][0]["causes"][0];
    assert!(root["detail"].as_str().is_some_and(|detail| detail.contains("data/orders.csv")), "{root}");
    let why = sandbox.dp(["why", "raw.orders", "--json"]).success().json();
    assert!(compared(&why).contains(&"data/orders.csv false".to_owned()), "{why}");
}

#[test]
fn why_not_lists_everything_that_was_found_equal() {
    let sandbox = applied();
    let why = sandbox.dp(["why", "staging.orders", "--json"]).success().json();
    assert_eq!(why["outcome"], "unchanged");
    assert_eq!(why["built_by"], "r1");
    assert_eq!(chain(&why["causes"]), [""; 0]);
    let all = compared(&why);
    assert_eq!(all[..3], ["definition true", "query as bound true", "raw.orders true"]);
    assert!(all.iter().all(|one| one.ends_with(" true")), "{all:?}");
    let shown = sandbox.dp(["why", "staging.orders"]).success().to_string();
    assert!(shown.contains("stays the same (version $VERSION, built by r1)"), "{shown}");
    assert!(shown.contains("reads `amount`, `customer` and `id`"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
}

#[test]
fn an_input_that_another_run_published_leads_into_the_past() {
    let sandbox = applied();
    sandbox.edit("data/orders.csv", "3,ann,30", "3,ann,31");
    sandbox.dp(["apply", "--auto-approve", "raw.orders"]).success();
    let why = sandbox.dp(["why", "staging.orders", "--json"]).success().json();
    assert_eq!(chain(&why["causes"]), ["staging.orders input_changed", "  raw.orders input_changed in r2"]);
}

#[test]
fn a_run_of_the_past_is_explained_from_the_record() {
    let sandbox = applied();
    sandbox.edit("assets/staging/orders.toml", "amount >= 10", "amount > 9");
    sandbox.apply();
    sandbox.edit("data/orders.csv", "3,ann,30", "3,ann,31");
    sandbox.apply();
    let why = |asset: &str, run: &str| sandbox.dp(["why", asset, "--run", run, "--json"]).success().json();
    let first = why("marts.revenue", "r1");
    assert_eq!((first["outcome"].as_str(), first["run"].as_str()), (Some("built"), Some("r1")));
    assert_eq!(chain(&first["causes"]), ["marts.revenue new in r1"]);
    let second = why("marts.revenue", "r2");
    assert_eq!(second["outcome"], "cut_off");
    assert_eq!(second["built_by"], "r1");
    assert_eq!(
        chain(&second["causes"]),
        ["marts.revenue input_may_change in r2", "  staging.orders definition_changed in r2"]
    );
    assert_eq!(compared(&second), ["staging.orders true"]);
    let third = why("marts.revenue", "r3");
    assert_eq!(
        chain(&third["causes"]),
        [
            "marts.revenue input_may_change in r3",
            "  staging.orders input_may_change in r3",
            "    raw.orders input_changed in r3"
        ]
    );
    let untouched = why("raw.orders", "r2");
    assert_eq!(untouched["outcome"], "untouched");
    assert_eq!(chain(&untouched["causes"]), ["raw.orders new in r1"]);
    // What is declared now does not matter.
    sandbox.write("assets/staging/orders.toml", "kind = ");
    sandbox
        .dp(["why", "marts.revenue", "--run", "r2"])
        .success()
        .says("marts.revenue was cut off in r2: the data that it reads did not change")
        .says("staging.orders: sql changed: WHERE");
}

#[test]
fn what_is_behind_several_inputs_is_told_once() {
    let sandbox = applied().sql("marts.both", "select o.id from staging.orders as o join raw.orders as r using (id)");
    sandbox.apply();
    sandbox.edit("data/orders.csv", "3,ann,30", "3,ann,31");
    let why = sandbox.dp(["why", "marts.both", "--json"]).success().json();
    let lines = chain(&why["causes"]);
    assert_eq!(lines.iter().filter(|line| line.contains("raw.orders input_changed")).count(), 1, "{lines:?}");
    sandbox.dp(["why", "marts.both"]).success().says("(see above)");
}

#[test]
fn assets_and_runs_that_are_not_there_are_said_to_be_so() {
    let sandbox = applied();
    sandbox.dp(["why", "staging.order"]).exits(1).says("did you mean `staging.orders`?");
    sandbox.dp(["why", "staging.orders", "--run", "r9"]).exits(1).says("`dp history` lists the runs");
    sandbox.dp(["why", "staging.nothing", "--run", "r1"]).exits(1).says("`dp show r1` lists the steps of the run");
    let new = Sandbox::shop();
    new.dp(["why", "staging.orders"]).success().says("would be built: it is not published here");
}

#[test]
fn a_removed_column_that_is_read_is_an_error_with_both_places() {
    let sandbox = applied();
    sandbox.edit("assets/staging/orders.toml", "select id, customer, amount from", "select id, customer from");
    assert_snapshot!(sandbox.dp(["plan"]).exits(1), @r#"
    --- stderr ---
    dp::plan::removed_column

      × `marts.revenue` reads column `amount`, which `staging.orders` no longer has
       ╭─[assets/marts/revenue.toml:3:22]
     2 │ sql = """
     3 │ select customer, sum(amount) as revenue from staging.orders group by customer
       ·                      ───┬──
       ·                         ╰── read here
     4 │ """
       ╰────
      help: keep `amount` in `staging.orders`, or remove it from `marts.revenue` too

    Advice:
      ☞ this edit removes `amount`; the published version, built by r1, contains it
       ╭─[assets/staging/orders.toml:3:1]
     2 │ sql = """
     3 │ select id, customer from raw.orders where amount >= 10
       · ──────────────────────────────────────────────────────
     4 │ """
       ╰────

    1 error
    [exit 1]
    "#);
    let errors = sandbox.dp(["plan", "--json"]).exits(1).json();
    let error = &errors["errors"][0];
    assert_eq!(error["code"], "dp::plan::removed_column");
    assert_eq!(error["file"], "assets/marts/revenue.toml");
    assert_eq!(error["related"][0]["file"], "assets/staging/orders.toml");
    assert_eq!(error["related"][0]["line"], 3);
}

#[test]
fn a_column_that_a_star_passes_on_is_followed_to_the_edit() {
    let sandbox =
        applied().sql("marts.all", "select * from staging.orders").sql("marts.sum", "select amount from marts.all");
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", "select id, customer, amount from", "select id, customer from");
    let errors = sandbox.dp(["plan", "--json"]).exits(1).json();
    let all = errors["errors"].as_array().expect("a list");
    let readers: Vec<_> = all.iter().map(|error| error["file"].as_str().expect("a file")).collect();
    assert_eq!(readers, ["assets/marts/revenue.toml", "assets/marts/sum.toml"]);
    for error in all {
        assert_eq!(error["related"][0]["file"], "assets/staging/orders.toml", "{error}");
    }
}

#[test]
fn a_misspelt_column_stays_the_mistake_of_its_query() {
    let sandbox = applied();
    sandbox.edit("assets/marts/revenue.toml", "sum(amount)", "sum(amont)");
    sandbox.edit(
        "assets/staging/orders.toml",
        "select id, customer, amount from",
        "select id as i, customer, amount from",
    );
    let errors = sandbox.dp(["plan", "--json"]).exits(1).json();
    assert_eq!(errors["errors"][0]["code"], "dp::sql::unknown_column");
    assert_eq!(errors["errors"][0]["related"], Value::Null);
}

#[test]
fn a_retyped_column_that_breaks_a_reader_is_shown_with_its_edit() {
    let sandbox = applied();
    sandbox.edit(
        "assets/staging/orders.toml",
        "select id, customer, amount from",
        "select id, customer, 'x' || amount as amount from",
    );
    let errors = sandbox.dp(["plan", "--json"]).exits(1).json();
    let error = &errors["errors"][0];
    assert_eq!(error["code"], "dp::sql::binding");
    assert_eq!(error["related"][0]["file"], "assets/staging/orders.toml");
    let note = error["related"][0]["message"].as_str().expect("a note");
    assert!(note.contains("column `amount` is VARCHAR and was BIGINT"), "{note}");
}

#[test]
fn markdown_has_edits_consequences_by_column_and_checks() {
    let sandbox = applied();
    sandbox.edit(
        "assets/staging/orders.toml",
        "select id, customer, amount from",
        "select id, customer, amount + 1 as amount from",
    );
    assert_snapshot!(sandbox.dp(["plan", "--markdown"]).success(), @"
    ### dp plan: <code>shop</code> in <code>prod</code>

    **1 to rebuild, 1 maybe, 1 unchanged.** Estimate: at most [TIME], 5 rows.

    |  | asset | why | usually |
    |---|---|---|---|
    | rebuild | <code>staging.orders</code> | sql changed: <code>amount</code> (<code>assets/staging/orders.toml:3</code>) | [TIME], 3 rows |
    | maybe | <code>marts.revenue</code> | skipped if staging.orders does not change | [TIME], 2 rows |

    #### Edits

    <details><summary><code>staging.orders</code>: sql changed: <code>amount</code> (<code>assets/staging/orders.toml:3</code>)</summary>

    ```diff
    - select id, customer, amount from raw.orders where amount >= 10
    + select id, customer, amount + 1 as amount from raw.orders where amount >= 10
    ```

    </details>

    #### Consequences

    | asset |  | because of | what may change |
    |---|---|---|---|
    | <code>marts.revenue</code> | maybe | <code>staging.orders</code> | <code>revenue</code> |

    Next: <code>dp apply</code>
    [exit 0]
    ");
    let output = sandbox.dp(["plan", "--markdown", "--detailed-exitcode"]);
    assert_eq!(output.code, 2, "{output}");
    assert_eq!(sandbox.dp(["plan", "--markdown", "--json"]).code, 64);
}

#[test]
fn an_edit_of_what_nobody_reads_has_no_consequence() {
    let sandbox = applied();
    sandbox.edit(
        "assets/staging/orders.toml",
        "select id, customer, amount from",
        "select id + 1 as id, customer, amount from",
    );
    let shown = sandbox.dp(["plan", "--markdown"]).success().to_string();
    assert!(!shown.contains("Consequences"), "{shown}");
}
