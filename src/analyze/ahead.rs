//! Binds what does not depend on each other at the same time, before it is asked for one by one.
//!
//! The engine says the same of a query whoever asks, so what is bound here only saves time: answers are put down under the
//! key of everything they depend on, and a query that can't be bound is asked about again in its turn, where its
//! error is reported.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::binding::{Binder, text};
use crate::project::AssetName;
use crate::state::{Digest, Schema};
use crate::warehouse::{Analyst, BoundQuery, EngineError, Relation, RelationBody};

/// A query to bind.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub sql: String,
    pub inputs: BTreeSet<AssetName>,
}

/// What the engine said under a key, and the text by which it is remembered.
type Answer = (Digest, BoundQuery, String);

/// Fewer queries than this are not worth a second engine.
const FEWEST: usize = 16;

/// Most engines that bind at once.
const MOST: usize = 8;

/// Binding deeply nested queries takes stack; pages that are not touched cost nothing.
const STACK: usize = 256 << 20;

/// Engines that help, each with the stand-ins that it has.
pub(super) struct Helpers {
    helpers: Vec<Helper>,
    most: usize,
}

struct Helper {
    analyst: Box<dyn Analyst>,
    declared: BTreeSet<AssetName>,
}

impl Helpers {
    /// As many as there are cores, opened when there is work for them.
    pub(super) fn new() -> Self {
        Self {
            helpers: Vec::new(),
            most: std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(MOST),
        }
    }

    /// Binds these queries, as far as nothing is remembered of them, and puts the answers where `binder` finds them.
    pub(super) fn bind(&mut self, jobs: Vec<Job>, binder: &mut Binder<'_>) {
        let mut open: BTreeMap<Digest, Job> =
            jobs.into_iter().map(|job| (binder.key(&job.sql, &job.inputs, ""), job)).collect();
        let texts: Vec<(Digest, String)> = binder.recall_all(&open.keys().collect::<Vec<_>>()).into_iter().collect();
        let recalled: Vec<(Digest, BoundQuery)> =
            texts.into_par_iter().filter_map(|(key, text)| Some((key, serde_json::from_str(&text).ok()?))).collect();
        for (key, bound) in recalled {
            open.remove(&key);
            binder.ready.insert(key, bound);
        }
        if open.len() < FEWEST || self.most < 2 {
            return;
        }
        while self.helpers.len() < self.most {
            self.helpers.push(Helper {
                analyst: binder.analyst.another(),
                declared: BTreeSet::new(),
            });
        }
        let open: Vec<(Digest, Job)> = open.into_iter().collect();
        let share = open.len().div_ceil(self.helpers.len());
        let known = &binder.known;
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let threads: Vec<_> = self
                .helpers
                .iter_mut()
                .zip(open.chunks(share))
                .filter_map(|(helper, jobs)| {
                    let work = move || helper.work(jobs, known);
                    std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok()
                })
                .collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
        });
        for (key, bound, text) in answers {
            binder.remember(&key, text);
            binder.ready.insert(key, bound);
        }
    }
}

impl Helper {
    fn work(&mut self, jobs: &[(Digest, Job)], known: &BTreeMap<AssetName, Schema>) -> Vec<Answer> {
        let answer = |(key, job): &(Digest, Job)| {
            let bound = self.bind(job, known).ok()?;
            let text = text(&bound);
            Some((key.clone(), bound, text))
        };
        jobs.iter().filter_map(answer).collect()
    }

    fn bind(&mut self, job: &Job, known: &BTreeMap<AssetName, Schema>) -> Result<BoundQuery, EngineError> {
        for input in &job.inputs {
            if let (Some(schema), true) = (known.get(input), self.declared.insert(input.clone())) {
                self.analyst.declare(&Relation {
                    name: input.clone(),
                    body: RelationBody::Empty(schema.clone()),
                })?;
            }
        }
        self.analyst.bind(&job.sql)
    }
}
