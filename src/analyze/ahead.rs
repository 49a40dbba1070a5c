//! Binds what does not depend on each other at the same time, before it is asked for one by one.
//!
//! The engine says the same of a query whoever asks, so what is bound here only saves time: answers are put down under the
//! key of everything they depend on, and a query that can't be bound is asked about again in its turn, where its
//! error is reported.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::binding::{Binder, from_text, text};
use crate::project::AssetName;
use crate::state::Digest;
use crate::trace;
use crate::warehouse::{Analyst, BoundQuery, EngineError};

/// A query to bind.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub sql: String,
    pub inputs: BTreeSet<AssetName>,
}

/// What the engine said under a key, and the text by which it is remembered.
type Answer = (Digest, BoundQuery, String);

/// Fewer queries than this are not worth a second thread.
const FEWEST: usize = 16;

/// So many queries are given to the engine in one go; between them people hear how far it is.
const AT_ONCE: usize = 64;

/// Most threads that bind at once.
const MOST: usize = 8;

/// Binding deeply nested queries takes stack; pages that are not touched cost nothing.
const STACK: usize = 256 << 20;

/// Connections to the engine that help.
pub(super) struct Helpers {
    helpers: Vec<Box<dyn Analyst>>,
    most: usize,
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
            texts.into_par_iter().filter_map(|(key, text)| Some((key, from_text(&text)?))).collect();
        for (key, bound) in recalled {
            open.remove(&key);
            binder.ready.insert(key, bound);
        }
        if open.len() < FEWEST {
            return;
        }
        // An engine that fails here fails again where the queries are bound one by one, and is reported there.
        let Ok(answers) = self.ask(&open.into_iter().collect::<Vec<_>>(), binder) else {
            return;
        };
        for (key, bound, text) in answers {
            binder.remember(&key, text);
            binder.ready.insert(key, bound);
        }
    }

    fn ask(&mut self, jobs: &[(Digest, Job)], binder: &mut Binder<'_>) -> Result<Vec<Answer>, EngineError> {
        while self.helpers.len() < self.most {
            self.helpers.push(binder.analyst.another()?);
        }
        let relations = binder.missing(jobs.iter().flat_map(|(_, job)| &job.inputs));
        let schemas: BTreeSet<&str> = relations.iter().map(|relation| relation.name.schema()).collect();
        binder.analyst.declare_schemas(&schemas.into_iter().collect::<Vec<_>>())?;
        let said = self.share(&relations, |helper, relations| vec![helper.declare(relations)])?;
        said.into_iter().collect::<Result<(), _>>()?;
        binder.note_declared(relations);
        trace::expect(jobs.len());
        self.share(jobs, answers)
    }

    /// Gives each helper its part of the work.
    fn share<T: Sync, A: Send>(
        &mut self,
        work: &[T],
        how: impl Fn(&mut dyn Analyst, &[T]) -> Vec<A> + Sync,
    ) -> Result<Vec<A>, EngineError> {
        let part = work.len().div_ceil(self.helpers.len()).max(1);
        let how = &how;
        std::thread::scope(|scope| {
            let threads: Vec<_> = self
                .helpers
                .iter_mut()
                .zip(work.chunks(part))
                .map(|(helper, part)| {
                    let work = move || how(helper.as_mut(), part);
                    std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work)
                })
                .collect();
            let mut all = Vec::with_capacity(work.len());
            for thread in threads {
                let thread = thread.map_err(|error| EngineError::of_kind("internal", error.to_string()))?;
                all.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            Ok(all)
        })
    }
}

fn answers(helper: &mut dyn Analyst, jobs: &[(Digest, Job)]) -> Vec<Answer> {
    let answer = |((key, _), bound): (&(Digest, Job), Option<BoundQuery>)| {
        let bound = bound?;
        let text = text(&bound);
        Some((key.clone(), bound, text))
    };
    let mut all = Vec::with_capacity(jobs.len());
    for jobs in jobs.chunks(AT_ONCE) {
        let queries: Vec<&str> = jobs.iter().map(|(_, job)| job.sql.as_str()).collect();
        all.extend(jobs.iter().zip(helper.bind_all(&queries)).filter_map(answer));
        trace::advance(jobs.len());
    }
    all
}
