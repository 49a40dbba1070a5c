//! The value of `--wait`.

use std::time::Duration;

use crate::ledger::sqlite::Wait;
use crate::ops::{OpError, RequestError};

/// Parses the value.
pub(super) fn waiting(wait: Option<&str>) -> Result<Wait, OpError> {
    match wait {
        None => Ok(Wait::No),
        Some("forever") => Ok(Wait::Forever),
        Some(text) => match crate::project::parse_duration(text) {
            Some(seconds) => Ok(Wait::UpTo(Duration::from_secs(seconds))),
            None => Err(RequestError::BadArgument {
                command: "apply",
                why: format!("`--wait={text}`: not a duration such as 90s, 10m or 2h"),
            }
            .into()),
        },
    }
}
