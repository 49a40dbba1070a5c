//! Laws of the decision over random evidence. `PROPTEST_CASES` sets how many cases are tried.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::{prop_assert, prop_assert_eq};

use super::world_tests::{World, digest, file, name, now, only};
use super::{Candidates, Certain, Input, Inputs, Integrity, Verdict, decide, known};
use crate::model::{ContentLists, HeldBack, OutputState, RunId};
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
    let mut world = World::new();
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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn closing_a_gap_changes_only_what_was_open(
        asset in proptest::sample::select(vec!["t.table", "t.file", "t.view", "t.program"]),
        likely in any::<[(bool, bool); 12]>(),
        (output, input, stored) in (0..3_usize, 0..4_usize, 0..3_usize),
        (is_certain, same_rows) in any::<(bool, bool)>(),
    ) {
        // Each switch is off in most cases, or nothing would stay as it is.
        let switches = likely.map(|(one, other)| one && other);
        let case = Case { asset, switches, output, input, stored, is_certain, same_rows };
        let (world, gap, closed) = world(&case);
        let evidence = world.evidence(asset, &gap, None);
        let planned = decide(&evidence, &world.candidates(&evidence));
        let chosen = match &planned.verdict {
            Verdict::Reuse(id) => Some(id),
            _ => None,
        };

        // A run asks again without the gap, with what the plan chose.
        let evidence = world.evidence(asset, &closed, chosen);
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
        prop_assert_eq!(done.held.is_some(), done.verdict != Verdict::Keep && evidence.held_back.is_some() && !world.resume);
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
