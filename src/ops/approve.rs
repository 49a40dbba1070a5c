//! Proposes a change, asks the user without the lock, and proposes it again under the lock.

use super::error::OpError;
use super::listener::Notice;
use super::workspace::Workspace;

/// What an operation would do.
pub trait Proposal {
    /// Whether it is a plan of the project.
    const IS_PLAN: bool = false;

    /// Whether there is nothing to do, so that nobody is asked and no lock is needed.
    fn is_nothing(&self) -> bool;

    /// Whether a user who approved this proposal also approved `now`, which was made later under the lock.
    fn covers(&self, now: &Self) -> bool;
}

/// Asks the user.
pub trait Approver<P> {
    /// Whether the user has to be asked. If not, [`Self::approves`] is called under the lock only.
    fn is_needed(&self) -> bool;

    /// Shows a proposal and asks the user to approve it, if that is needed. Returns the answer.
    ///
    /// # Errors
    /// If nobody can be asked.
    fn approves(&mut self, proposal: &P) -> Result<bool, OpError>;
}

/// The outcome of asking.
#[derive(Debug)]
pub enum Approval<P, L> {
    /// The user declined.
    Declined,
    /// There is nothing to do.
    Nothing(P),
    /// The user approved this proposal, or approval was not needed. The lock is held.
    Granted(P, L),
}

/// Proposes, asks, acquires the lock, and proposes again. If the second proposal is not covered by the approved one,
/// releases the lock and asks again: no lock is held while the user thinks.
///
/// `acquire` returns the lock, with what it guards. `propose` gets it, or `None` while it is not held.
pub fn approved<P: Proposal, L>(
    workspace: &Workspace,
    approver: &mut dyn Approver<P>,
    acquire: &dyn Fn() -> Result<L, OpError>,
    propose: &dyn Fn(Option<&L>) -> Result<P, OpError>,
) -> Result<Approval<P, L>, OpError> {
    let mut granted = None;
    if approver.is_needed() {
        let proposal = propose(None)?;
        if proposal.is_nothing() {
            return Ok(Approval::Nothing(proposal));
        }
        if !approver.approves(&proposal)? {
            return Ok(Approval::Declined);
        }
        granted = Some(proposal);
    }
    loop {
        let lock = acquire()?;
        let now = propose(Some(&lock))?;
        if now.is_nothing() {
            return Ok(Approval::Nothing(now));
        }
        let is_granted = match &granted {
            Some(granted) => granted.covers(&now),
            None => approver.approves(&now)?,
        };
        if is_granted {
            return Ok(Approval::Granted(now, lock));
        }
        if granted.is_none() {
            return Ok(Approval::Declined);
        }
        drop(lock);
        workspace.listener.notice(&Notice::Changed { is_plan: P::IS_PLAN });
        if !approver.approves(&now)? {
            return Ok(Approval::Declined);
        }
        granted = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;
    use crate::ops::workspace::tests::workspace;

    impl Proposal for u32 {
        fn is_nothing(&self) -> bool {
            *self == 0
        }
        fn covers(&self, now: &Self) -> bool {
            self == now
        }
    }

    /// Answers with the given words, and keeps what it was asked.
    struct Answers {
        needed: bool,
        replies: Vec<bool>,
        asked: Vec<u32>,
    }

    impl Approver<u32> for Answers {
        fn is_needed(&self) -> bool {
            self.needed
        }
        fn approves(&mut self, proposal: &u32) -> Result<bool, OpError> {
            self.asked.push(*proposal);
            Ok(self.replies.remove(0))
        }
    }

    /// Runs with proposals that are made one after the other. Returns the outcome, what was asked, and for each
    /// proposal whether the lock was held.
    fn outcome(needed: bool, answers: &[bool], proposals: &[u32]) -> (String, Vec<u32>, Vec<bool>) {
        let held = RefCell::new(Vec::new());
        let next = Cell::new(0);
        let mut approver = Answers {
            needed,
            replies: answers.to_vec(),
            asked: Vec::new(),
        };
        let outcome = approved(&workspace(), &mut approver, &|| Ok(()), &|lock| {
            held.borrow_mut().push(lock.is_some());
            next.set(next.get() + 1);
            Ok(proposals[next.get() - 1])
        });
        (format!("{:?}", outcome.unwrap()), approver.asked, held.into_inner())
    }

    #[test]
    fn what_is_approved_is_proposed_again_under_the_lock() {
        assert_eq!(outcome(true, &[true], &[1, 1]), ("Granted(1, ())".to_owned(), vec![1], vec![false, true]));
    }

    #[test]
    fn what_changed_is_asked_again() {
        let twice = ("Granted(2, ())".to_owned(), vec![1, 2], vec![false, true, true]);
        assert_eq!(outcome(true, &[true, true], &[1, 2, 2]), twice);
        assert_eq!(outcome(true, &[true, false], &[1, 2]).0, "Declined");
    }

    #[test]
    fn nobody_is_asked_for_nothing() {
        assert_eq!(outcome(true, &[], &[0]), ("Nothing(0)".to_owned(), vec![], vec![false]));
        assert_eq!(outcome(true, &[true], &[1, 0]).0, "Nothing(0)");
        assert_eq!(outcome(false, &[], &[0]), ("Nothing(0)".to_owned(), vec![], vec![true]));
    }

    #[test]
    fn what_is_approved_beforehand_is_shown_under_the_lock() {
        assert_eq!(outcome(false, &[true], &[3]), ("Granted(3, ())".to_owned(), vec![3], vec![true]));
        assert_eq!(outcome(true, &[false], &[3]).0, "Declined");
    }
}
