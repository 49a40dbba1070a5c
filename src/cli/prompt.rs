//! Asks the user on the terminal.

use super::session::Session;
use crate::ops::{Approver, OpError, RequestError};

/// Shows a proposal and asks a question.
pub(super) struct Prompt<'a, P> {
    session: &'a Session,
    /// Whether the user approved everything beforehand.
    auto_approve: bool,
    /// Whether the proposal is shown even if nobody is asked.
    announces: bool,
    question: String,
    show: &'a dyn Fn(&P) -> Result<(), OpError>,
}

impl<'a, P> Prompt<'a, P> {
    pub(super) fn new(
        session: &'a Session,
        auto_approve: bool,
        question: impl Into<String>,
        show: &'a dyn Fn(&P) -> Result<(), OpError>,
    ) -> Self {
        Self {
            session,
            auto_approve,
            announces: false,
            question: question.into(),
            show,
        }
    }

    /// Shows the proposal even if nobody is asked, before it is carried out.
    pub(super) fn announcing(mut self) -> Self {
        self.announces = true;
        self
    }
}

impl<P> Approver<P> for Prompt<'_, P> {
    fn is_needed(&self) -> bool {
        !self.auto_approve
    }

    fn approves(&mut self, proposal: &P) -> Result<bool, OpError> {
        let Session { ui, global, .. } = self.session;
        if self.auto_approve {
            return if self.announces && !global.json { (self.show)(proposal).map(|()| true) } else { Ok(true) };
        }
        if global.json {
            return Err(RequestError::NoPrompt.into());
        }
        (self.show)(proposal)?;
        if !ui.can_ask() {
            return Err(RequestError::NoPrompt.into());
        }
        if ui.confirm(&self.question).unwrap_or(false) {
            return Ok(true);
        }
        ui.status("Cancelled; nothing was changed.\n");
        Ok(false)
    }
}
