//! Estimates the duration of a plan from the past builds of its assets. An asset without a history has no estimate.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use serde::{Deserialize, Serialize};

use super::{Action, Plan, Step};
use crate::model::AssetName;
use crate::seam::{LedgerRead, PastBuild, RecordError};

/// How many of an asset's last builds are considered.
const BUILDS: usize = 5;

/// The usual cost of building one asset: medians of its last builds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Duration of the build and of the checks after it, in milliseconds.
    pub ms: u64,
    /// Rows; `None` for a view.
    pub rows: Option<u64>,
    /// Bytes in the store; `None` for a view.
    pub bytes: Option<u64>,
}

/// The estimate for a whole plan if every `maybe` is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The number of assets that are worked on in parallel.
    pub jobs: usize,
    /// Duration from start to end, in milliseconds.
    pub ms: u64,
    /// The sum of all builds, in milliseconds.
    pub work_ms: u64,
    /// Rows of all builds.
    pub rows: u64,
    /// Bytes of all builds.
    pub bytes: u64,
    /// The longest chain of builds that wait for each other, in order.
    pub chain: Vec<AssetName>,
    /// The duration of that chain, in milliseconds.
    pub chain_ms: u64,
    /// The number of builds without a history, which count as zero.
    pub unknown: usize,
}

/// The cost of assets that were not built, from their last builds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Saved {
    /// The number of assets with a history that were not built.
    pub assets: usize,
    /// The sum of their builds, in milliseconds.
    pub ms: u64,
    /// Their rows.
    pub rows: u64,
}

fn is_build(step: &Step) -> bool {
    matches!(step.action, Action::Create | Action::Rebuild | Action::Maybe)
}

/// Returns the usual cost of each build of a plan, by asset. Needs a few look-ups per asset, however long the history
/// is.
pub(super) fn estimates(
    steps: &[Step],
    catalogue: &dyn LedgerRead,
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

/// Returns the median; of two middle values the lower.
fn median(values: impl Iterator<Item = u64>) -> Option<u64> {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values.get(values.len().checked_sub(1)? / 2).copied()
}

impl Plan {
    /// Returns the estimate for the plan with `jobs` parallel jobs; `None` if nothing that it builds has a history.
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

    /// Returns, for each asset that is built, the time from its start until the last build that waits for it is
    /// finished, in milliseconds. The asset with the longest remaining path starts first. A build without a history
    /// counts as long as the median of those that have one.
    pub fn urgencies(&self) -> BTreeMap<AssetName, u64> {
        let builds: Vec<&Step> = self.steps.iter().filter(|step| is_build(step)).collect();
        let urgencies = Schedule::of(&builds, &self.estimates).urgencies();
        builds.into_iter().map(|step| step.asset.clone()).zip(urgencies).collect()
    }

    /// Returns the cost that is saved because these assets were not built.
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

/// Builds by position in topological order, with the builds that they wait for.
struct Schedule {
    /// The duration of each build in milliseconds; 0 if it is unknown.
    ms: Vec<u64>,
    /// The same, with the median for an unknown duration.
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

    /// Returns the path through the graph that takes longest, whatever the number of jobs, and its duration.
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

    /// Returns the duration of an apply that starts the most urgent ready build whenever a job is free.
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
        // 0 and 1 are ready, 2 waits for 0, and 3 waits for 1 and 2.
        let diamond = schedule(&[(10, &[]), (25, &[]), (20, &[0]), (5, &[1, 2])]);
        assert_eq!(diamond.longest_chain(), (vec![0, 2, 3], 35));
        assert_eq!(diamond.duration(1), 60);
        assert_eq!(diamond.duration(2), 35);
        assert_eq!(diamond.duration(9), 35);
    }

    #[test]
    fn the_longest_way_is_begun_first() {
        // Two short builds, and a long chain after the third.
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
