//! What is published, and what was published before.

use std::collections::BTreeMap;

use dp::ledger::sqlite::{Batch, StoreError, VersionState};
use dp::model::{RunId, Version, VersionId};
use proptest::prelude::*;

use crate::sample::{Sandbox, apply, name, publication, second, start, version};

#[test]
fn publishing_moves_and_withdraws_and_remembers_what_was() {
    let sandbox = Sandbox::new();
    let mut writer = sandbox.writer();
    let first = apply(&mut writer, "prod", &["a.x", "a.y", "a.z"]);
    let release = writer.snapshot("prod").unwrap().release;

    let run = writer.begin_run(&start("prod", &["a.x"])).unwrap();
    let next = version(run, "a.x", "next");
    let mut batch = Batch::new(run);
    batch.versions.push((next.clone(), None));
    let set = publication("prod", &[&next, &first[1]], &["a.z", "a.never"]);
    let serial = writer.publish(run, &set, second(1_700_000_009), &batch).unwrap();

    let snapshot = writer.snapshot("prod").unwrap();
    assert_eq!(snapshot.serial, serial);
    assert_eq!(snapshot.release.as_ref(), Some(&set.release));
    assert_eq!(snapshot.published.len(), 2);
    assert_eq!(snapshot.published[&name("a.x")].version, next);
    assert_eq!(snapshot.published[&name("a.x")].run, run);
    // Its pointer stood there already.
    assert_eq!(snapshot.published[&name("a.y")].run, RunId(1));

    let last = writer.last_publication("prod").unwrap().unwrap();
    assert_eq!((last.run, last.serial, last.at), (run, serial, second(1_700_000_009)));
    assert_eq!(last.previous_release, release);
    let changes: Vec<_> = last
        .changes
        .iter()
        .map(|change| (change.asset.as_str(), change.before.as_ref(), change.after.as_ref()))
        .collect();
    assert_eq!(changes, [("a.x", Some(&first[0].id), Some(&next.id)), ("a.z", Some(&first[2].id), None)]);
    assert_eq!(writer.publications_since("prod", RunId(1)).unwrap().len(), 2);
    assert_eq!(writer.publications_since("prod", run).unwrap(), [last]);
    assert!(writer.last_publication("dev").unwrap().is_none());
}

#[test]
fn what_is_not_intact_is_not_published_and_nothing_else_is_either() {
    let sandbox = Sandbox::new();
    let mut writer = sandbox.writer();
    let versions = apply(&mut writer, "dev", &["a.x", "a.y"]);
    writer.mark_version(&versions[1].id, VersionState::Damaged, "test").unwrap();
    let run = writer.begin_run(&start("prod", &[])).unwrap();
    let serial = writer.snapshot("prod").unwrap().serial;

    let both = publication("prod", &[&versions[0], &versions[1]], &[]);
    let error = writer.publish(run, &both, second(1), &Batch::new(run)).unwrap_err();
    assert_eq!(error.to_string(), format!("version {} of `a.y` is damaged, so dp can't publish it", versions[1].id));
    let mut mixed_up = publication("prod", &[&versions[0]], &[]);
    mixed_up.set[0].0 = name("a.y");
    let error = writer.publish(run, &mixed_up, second(1), &Batch::new(run)).unwrap_err();
    assert!(matches!(error, StoreError::UnknownVersion { .. }));

    let snapshot = writer.snapshot("prod").unwrap();
    assert!(snapshot.published.is_empty() && snapshot.release.is_none());
    assert_eq!(snapshot.serial, serial);
}

#[test]
fn what_is_published_can_not_be_marked_as_removed() {
    let sandbox = Sandbox::new();
    let mut writer = sandbox.writer();
    let versions = apply(&mut writer, "prod", &["a.x"]);
    let error = writer.mark_version(&versions[0].id, VersionState::Removed, "gc").unwrap_err();
    assert_eq!(error.to_string(), format!("version {} is published in `prod`, so dp can't remove it", versions[0].id));
    let unknown = VersionId::random();
    writer.mark_version(&unknown, VersionState::Damaged, "x").unwrap_err();
}

/// For each asset: a new version, the oldest one again, or its withdrawal.
#[derive(Clone, Copy, Debug)]
enum Move {
    New,
    Oldest,
    Withdraw,
}

fn moves() -> impl Strategy<Value = Vec<(bool, BTreeMap<usize, Move>)>> {
    let one = prop_oneof![Just(Move::New), Just(Move::Oldest), Just(Move::Withdraw)];
    let publication = (any::<bool>(), prop::collection::btree_map(0..4_usize, one, 0..4));
    prop::collection::vec(publication, 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn pointers_are_where_the_publications_moved_them(publications in moves()) {
        const ASSETS: [&str; 4] = ["a.w", "a.x", "b.y", "b.z"];
        let sandbox = Sandbox::new();
        let mut writer = sandbox.writer();
        let mut model: BTreeMap<&str, BTreeMap<&str, Version>> = BTreeMap::new();
        let mut oldest: BTreeMap<&str, Version> = BTreeMap::new();
        for (to_dev, moves) in publications {
            let environment = if to_dev { "dev" } else { "prod" };
            let run = writer.begin_run(&start(environment, &[])).unwrap();
            let mut batch = Batch::new(run);
            let pointers = model.entry(environment).or_default();
            let before = pointers.clone();
            let mut withdrawn = Vec::new();
            let mut set = Vec::new();
            for (index, step) in moves {
                let asset = ASSETS[index];
                let chosen = match step {
                    Move::Withdraw => None,
                    Move::Oldest => oldest.get(asset).cloned(),
                    Move::New => {
                        let made = version(run, asset, "x");
                        batch.versions.push((made.clone(), None));
                        oldest.entry(asset).or_insert_with(|| made.clone());
                        Some(made)
                    }
                };
                if let Some(chosen) = chosen {
                    pointers.insert(asset, chosen.clone());
                    set.push(chosen);
                } else {
                    pointers.remove(asset);
                    withdrawn.push(asset);
                }
            }
            let set = publication(environment, &set.iter().collect::<Vec<_>>(), &withdrawn);
            let serial = writer.publish(run, &set, second(1), &batch).unwrap();

            // The record of the publication is the difference between before and after.
            let last = writer.last_publication(environment).unwrap().unwrap();
            prop_assert_eq!(last.serial, serial);
            let mut undone: BTreeMap<String, VersionId> =
                pointers.iter().map(|(asset, version)| ((*asset).to_owned(), version.id.clone())).collect();
            for change in last.changes {
                prop_assert_ne!(&change.before, &change.after);
                prop_assert_eq!(undone.remove(change.asset.as_str()), change.after);
                undone.extend(change.before.map(|id| (change.asset.to_string(), id)));
            }
            let before: BTreeMap<_, _> = before.into_iter().map(|(asset, version)| (asset.to_owned(), version.id)).collect();
            prop_assert_eq!(undone, before);
        }
        let reader = sandbox.reader();
        for (environment, pointers) in model {
            let snapshot = reader.snapshot(environment).unwrap();
            let published: BTreeMap<_, _> =
                snapshot.published.iter().map(|(asset, published)| (asset.as_str(), published.version.clone())).collect();
            prop_assert_eq!(published, pointers);
        }
    }
}
