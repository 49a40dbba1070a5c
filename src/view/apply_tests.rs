use jiff::Timestamp;

use super::super::check::tests::record;
use super::*;
use crate::model::{CheckRecord, Severity};

fn event(kind: EventKind) -> Event {
    Event {
        time: Timestamp::UNIX_EPOCH,
        run: RunId(5),
        kind,
    }
}

fn finished(asset: &str, outcome: &str, message: Option<&str>) -> Event {
    let is_there = matches!(outcome, "built" | "reused" | "cut_off");
    event(EventKind::StepFinished {
        asset: asset.parse().unwrap(),
        outcome: outcome.to_owned(),
        ms: if outcome == "skipped" { 0 } else { 412 },
        rows: is_there.then_some(1234),
        bytes: is_there.then_some(56_700),
        message: message.map(ToOwned::to_owned),
    })
}

fn over(outcome: &str, counts: Counts) -> Event {
    event(EventKind::RunFinished {
        outcome: outcome.to_owned(),
        counts,
        ms: 1_200,
        estimated_ms: None,
        saved: None,
    })
}

fn shown(event: &Event) -> String {
    line(event, &Theme::plain(80)).unwrap()
}

#[test]
fn each_step_is_a_line() {
    let expected = "  built      staging.orders                  1,234 rows    56.7 kB    412 ms";
    assert_eq!(shown(&finished("staging.orders", "built", None)), expected);
    let expected = "  cut off    a.b                             1,234 rows    56.7 kB    412 ms";
    assert_eq!(shown(&finished("a.b", "cut_off", None)), expected);
    assert_eq!(shown(&finished("a.b", "destroyed", None)), "  destroyed  a.b                             412 ms");
    assert_eq!(shown(&finished("a.b", "skipped", Some("`a.a` failed"))), "  skipped    a.b  `a.a` failed");
}

