//! Reports an error on the screen.

use super::exit::Exit;
use super::session::Session;
use crate::ops::{Failure, OpError};
use crate::view;

impl From<Failure> for Exit {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused => Self::Refused,
            Failure::Failed => Self::Failed,
            Failure::Locked => Self::Locked,
            Failure::Bug => Self::Bug,
        }
    }
}

/// Reports the error and returns the exit code.
pub(super) fn report(error: &OpError, session: &Session) -> Exit {
    let (json, text, exit) = match error {
        OpError::Problems(problems) => {
            (view::problems_json(problems), view::problems(problems, &session.theme_of_errors()), Exit::Refused)
        }
        OpError::Other(error, failure) => (
            view::diagnostic_json(error.as_ref()),
            view::diagnostic(error.as_ref(), &session.theme_of_errors()),
            Exit::from(*failure),
        ),
    };
    // If stdout is closed, stderr still gets the text.
    if !session.global.json || session.json_error(&json).is_err() {
        session.ui.report(&text);
    }
    exit
}
