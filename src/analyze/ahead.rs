//! Parses and binds independent queries in parallel.
//!
//! The engine's answer for a query does not depend on the connection, so binding ahead only saves time. Answers are
//! stored under the key of everything that they depend on. A query that can't be bound here is bound again in its
//! turn, where its error is reported.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::binding::{Binder, from_text, text};
use crate::base::trace;
use crate::model::{AssetName, Digest};
use crate::seam::{Analyst, BoundQuery, EngineError, SourceRead, SourceReader};
use crate::sql::syntax::Syntax;

/// A query to bind.
#[derive(Clone, Debug)]
pub(super) struct Job {
    /// The key of the answer.
    pub key: Digest,
    pub sql: String,
    pub inputs: BTreeSet<AssetName>,
}

/// The engine's answer for a key, and the text that is cached.
type Answer = (Digest, BoundQuery, String);

/// The parser's answer for a text, and the text that is cached.
pub(super) type Parsed = Result<(Syntax, String), EngineError>;

/// The minimum number of queries for which a second thread pays off.
const FEWEST: usize = 16;

/// The number of queries per call of the binder; progress is reported between calls.
const BOUND_AT_ONCE: usize = 64;

/// The number of texts per call of the parser.
const PARSED_AT_ONCE: usize = 256;

/// The maximum number of threads that bind in parallel.
const MOST: usize = 8;

/// Binding deeply nested queries needs a large stack; untouched pages cost nothing.
const STACK: usize = 256 << 20;

/// Additional connections to the engine.
pub(super) struct Helpers {
    helpers: Vec<Box<dyn Analyst>>,
    most: usize,
}

impl Helpers {
    /// At most one per core, opened when there is work for them.
    pub(super) fn new() -> Self {
        Self {
            helpers: Vec::new(),
            most: std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(MOST),
        }
    }

    /// Parses these texts separately.
    pub(super) fn parse(&mut self, texts: &[&str], analyst: &mut dyn Analyst) -> Result<Vec<Parsed>, EngineError> {
        trace::expect(texts.len());
        if texts.len() < FEWEST {
            return parsed(analyst, texts);
        }
        self.open(analyst)?;
        self.share(texts, |helper, texts| vec![parsed(helper, texts)])?
            .into_iter()
            .collect::<Result<Vec<_>, _>>()
            .map(|all| all.into_iter().flatten().collect())
    }

    /// Returns the columns of these sources and the queries that read them. A source that fails gets `None`; it fails
    /// again, and is reported, when it is read separately.
    pub(super) fn read(&mut self, sources: &[&SourceReader], analyst: &mut dyn Analyst) -> Vec<Option<SourceRead>> {
        let unknown = || sources.iter().map(|_| None).collect();
        if sources.len() < 2 || self.open(analyst).is_err() {
            return unknown();
        }
        trace::expect(sources.len());
        let read = |helper: &mut dyn Analyst, sources: &[&SourceReader]| {
            let read = |source: &&SourceReader| {
                trace::advance(1);
                helper.read_schema(source).ok()
            };
            sources.iter().map(read).collect()
        };
        self.share(sources, read).unwrap_or_else(|_| unknown())
    }

    fn open(&mut self, analyst: &mut dyn Analyst) -> Result<(), EngineError> {
        while self.helpers.len() < self.most {
            self.helpers.push(analyst.another()?);
        }
        Ok(())
    }

    /// Binds those queries whose answers are not cached, and puts the answers where `binder` finds them.
    pub(super) fn bind<'j>(&mut self, jobs: impl IntoIterator<Item = &'j Job>, binder: &mut Binder<'_>) {
        let mut open: BTreeMap<&Digest, &Job> = jobs.into_iter().map(|job| (&job.key, job)).collect();
        let texts: Vec<(Digest, String)> =
            binder.recall_all(&open.keys().copied().collect::<Vec<_>>()).into_iter().collect();
        let recalled: Vec<(Digest, BoundQuery)> =
            texts.into_par_iter().filter_map(|(key, text)| Some((key, from_text(&text)?))).collect();
        for (key, bound) in recalled {
            open.remove(&key);
            binder.ready.insert(key, bound);
        }
        if open.len() < FEWEST {
            return;
        }
        // An engine that fails here fails again when the queries are bound one by one, and is reported there.
        let Ok(answers) = self.ask(&open.into_values().collect::<Vec<_>>(), binder) else {
            return;
        };
        for (key, bound, text) in answers {
            binder.remember(&key, text);
            binder.ready.insert(key, bound);
        }
    }

    fn ask(&mut self, jobs: &[&Job], binder: &mut Binder<'_>) -> Result<Vec<Answer>, EngineError> {
        self.open(binder.analyst)?;
        let relations = binder.missing(jobs.iter().flat_map(|job| &job.inputs));
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
                let thread = thread.map_err(|error| EngineError::other(error.to_string()))?;
                all.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            Ok(all)
        })
    }
}

fn parsed(analyst: &mut dyn Analyst, texts: &[&str]) -> Result<Vec<Parsed>, EngineError> {
    let mut all = Vec::with_capacity(texts.len());
    for texts in texts.chunks(PARSED_AT_ONCE) {
        all.extend(analyst.parse(texts)?.into_iter().map(|answer| {
            let syntax = answer?;
            let text = serde_json::to_string(&syntax).expect("dp's own values have a JSON form");
            Ok((syntax, text))
        }));
        trace::advance(texts.len());
    }
    Ok(all)
}

fn answers(helper: &mut dyn Analyst, jobs: &[&Job]) -> Vec<Answer> {
    let answer = |(job, bound): (&&Job, Option<BoundQuery>)| {
        let bound = bound?;
        let text = text(&bound);
        Some((job.key.clone(), bound, text))
    };
    let mut all = Vec::with_capacity(jobs.len());
    for jobs in jobs.chunks(BOUND_AT_ONCE) {
        let queries: Vec<&str> = jobs.iter().map(|job| job.sql.as_str()).collect();
        all.extend(jobs.iter().zip(helper.bind_all(&queries)).filter_map(answer));
        trace::advance(jobs.len());
    }
    all
}
