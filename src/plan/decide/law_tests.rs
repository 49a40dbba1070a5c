//! Laws of the decision over random evidence. `PROPTEST_CASES` sets how many cases are tried.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::SignedDuration;
use proptest::array::uniform12;
use proptest::bool::weighted;
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::sample::select;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use proptest::{prop_assert, prop_assert_eq};

use super::world_tests::{World, digest, file, name, now, only};
use super::{Candidates, Certain, Decision, Input, Inputs, Integrity, Verdict, decide, known};
use crate::model::{ContentLists, HeldBack, OutputState, RunId, VersionId};
use crate::project::Refresh;

/// What is the case for one asset that reads `t.up`.
#[derive(Clone, Debug)]
struct Case {
    asset: &'static str,
    switches: [bool; 12],
    /// What is wrong with the published files: nothing, an export, or what is stored.
    output: usize,
    /// How the published input differs from what was read: not, in its version, in other columns, in all.
    input: usize,
    /// Which stored version there is: none, one made of what is published, one made of what will be built.
    stored: usize,
    /// Whether columns of the gap are certain.
    is_certain: bool,
    /// Whether `t.up` gives the same rows again.
    same_rows: bool,
}

/// The world of a case, its inputs with the gap, and the same inputs once `t.up` is built.
fn world(case: &Case) -> (World, Inputs, Inputs) {
    static START: LazyLock<World> = LazyLock::new(World::new);
    let mut world = START.clone();
    let [new, edited, replanned, other_file, stale, forced, unstable, held, resumed, placed, renamed, by_hand] =
        case.switches;
    let up = name("t.up");
    match case.input {
        1 => world.publish("t.up", "rows"),
        2 => {
            let same = world.published("t.up").lists.clone();
            world.publish("t.up", "other rows");
            world.published("t.up").lists = same;
        }
        3 => world.publish("t.up", "other rows"),
        _ => {}
    }
    if new {
        world.snapshot.published.remove(&name(case.asset));
    }
    if edited {
        world.edit(case.asset);
    }
    let facts = world.declared(case.asset);
    if replanned && facts.plan.is_some() {
        facts.plan = Some(digest("another plan"));
    }
    if other_file {
        facts.files = vec![file("data/a.csv", "bytes")];
    }
    if unstable {
        facts.unstable = BTreeSet::from(["random()".to_owned()]);
    }
    if stale {
        world.asset(case.asset).refresh = Some(Refresh::After {
            seconds: 60,
            written: "1m".to_owned(),
        });
        for version in &mut world.versions {
            version.created = now() - SignedDuration::from_hours(1);
        }
        for published in world.snapshot.published.values_mut() {
            published.version.created = now() - SignedDuration::from_hours(1);
        }
    }
    if forced {
        world.replace.insert(name(case.asset));
    }
    if held {
        world.snapshot.held.push(HeldBack {
            asset: name(case.asset),
            definition: Some(world.facts[&name(case.asset)].definition.clone()),
            key: None,
            version: None,
            run: RunId(7),
            since: now(),
        });
    }
    world.resume = resumed;
    if placed && !new && case.asset == "t.file" {
        world.published(case.asset).export = None;
    }
    if case.output > 0 {
        let state = OutputState {
            what: "changed",
            path: "out/file.csv".to_owned(),
            stored: case.output == 2,
            mtime: None,
        };
        world.observed.outputs.insert(name(case.asset), state);
    }
    if renamed && !new {
        world.asset(case.asset).moved_from.push((name("t.old"), 0..0));
        let mut published = world.snapshot.published.remove(&name(case.asset)).expect("it is published");
        published.version.asset = name("t.old");
        world.snapshot.published.insert(name("t.old"), published);
    }
    let inputs = world.contents();
    let published = world.snapshot.published[&up].version.clone();
    let certain = case.is_certain.then(|| Certain {
        same_as: Some(published.id.clone()),
        columns: only(&["a"]),
        contents: ContentLists {
            lists: published.lists.clone(),
            ..ContentLists::default()
        },
    });
    let mut gap = inputs.clone();
    gap.insert(
        up.clone(),
        Input::Pending {
            other_columns_than: (replanned && certain.is_none()).then(|| published.id.clone()),
            certain,
        },
    );
    let mut built = world.made(&up, if case.same_rows { "rows" } else { "rows of a new build" }, &inputs);
    if case.is_certain {
        built.lists = published.lists;
    }
    let mut closed = inputs.clone();
    closed.insert(up, known(&built));
    let made_of = [None, Some(&inputs), Some(&closed)][case.stored];
    if let Some(inputs) = made_of {
        let mut version = world.made(&name(case.asset), "stored", inputs);
        version.by_hand = by_hand.then(|| crate::model::ByHand {
            how: "accepted".to_owned(),
            reason: "it is right".to_owned(),
            path: "a.csv".to_owned(),
        });
        world.versions.insert(0, version);
    }
    (world, gap, closed)
}

