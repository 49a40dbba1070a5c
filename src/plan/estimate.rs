//! What a plan will take, from what its assets took before. What has no history has no number.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use serde::{Deserialize, Serialize};

use super::{Action, Plan, Step};
use crate::project::AssetName;
use crate::state::{Catalogue, PastBuild, RecordError};

/// How many of the last builds of an asset are looked at.
const BUILDS: usize = 5;

/// What a build of one asset usually takes: medians of its last builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Time of the build and of the checks after it, in milliseconds.
    pub ms: u64,
    /// Rows, unless it is a view.
    pub rows: Option<u64>,
    /// Bytes in the store, unless it is a view.
    pub bytes: Option<u64>,
}

/// What a whole plan will take if every `maybe` is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// How many assets are worked on at once.
    pub jobs: usize,
    /// From the beginning to the end, in milliseconds.
    pub ms: u64,
    /// All builds added up.
    pub work_ms: u64,
    /// Rows of all builds.
    pub rows: u64,
    /// Bytes of all builds.
    pub bytes: u64,
    /// The builds that wait for each other longest, in their order.
    pub chain: Vec<AssetName>,
    /// How long those take one after the other.
    pub chain_ms: u64,
    /// Builds without a history, which count as nothing here.
    pub unknown: usize,
}

/// What was not done, and what it took when it was last done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Saved {
    /// How many assets with a history were not built.
    pub assets: usize,
    /// Their builds added up, in milliseconds.
    pub ms: u64,
    /// Their rows.
    pub rows: u64,
}

fn is_build(step: &Step) -> bool {
    matches!(step.action, Action::Create | Action::Rebuild | Action::Maybe)
}

/// What each build of a plan usually takes, by asset. A few look-ups for each, however long the history.
pub(super) fn estimates(
    steps: &[Step],
    catalogue: &dyn Catalogue,
) -> Result<BTreeMap<AssetName, Estimate>, RecordError> {
    let mut estimates = BTreeMap::new();
    for step in steps.iter().filter(|step| is_build(step)) {
        let past = catalogue.past_builds(&step.asset, BUILDS)?;
        estimates.extend(usual(&past).map(|estimate| (step.asset.clone(), estimate)));
    }
    Ok(estimates)
}

fn usual(past: &[PastBuild]) -> Option<Estimate> {
    Some(Estimate {
        ms: median(past.iter().map(|build| build.ms))?,
        rows: median(past.iter().filter_map(|build| build.rows)),
        bytes: median(past.iter().filter_map(|build| build.bytes)),
    })
}

/// The middle one; of two in the middle the lower.
fn median(values: impl Iterator<Item = u64>) -> Option<u64> {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values.get(values.len().checked_sub(1)? / 2).copied()
}

impl Plan {
    /// What the plan will take with so many at work at once; `None` if nothing that it builds has a history.
    pub fn forecast(&self, jobs: usize) -> Option<Forecast> {
        let builds: Vec<&Step> = self.steps.iter().filter(|step| is_build(step)).collect();
        let known: Vec<&Estimate> = builds.iter().filter_map(|step| self.estimates.get(&step.asset)).collect();
        if known.is_empty() {
            return None;
        }
        let schedule = Schedule::of(&builds, &self.estimates);
        let (chain, chain_ms) = schedule.longest_chain();
        Some(Forecast {
            jobs,
            ms: schedule.duration(jobs.max(1)),
            work_ms: known.iter().map(|estimate| estimate.ms).sum(),
            rows: known.iter().filter_map(|estimate| estimate.rows).sum(),
            bytes: known.iter().filter_map(|estimate| estimate.bytes).sum(),
            chain: chain.into_iter().map(|index| builds[index].asset.clone()).collect(),
            chain_ms,
            unknown: builds.len() - known.len(),
        })
    }

    /// For each asset that is built, how long it takes from its beginning until the last of what waits for it is built, in
    /// milliseconds: the one with the longest way behind it is to be begun first. A build without a history counts as
    /// long as the middle one of those that have one.
    pub fn urgencies(&self) -> BTreeMap<AssetName, u64> {
        let builds: Vec<&Step> = self.steps.iter().filter(|step| is_build(step)).collect();
        let urgencies = Schedule::of(&builds, &self.estimates).urgencies();
        builds.into_iter().map(|step| step.asset.clone()).zip(urgencies).collect()
    }

    /// What it saves that these assets were not built after all.
    pub fn saved<'a>(&self, cut_off: impl IntoIterator<Item = &'a AssetName>) -> Saved {
        let mut saved = Saved::default();
        for estimate in cut_off.into_iter().filter_map(|asset| self.estimates.get(asset)) {
            saved.assets += 1;
            saved.ms += estimate.ms;
            saved.rows += estimate.rows.unwrap_or_default();
        }
        saved
    }
}

/// Builds by position in topological order, with what they wait for.
struct Schedule {
    /// What each takes as far as that is known, else nothing.
    ms: Vec<u64>,
    /// The same, where nothing is known what is usual.
    expected_ms: Vec<u64>,
    needs: Vec<Vec<usize>>,
}

