//! What operations say while they work.

use std::any::Any;

use crate::ledger::sqlite::Holder;
use crate::model::EnvironmentName;
use crate::run::Recovered;

/// Hears what an operation says while it works.
pub trait Listener {
    /// Called with something that the user should know.
    fn notice(&self, notice: &Notice<'_>);

    /// Called when longer work starts. The value is dropped when the work ends.
    fn working(&self) -> Box<dyn Any>;
}

/// Something that the user should know.
#[derive(Debug)]
pub enum Notice<'a> {
    /// Another run holds the lock; `None` if its holder is unknown.
    Waiting(Option<&'a Holder>),
    /// An earlier run did not end, and was recovered.
    Recovered(&'a Recovered),
    /// An earlier run did not end, and could not be recovered, with the reason.
    NotRecovered(&'a str),
    /// The checks were not run, because of mistakes in these files, or in the whole project.
    ChecksLeftOut(Option<&'a str>),
    /// The published links of an environment could not be repaired, with the reason.
    LinksLeft(&'a EnvironmentName, &'a str),
    /// What the user approved changed before the lock was acquired, so the user is asked again.
    Changed {
        /// Whether it is a plan; otherwise it is another change of what is published.
        is_plan: bool,
    },
}
