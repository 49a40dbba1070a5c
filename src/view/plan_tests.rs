use std::collections::BTreeMap;

use super::*;
use crate::plan::{SqlChange, StandsOn};

pub(in crate::view) fn step_of(asset: &str, action: Action) -> Step {
    Step {
        asset: asset.parse().unwrap(),
        kind: "sql".to_owned(),
        action,
        reasons: Vec::new(),
        inputs: Vec::new(),
        change: None,
        columns: Vec::new(),
        checks: Vec::new(),
        reuse: None,
        cut_off: Vec::new(),
        proven: Vec::new(),
        stands_on: StandsOn::default(),
        held: None,
    }
}

pub(in crate::view) fn plan_of(steps: Vec<Step>) -> Plan {
    Plan {
        project: "shop".to_owned(),
        environment: "prod".parse().unwrap(),
        state_id: "s".to_owned(),
        serial: 12,
        steps,
        estimates: BTreeMap::new(),
        drift: Vec::new(),
        warnings: Vec::new(),
        left_out: Vec::new(),
        repair_links: false,
    }
}

fn view() -> PlanView<'static> {
    PlanView {
        all: false,
        now: Timestamp::from_second(10_000).unwrap(),
        next: None,
        forecast: None,
        explained: None,
        verbose: false,
        jobs: None,
    }
}

fn because(asset: &str, action: Action, reasons: Vec<Reason>) -> Step {
    Step {
        reasons,
        ..step_of(asset, action)
    }
}

fn edited(file: &str, changes: &[&str]) -> Reason {
    Reason::DefinitionChanged {
        changes: changes.iter().map(ToString::to_string).collect(),
        file: file.to_owned(),
        line: 7,
    }
}

fn may_change(input: &str) -> Reason {
    Reason::InputMayChange {
        input: input.parse().unwrap(),
    }
}

fn full() -> Plan {
    let mut plan = plan_of(vec![
        because("raw.orders", Action::Create, vec![Reason::New]),
        because("raw.customers", Action::Create, vec![Reason::New]),
        Step {
            columns: vec!["column `total` added".to_owned()],
            change: Some(SqlChange {
                before: "select id, amount\nfrom raw.orders\n".to_owned(),
                after: "select id, amount * 2 as total\nfrom raw.orders\n".to_owned(),
                file: "assets/staging/orders.toml".to_owned(),
                line: 7,
                outputs: None,
            }),
            ..because(
                "staging.orders",
                Action::Rebuild,
                vec![edited("assets/staging/orders.toml", &["sql changed: `amount`"]), may_change("raw.orders")],
            )
        },
        because("marts.daily", Action::Maybe, vec![may_change("staging.orders")]),
        Step {
            reuse: Some("00ff00ff00ff00ff".parse().unwrap()),
            ..because("marts.weekly", Action::Reuse, vec![edited("assets/marts/weekly.toml", &["sql changed"])])
        },
        because(
            "marts.checked",
            Action::Check,
            vec![Reason::ChecksDue {
                checks: vec!["not_null(id)".to_owned()],
                why: "no result for this content".to_owned(),
            }],
        ),
        because("marts.old", Action::Destroy, vec![Reason::Removed { file: None }]),
        step_of("marts.same", Action::Unchanged),
    ]);
    plan.drift.push(Drift {
        asset: Some("marts.weekly".parse().unwrap()),
        what: "changed".to_owned(),
        path: "out/weekly.parquet".to_owned(),
        mtime: Some(2_500),
        action: "reuse".to_owned(),
    });
    plan.warnings.push(Warning {
        code: "dp::analyze::clock".to_owned(),
        message: "`now()` makes it another at each build, and `refresh` is not set".to_owned(),
        file: Some("assets/marts/daily.toml".to_owned()),
        line: Some(3),
        column: Some(8),
    });
    plan
}