impl Schedule {
    fn of(builds: &[&Step], estimates: &BTreeMap<AssetName, Estimate>) -> Self {
        let positions: BTreeMap<&AssetName, usize> =
            builds.iter().enumerate().map(|(index, step)| (&step.asset, index)).collect();
        let known: Vec<Option<u64>> = builds.iter().map(|step| Some(estimates.get(&step.asset)?.ms)).collect();
        let usual = median(known.iter().flatten().copied()).unwrap_or(1).max(1);
        Self {
            ms: known.iter().map(|ms| ms.unwrap_or_default()).collect(),
            expected_ms: known.iter().map(|ms| ms.unwrap_or(usual)).collect(),
            needs: builds
                .iter()
                .map(|step| step.inputs.iter().filter_map(|input| positions.get(input).copied()).collect())
                .collect(),
        }
    }

    /// The way through the graph that takes longest, however many are at work.
    fn longest_chain(&self) -> (Vec<usize>, u64) {
        let mut until = vec![0; self.ms.len()];
        let mut before: Vec<Option<usize>> = vec![None; self.ms.len()];
        for index in 0..self.ms.len() {
            before[index] = self.needs[index].iter().copied().max_by_key(|need| (until[*need], Reverse(*need)));
            until[index] = self.ms[index] + before[index].map_or(0, |need| until[need]);
        }
        let last = (0..until.len()).max_by_key(|index| (until[*index], Reverse(*index)));
        let mut chain: Vec<usize> = std::iter::successors(last, |index| before[*index]).collect();
        chain.reverse();
        (chain, last.map_or(0, |index| until[index]))
    }

    /// See [`Plan::urgencies`].
    fn urgencies(&self) -> Vec<u64> {
        let mut after = vec![0; self.needs.len()];
        let mut urgencies = vec![0; self.needs.len()];
        for (index, needs) in self.needs.iter().enumerate().rev() {
            urgencies[index] = self.expected_ms[index] + after[index];
            for need in needs {
                after[*need] = urgencies[index].max(after[*need]);
            }
        }
        urgencies
    }

    /// What an apply takes that begins what is most urgent of what is ready as soon as somebody is free.
    fn duration(&self, jobs: usize) -> u64 {
        let urgencies = self.urgencies();
        let turn = |index: usize| (urgencies[index], Reverse(index));
        let mut missing: Vec<usize> = self.needs.iter().map(Vec::len).collect();
        let mut readers = vec![Vec::new(); self.needs.len()];
        for (index, needs) in self.needs.iter().enumerate() {
            for need in needs {
                readers[*need].push(index);
            }
        }
        let mut ready: BinaryHeap<_> = (0..missing.len()).filter(|index| missing[*index] == 0).map(turn).collect();
        let mut running = BinaryHeap::new();
        let mut now = 0;
        loop {
            while running.len() < jobs
                && let Some((_, Reverse(index))) = ready.pop()
            {
                running.push(Reverse((now + self.ms[index], index)));
            }
            let Some(Reverse((end, index))) = running.pop() else {
                return now;
            };
            now = end;
            for reader in &readers[index] {
                missing[*reader] -= 1;
                if missing[*reader] == 0 {
                    ready.push(turn(*reader));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(builds: &[(u64, &[usize])]) -> Schedule {
        Schedule {
            ms: builds.iter().map(|(ms, _)| *ms).collect(),
            expected_ms: builds.iter().map(|(ms, _)| *ms).collect(),
            needs: builds.iter().map(|(_, needs)| needs.to_vec()).collect(),
        }
    }

    #[test]
    fn the_usual_is_the_median_of_what_is_known() {
        let build = |ms, rows| PastBuild { ms, rows, bytes: None };
        let past = [build(9_000, Some(10)), build(5, Some(30)), build(7, None)];
        let expected = Estimate {
            ms: 7,
            rows: Some(10),
            bytes: None,
        };
        assert_eq!(usual(&past), Some(expected));
        assert_eq!(usual(&[]), None);
    }

    #[test]
    fn time_depends_on_how_many_work_and_the_chain_does_not() {
        // 0 and 1 are ready, 2 waits for 0, 3 for 1 and 2.
        let diamond = schedule(&[(10, &[]), (25, &[]), (20, &[0]), (5, &[1, 2])]);
        assert_eq!(diamond.longest_chain(), (vec![0, 2, 3], 35));
        assert_eq!(diamond.duration(1), 60);
        assert_eq!(diamond.duration(2), 35);
        assert_eq!(diamond.duration(9), 35);
    }

    #[test]
    fn the_longest_way_is_begun_first() {
        // Two short ones, and a long chain behind the last.
        let late = schedule(&[(10, &[]), (10, &[]), (10, &[]), (30, &[2]), (30, &[3])]);
        assert_eq!(late.urgencies(), [10, 10, 70, 60, 30]);
        assert_eq!(late.duration(2), 70);
    }

    #[test]
    fn independent_builds_share_the_time() {
        let wide = schedule(&[(10, &[]), (10, &[]), (10, &[]), (10, &[])]);
        assert_eq!((wide.duration(1), wide.duration(2), wide.duration(4)), (40, 20, 10));
        assert_eq!(wide.longest_chain(), (vec![0], 10));
        assert_eq!(schedule(&[]).duration(1), 0);
    }
}
