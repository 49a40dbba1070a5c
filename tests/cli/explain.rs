//! `dp plan --explain`: what apply would do, held against what it then does.

use serde_json::Value;

use crate::sandbox::{Sandbox, text};

fn shop() -> Sandbox {
    let sandbox = Sandbox::shop();
    let path = "assets/marts/revenue.toml";
    let toml = format!(
        "materialize = {{ file = \"out/revenue.csv\" }}\n{}\n[columns.customer]\nchecks = [\"not_null\", \"unique\"]\n",
        sandbox.read(path)
    );
    sandbox.write(path, &toml);
    sandbox
}

/// A word and the asset that it is about.
type Done = (String, String);

/// What would be done, and whether only if something holds.
fn explained(sandbox: &Sandbox) -> Vec<(Done, bool)> {
    let plan = sandbox.dp(["plan", "--explain", "--json"]).success().json();
    let steps = plan["explain"].as_array().expect("a list");
    for (index, step) in steps.iter().enumerate() {
        assert_eq!(step["step"], index + 1);
    }
    let done = |step: &Value| (text(&step["does"]).to_owned(), step["asset"].as_str().unwrap_or_default().to_owned());
    steps.iter().map(|step| (done(step), step.get("if").is_some())).collect()
}

/// What a run did, in the words of `--explain`.
fn done(events: &[Value]) -> Vec<Done> {
    let mut done = Vec::new();
    for event in events {
        let asset = event["asset"].as_str().unwrap_or_default().to_owned();
        match (text(&event["event"]), event["work"].as_str()) {
            ("run_started" | "run_finished", _) => done.push(("record".to_owned(), asset)),
            ("step_started", Some(work)) => done.push((work.to_owned(), asset)),
            ("published", _) => {
                let has = |key: &str| !event[key].as_array().expect("a list").is_empty();
                done.extend(has("assets").then(|| ("publish".to_owned(), String::new())));
                done.extend(has("withdrawn").then(|| ("withdraw".to_owned(), String::new())));
            }
            _ => {}
        }
    }
    done
}

#[test]
fn apply_does_what_was_explained() {
    let sandbox = shop();
    let apply = |sandbox: &Sandbox| {
        let said = explained(sandbox);
        let backups = || std::fs::read_dir(sandbox.path(".dp/backups")).map_or(0, Iterator::count);
        let backups_before = backups();
        let events = sandbox.dp(["apply", "--auto-approve", "--json", "-j", "1"]).success().json_lines();
        let mut done = done(&events).into_iter().peekable();
        for (step, is_conditional) in &said {
            let is_file = ["backup", "sync", "show", "clean", "export", "remove", "reuse"].contains(&step.0.as_str());
            if !is_file && done.next_if_eq(step).is_none() {
                assert!(is_conditional, "{step:?} was not done: {said:?}");
            }
        }
        assert_eq!(done.next(), None, "it was not explained: {said:?}");
        let files = |word: &str| said.iter().filter(|((does, _), _)| does == word).count();
        let on_record = |kind: &str| {
            let sql =
                format!("select count(*) from effects where kind = '{kind}' and run = (select max(run) from runs)");
            sandbox.record(&sql)[0][0].parse::<usize>().expect("a number")
        };
        assert_eq!(files("backup"), backups() - backups_before);
        assert_eq!((files("export"), files("remove")), (on_record("exported"), on_record("removed")));
        said.into_iter().map(|(step, _)| step).collect::<Vec<_>>()
    };
    let first = apply(&sandbox);
    assert_eq!(first.last().expect("a step").0, "record");
    assert!(first.contains(&("export".to_owned(), "marts.revenue".to_owned())), "{first:?}");

    // The file goes elsewhere, and what nobody declares any more is withdrawn.
    sandbox.edit("assets/marts/revenue.toml", "out/revenue.csv", "out/sums.csv");
    let second = apply(&sandbox);
    assert!(second.contains(&("remove".to_owned(), "marts.revenue".to_owned())), "{second:?}");
    sandbox.remove("assets/marts/revenue.toml");
    let third = apply(&sandbox);
    assert!(third.contains(&("withdraw".to_owned(), String::new())), "{third:?}");
    assert_eq!(explained(&sandbox), []);
}

#[test]
fn it_is_numbered_and_says_what_it_depends_on() {
    let sandbox = shop();
    insta::assert_snapshot!(sandbox.dp(["plan", "--explain"]).success(), @"
    Create
      + raw.orders      not published here
      + staging.orders  not published here
      + marts.revenue   not published here

    Steps (in the order of the apply)
       1  backup   the state, before the run changes it
       2  record   the run and its intended steps for 3 assets, before any change
       3  build    raw.orders: a snapshot of 1 file at data/orders.csv
       4  build    staging.orders: a new version from its query
       5  build    marts.revenue: a new version from its query
       6  check    marts.revenue: not_null(customer), unique(customer)
                   if this content has no result yet
       7  sync     new versions to the disk, before the state names them
       8  publish  `raw.orders`, `staging.orders` and `marts.revenue`: in one
                   transaction, if all steps and `error` checks passed
       9  show     the new release at warehouse/prod, with one rename
      10  clean    old releases of prod, except the newest 10
                   if there are more of them
      11  export   marts.revenue: out/revenue.csv
      12  record   the result of the run

    Plan: 3 to create.
    Next: dp apply
    [exit 0]
    ");
    sandbox.apply();
    sandbox.edit("assets/staging/orders.toml", ">= 10", ">= 15");
    let plan = sandbox.dp(["plan", "--explain"]).success().result();
    let steps = plan.split_once("Steps").expect("a heading").1;
    insta::assert_snapshot!(steps, @r"
     (in the order of the apply)
       1  backup   the state, before the run changes it
       2  record   the run and its intended steps for 2 assets, before any change
       3  build    staging.orders: a new version from its query
       4  build    marts.revenue: a new version from its query
                   if the rebuilt inputs differ in what it reads
       5  check    marts.revenue: not_null(customer), unique(customer)
                   if this content has no result yet
       6  sync     new versions to the disk, before the state names them
       7  publish  `staging.orders` and `marts.revenue`: in one transaction, if all
                   steps and `error` checks passed
       8  show     the new release at warehouse/prod, with one rename
       9  clean    old releases of prod, except the newest 10
                   if there are more of them
      10  export   marts.revenue: out/revenue.csv
                   if it was built
      11  record   the result of the run

    Plan: 1 to rebuild, 1 maybe, 1 unchanged.
    Next: dp apply
    ");
    sandbox.apply();
    sandbox.dp(["plan", "--explain"]).success().says("Nothing to do: 3 assets are up to date.");
    sandbox.dp(["plan", "--explain", "--markdown"]).exits(64);
    assert_eq!(sandbox.dp(["plan", "--json"]).success().json().get("explain"), None);
}