#[test]
fn a_plan_reads_from_drift_to_the_next_step() {
    let expected = "\
Changed outside dp
  ! marts.weekly
      out/weekly.parquet was changed 2 h 5 min ago; dp restores the recorded
      version

Create
  + raw.orders     not published here
  + raw.customers  not published here

Rebuild
  ~ staging.orders  sql changed: `amount`  assets/staging/orders.toml:7
                    raw.orders may change too
      column `total` added
        - select id, amount
      7 + select id, amount * 2 as total
      8   from raw.orders

Maybe (decided after the inputs are built)
  ? marts.daily  skipped if staging.orders does not change

Reuse (built before; only published)
  = marts.weekly  sql changed  assets/marts/weekly.toml:7
      version 00ff00ff00ff00ff

Check (the data stays the same)
  ✓ marts.checked  not_null(id): no result for this content

Destroy (no longer published)
  - marts.old  no longer declared

Warnings
  ! `now()` makes it another at each build, and `refresh` is not set
    assets/marts/daily.toml:3:8  dp::analyze::clock

Plan: 2 to create, 1 to rebuild, 1 maybe, 1 to reuse, 1 to check, 1 to destroy,
1 unchanged.
Next: dp apply
";
    let shown = plan(
        &full(),
        &PlanView {
            next: Some("dp apply"),
            ..view()
        },
        &Theme::plain(80),
    );
    assert_eq!(shown, expected);
}

#[test]
fn what_has_a_history_has_an_estimate() {
    let mut plan_value = plan_of(vec![
        because("staging.orders", Action::Rebuild, vec![edited("assets/staging/orders.toml", &["sql changed"])]),
        Step {
            inputs: vec!["staging.orders".parse().unwrap()],
            ..because("marts.daily", Action::Maybe, vec![may_change("staging.orders")])
        },
        because("marts.new", Action::Create, vec![Reason::New]),
    ]);
    assert_eq!(plan_value.forecast(2), None);
    let estimate = |ms, rows| Estimate {
        ms,
        rows: Some(rows),
        bytes: Some(52_000),
    };
    plan_value.estimates.insert("staging.orders".parse().unwrap(), estimate(4_200, 1_000));
    plan_value.estimates.insert("marts.daily".parse().unwrap(), estimate(1_000, 1));
    let forecast = plan_value.forecast(2);
    let silent = PlanView {
        forecast: forecast.as_ref(),
        ..view()
    };
    let view = PlanView {
        verbose: true,
        forecast: forecast.as_ref(),
        jobs: Some(2),
        ..view()
    };
    let expected = "\
Create
  + marts.new  not published here

Rebuild
  ~ staging.orders  sql changed  assets/staging/orders.toml:7
                    usually 4.2 s, 1,000 rows, 52.0 kB

Maybe (decided after the inputs are built)
  ? marts.daily  skipped if staging.orders does not change
                 usually 1.0 s, 1 row, 52.0 kB

Plan: 1 to create, 1 to rebuild, 1 maybe.
Estimate: at most 5.2 s with -j 2, 1,001 rows. 1 build without a history.
Longest chain: 5.2 s: staging.orders → marts.daily
";
    assert_eq!(plan(&plan_value, &view, &Theme::plain(80)), expected);
    // A short duration needs no number.
    assert!(!plan(&plan_value, &silent, &Theme::plain(80)).contains("1 row, 52.0 kB"));
    plan_value.estimates.clear();
    assert!(
        !plan(
            &plan_value,
            &PlanView {
                forecast: None,
                ..view
            },
            &Theme::plain(80)
        )
        .contains("usually")
    );
}

#[test]
fn nothing_to_do_is_one_line() {
    let theme = Theme::plain(80);
    let same = |number: usize| plan_of((0..number).map(|n| step_of(&format!("a.t{n}"), Action::Unchanged)).collect());
    assert_eq!(plan(&same(12), &view(), &theme), "Nothing to do: 12 assets are up to date.\n");
    assert_eq!(plan(&same(1), &view(), &theme), "Nothing to do: 1 asset is up to date.\n");
    assert_eq!(plan(&same(0), &view(), &theme), "Nothing to do: there are no assets.\n");
    let all = PlanView { all: true, ..view() };
    let dev = Plan {
        environment: "dev".parse().unwrap(),
        ..same(1)
    };
    assert_eq!(plan(&dev, &all, &theme), "Unchanged\n    a.t0\n\nNothing to do in dev: 1 asset is up to date.\n");
}

#[test]
fn broken_links_alone_are_something_to_do() {
    let plan_value = Plan {
        repair_links: true,
        ..plan_of(vec![step_of("a.b", Action::Unchanged)])
    };
    let shown = plan(&plan_value, &view(), &Theme::plain(80));
    assert!(shown.ends_with("Plan: links to repair, 1 unchanged.\n"), "{shown}");
    let shown = plan(
        &Plan {
            steps: Vec::new(),
            ..plan_value
        },
        &view(),
        &Theme::plain(80),
    );
    assert!(shown.ends_with("Plan: links to repair.\n"), "{shown}");
}