#[test]
fn a_failed_step_says_why_below() {
    let message = "no such column\n  LINE 1: \u{1b}[31mselect";
    let expected = "  failed     a.b                             412 ms
      no such column
        LINE 1: \\u{1b}[31mselect";
    assert_eq!(shown(&finished("a.b", "failed", Some(message))), expected);
}

#[test]
fn the_summary_compares_with_what_was_expected() {
    let told = |verbose: bool, outcome: &str, estimated_ms: Option<u64>, saved: Option<Saved>| {
        let kind = EventKind::RunFinished {
            outcome: outcome.to_owned(),
            counts: Counts {
                built: 1,
                cut_off: 1,
                published: 1,
                ..Counts::default()
            },
            ms: 1_200,
            estimated_ms,
            saved,
        };
        let context = RunContext {
            next: Some("dp status".to_owned()),
            verbose,
            ..RunContext::default()
        };
        line_in(&event(kind), &context, &Theme::plain(80)).unwrap()
    };
    let with = |outcome: &str, estimated_ms, saved| told(true, outcome, estimated_ms, saved);
    let saved = Saved {
        assets: 1,
        ms: 800,
        rows: 1_000,
    };
    let expected = "\
Done: 1 built, 1 cut off, published as run r5 in 1.2 s.
The estimate was 1.4 s; builds that were cut off usually take 800 ms and produce
1,000 rows.
Next: dp status";
    assert_eq!(with("done", Some(1_400), Some(saved)), expected);
    assert!(with("done", Some(1_400), None).contains("\nThe estimate was 1.4 s.\n"));
    assert!(!with("done", None, None).contains("estimate"));
    assert!(!told(false, "done", Some(1_400), Some(saved)).contains("estimate"));
    assert!(told(false, "done", Some(2_400), Some(saved)).contains("\nThe estimate was 2.4 s; builds"));
    assert!(!with("failed", Some(1_400), Some(saved)).contains("estimate"));
}

#[test]
fn eighty_columns_hold_long_names_and_messages() {
    let name = format!("{}.{}", "s".repeat(30), "t".repeat(30));
    for outcome in ["built", "failed", "skipped", "cut_off", "something_new"] {
        let text = shown(&finished(&name, outcome, Some(&"word ".repeat(40))));
        assert!(text.lines().all(|line| width(line) <= 80), "{text}");
        assert!(!text.ends_with('\n'));
    }
}

#[test]
fn the_end_is_a_summary() {
    let counts = Counts {
        built: 3,
        cut_off: 1,
        published: 3,
        ..Counts::default()
    };
    assert_eq!(shown(&over("done", counts)), "Done: 3 built, 1 cut off, published as run r5 in 1.2 s.");
    let checked = Counts {
        checked: 1,
        ..Counts::default()
    };
    assert_eq!(shown(&over("done", checked)), "Done: 1 checked, run r5 in 1.2 s.");
    let failed = Counts {
        built: 2,
        failed: 1,
        skipped: 4,
        ..Counts::default()
    };
    assert_eq!(
        shown(&over("failed", failed)),
        "Nothing was published: 1 failed, 4 skipped; the next run reuses finished builds\n(run r5, 1.2 s)."
    );
    let part = Counts {
        published: 2,
        ..failed
    };
    assert_eq!(
        shown(&over("failed", part)),
        "Published in part: 2 assets published, 1 failed, 4 skipped; the next run reuses\nfinished builds (run r5, 1.2 s)."
    );
    let not_in_place = Counts {
        built: 2,
        published: 2,
        destroyed: 1,
        ..Counts::default()
    };
    assert_eq!(
        shown(&over("failed", not_in_place)),
        "Published with errors: 2 published, 1 destroyed (run r5, 1.2 s)."
    );
    assert_eq!(shown(&over("interrupted", Counts::default())), "Interrupted: nothing was published (run r5, 1.2 s).");
}

#[test]
fn the_view_sends_each_text_where_it_belongs() {
    let mut said = Vec::new();
    let context = RunContext {
        verbose: false,
        unchanged: 2,
        next: Some("dp status".to_owned()),
        left_out: 0,
        again: None,
    };
    let mut view = ApplyView::new(Theme::plain(80), context, ProgressDrawTarget::hidden(), |channel, text: &str| {
        said.push((channel, text.to_owned()));
    })
    .with_result_theme(Theme::plain(50));
    view.event(&event(EventKind::RunStarted {
        environment: "prod".to_owned(),
        steps: 1,
    }));
    view.event(&event(EventKind::StepStarted {
        asset: "a.b".parse().unwrap(),
        work: "build".to_owned(),
    }));
    view.event(&event(EventKind::CheckFinished {
        asset: "a.b".parse().unwrap(),
        record: CheckRecord {
            failures: 1,
            ..record(CheckOutcome::Failed, Severity::Warn)
        },
    }));
    view.event(&event(EventKind::CheckFinished {
        asset: "a.b".parse().unwrap(),
        record: record(CheckOutcome::Passed, Severity::Error),
    }));
    view.event(&finished("a.b", "reused", None));
    view.event(&finished("a.c", "failed", Some("bad")));
    let counts = Counts {
        reused: 1,
        published: 1,
        ..Counts::default()
    };
    view.event(&over("done", counts));
    view.clear();
    drop(view);
    let channels: Vec<_> = said.iter().map(|(channel, _)| *channel).collect();
    assert_eq!(channels, [Channel::Failure, Channel::Progress, Channel::Failure, Channel::Result]);
    assert_eq!(said[3].1, "Done: 1 reused, 2 unchanged, published as run r5\nin 1.2 s.\nNext: dp status\n");
}

#[test]
fn colour_is_only_there_when_it_is_on() {
    let theme = Theme::plain(80);
    let events =
        [finished("a.b", "built", None), finished("a.b", "failed", Some("x")), over("done", Counts::default())];
    for event in &events {
        let plain = line(event, &theme).unwrap();
        assert!(!plain.contains('\u{1b}'));
        let colored = line(event, &Theme { color: true, ..theme }).unwrap();
        assert!(colored.contains('\u{1b}'));
        assert_eq!(console::strip_ansi_codes(&colored), plain);
    }
}