fn cases() -> impl Strategy<Value = Case> {
    (
        select(vec!["t.table", "t.file", "t.view", "t.program"]),
        // Each switch is off in most cases, or nothing would stay as it is.
        uniform12(weighted(0.12)),
        (select(vec![0, 0, 0, 1, 2]), 0..4_usize, 0..3_usize),
        any::<(bool, bool)>(),
    )
        .prop_map(|(asset, switches, (output, input, stored), (is_certain, same_rows))| Case {
            asset,
            switches,
            output,
            input,
            stored,
            is_certain,
            same_rows,
        })
}

/// The version that a plan chose, for the run.
fn chosen(planned: &Decision<'_>) -> Option<VersionId> {
    match &planned.verdict {
        Verdict::Reuse(id) => Some(id.clone()),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn closing_a_gap_changes_only_what_was_open(case in cases()) {
        let (world, gap, closed) = world(&case);
        let evidence = world.evidence(case.asset, &gap, None);
        let planned = decide(&evidence, &world.candidates(&evidence));

        // A run asks again without the gap, with what the plan chose.
        let chosen = chosen(&planned);
        let evidence = world.evidence(case.asset, &closed, chosen.as_ref());
        let mut found = world.candidates(&evidence);
        let done = decide(&evidence, &found);
        prop_assert!(
            match (&planned.verdict, &done.verdict) {
                (_, Verdict::Undecided) => false,
                (Verdict::Undecided, _) | (Verdict::Build, Verdict::Reuse(_)) => true,
                (before, after) => before == after,
            },
            "{:?} became {:?}: {:?}, then {:?}", planned.verdict, done.verdict, planned.differences, done.differences
        );
        let is_held = evidence.held_back.is_some() && !world.resume;
        prop_assert_eq!(done.held.is_some(), done.verdict != Verdict::Keep && is_held);
        prop_assert_eq!(done.verdict == Verdict::Keep, done.differences.is_empty());

        // Stored versions can only save a build, and a damaged one saves none.
        let without = decide(&evidence, &Candidates::default());
        match &done.verdict {
            Verdict::Reuse(id) => {
                if chosen.is_none() {
                    prop_assert_eq!(&without.verdict, &Verdict::Build);
                }
                found.get(id).expect("a candidate").1 = Integrity::Damaged;
                prop_assert!(decide(&evidence, &found).verdict != done.verdict);
            }
            verdict => prop_assert_eq!(&without.verdict, verdict),
        }
    }
}

#[test]
fn the_law_is_tried_on_every_change() {
    let word = |decision: &Decision<'_>| match decision.verdict {
        Verdict::Keep => "keep",
        Verdict::Reuse(_) => "reuse",
        Verdict::Build => "build",
        Verdict::Undecided => "undecided",
    };
    let mut runner = TestRunner::deterministic();
    let mut found = BTreeSet::new();
    for _ in 0..1000 {
        let case = cases().new_tree(&mut runner).expect("a case").current();
        let (world, gap, closed) = world(&case);
        let evidence = world.evidence(case.asset, &gap, None);
        let planned = decide(&evidence, &world.candidates(&evidence));
        let chosen = chosen(&planned);
        let evidence = world.evidence(case.asset, &closed, chosen.as_ref());
        found.insert((word(&planned), word(&decide(&evidence, &world.candidates(&evidence)))));
    }
    let expected = [
        ("build", "build"),
        ("build", "reuse"),
        ("keep", "keep"),
        ("reuse", "reuse"),
        ("undecided", "build"),
        ("undecided", "keep"),
        ("undecided", "reuse"),
    ];
    assert_eq!(found, BTreeSet::from(expected));
}