#[test]
fn eighty_columns_hold_long_names_and_reasons() {
    let name = format!("{}.{}", "s".repeat(29), "t".repeat(30));
    let long = "sql changed: the select list, the where clause, the group by clause and quite a lot more of it";
    let file = format!("assets/{}/{}.toml", "s".repeat(29), "t".repeat(30));
    let mut value = plan_of(vec![
        because(&name, Action::Rebuild, vec![edited(&file, &[long, long]), may_change(&name)]),
        because("a.b", Action::Rebuild, vec![edited(&file, &[long])]),
        because("a.c", Action::Destroy, vec![Reason::OutputMissing { path: "x/".repeat(70) }]),
    ]);
    value.drift.push(Drift {
        asset: Some(name.parse().unwrap()),
        what: "changed".to_owned(),
        path: "y".repeat(120),
        mtime: Some(20_000),
        action: "rebuild".to_owned(),
    });
    value.warnings.push(Warning {
        code: "dp::analyze::a_rather_long_code".to_owned(),
        message: long.to_owned(),
        file: Some(file),
        line: Some(3),
        column: Some(8),
    });
    let shown = plan(&value, &view(), &Theme::plain(80));
    for line in shown.lines() {
        assert!(width(line) <= 80, "{} columns: {line}", width(line));
    }
    assert!(shown.contains(&format!("  ~ {name}\n      sql changed: the select list")), "{shown}");
}

#[test]
fn the_longest_name_has_a_line_of_its_own() {
    let name = format!("{}.{}", "s".repeat(63), "t".repeat(63));
    let shown = plan(&plan_of(vec![because(&name, Action::Create, vec![Reason::New])]), &view(), &Theme::plain(80));
    assert_eq!(shown, format!("Create\n  + {name}\n      not published here\n\nPlan: 1 to create.\n"));
}

#[test]
fn colour_is_only_there_when_it_is_on() {
    let theme = Theme::plain(80);
    let shown = plan(&full(), &view(), &theme);
    assert!(!shown.contains('\u{1b}'));
    let colored = plan(&full(), &view(), &Theme { color: true, ..theme });
    assert!(colored.contains("\u{1b}[32m+\u{1b}[0m"));
    assert_eq!(console::strip_ansi_codes(&colored), shown);
}

#[test]
fn dp_adds_no_symbol_outside_ascii_if_it_may_not() {
    let ascii = Theme {
        unicode: false,
        ..Theme::plain(80)
    };
    assert!(plan(&full(), &view(), &ascii).is_ascii());
}

#[test]
fn hostile_values_are_escaped() {
    let mut value = plan_of(vec![Step {
        columns: vec!["column `\u{1b}[2J\n` added".to_owned()],
        ..because("a.b", Action::Rebuild, vec![edited("assets/\u{1b}]0;x\u{7}.toml", &["option `\r\n` added"])])
    }]);
    value.warnings.push(Warning {
        code: "c\u{1b}".to_owned(),
        message: "m\u{1b}\nn".to_owned(),
        file: Some("f\u{1b}".to_owned()),
        line: None,
        column: None,
    });
    value.drift.push(Drift {
        asset: Some("a.b".parse().unwrap()),
        what: "\u{1b}".to_owned(),
        path: "p\u{1b}\n".to_owned(),
        mtime: None,
        action: "rebuild".to_owned(),
    });
    let shown = plan(&value, &view(), &Theme::plain(80));
    assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
    assert!(shown.contains("option `\\r\\n` added"), "{shown}");
    assert!(shown.contains("column `\\u{1b}[2J\\n` added"), "{shown}");
    assert!(shown.contains("m\\u{1b}\\nn"), "{shown}");
}

#[test]
fn ages_count_from_now() {
    let now = Timestamp::from_second(100).unwrap();
    assert_eq!(age(Some(40), now), " 1 min 0 s ago");
    assert_eq!(age(Some(160), now), " at 1970-01-01T00:02:40Z, which is in the future");
    assert_eq!(age(None, now), "");
}
