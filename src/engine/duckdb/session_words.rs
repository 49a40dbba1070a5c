//! Finds out whether a query takes words such as `current_date` and `user` for values of the clock or the session, or
//! for names of columns.

use std::collections::BTreeSet;

use super::session::Session;
use super::{meaning, plan};
use crate::seam::EngineError;

/// The functions that the binder calls for words that are not columns, and expressions of the same types that it can
/// neither evaluate nor confuse with a constant: word, function, expression.
const FUNCTIONS: [(&str, &str, &str); 11] = [
    ("current_catalog", "current_catalog", "CAST(random() AS VARCHAR)"),
    ("current_date", "current_date", "CAST(make_timestamp(CAST(random() AS BIGINT)) AS DATE)"),
    ("current_role", "current_role", "CAST(random() AS VARCHAR)"),
    ("current_schema", "current_schema", "CAST(random() AS VARCHAR)"),
    ("current_time", "get_current_time", "CAST(timestamptz '2000-01-01 00:00:00+00' + to_seconds(random()) AS TIMETZ)"),
    ("current_timestamp", "get_current_timestamp", "timestamptz '2000-01-01 00:00:00+00' + to_seconds(random())"),
    ("current_user", "current_user", "CAST(random() AS VARCHAR)"),
    ("localtime", "current_localtime", "CAST(make_timestamp(CAST(random() AS BIGINT)) AS TIME)"),
    ("localtimestamp", "current_localtimestamp", "make_timestamp(CAST(random() AS BIGINT))"),
    ("session_user", "session_user", "CAST(random() AS VARCHAR)"),
    ("user", "user", "CAST(random() AS VARCHAR)"),
];

/// Returns those of `words` that the query takes for values.
///
/// The query is bound as it is, and then with another function in the place of the one that the word calls. If both
/// plans are equal, the query does not call it. A query without a plan, or that fails to bind, counts as one that does.
pub(super) fn values(session: &Session, sql: &str, words: &BTreeSet<String>) -> Result<BTreeSet<String>, EngineError> {
    let before = plan::of(session, sql)?.map(|before| meaning::normal(&before.plan));
    let mut values = BTreeSet::new();
    for word in words {
        let known = FUNCTIONS.iter().find(|(known, ..)| known == word);
        let is_column = match (&before, known) {
            (Some(before), Some((_, function, expression))) => {
                // A temporary macro is found first and ends with its connection.
                let session = session.another()?;
                session.run(&format!("CREATE TEMP MACRO {function}() AS {expression};"))?;
                let after = plan::of(&session, sql).ok().flatten();
                after.is_some_and(|after| meaning::normal(&after.plan) == *before)
            }
            _ => false,
        };
        if !is_column {
            values.insert(word.clone());
        }
    }
    Ok(values)
}
