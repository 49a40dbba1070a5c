use super::{count, grouped};
use crate::model::{CheckOutcome, CheckRecord};

impl CheckRecord {
    /// Describes the result: "3 rows fail, in 1 group", "it has 2 rows".
    pub fn found(&self) -> String {
        let first = || self.sample.as_ref().and_then(|(_, rows)| rows.first()?.first().cloned());
        let rows = |count: u64| match count {
            1 => "1 row fails".to_owned(),
            count => format!("{} rows fail", grouped(count)),
        };
        match (self.outcome, self.kind.as_str(), self.groups) {
            (CheckOutcome::Passed, ..) => "passed".to_owned(),
            (CheckOutcome::Errored, ..) => "it could not run".to_owned(),
            (CheckOutcome::Failed, "row_count", _) => match first().flatten() {
                Some(count) => format!("it has {count} row{}", if count == "1" { "" } else { "s" }),
                None => "its number of rows is not allowed".to_owned(),
            },
            (CheckOutcome::Failed, "freshness", _) => match first() {
                Some(None) => "it has no newest value".to_owned(),
                Some(Some(newest)) => match (self.first("age"), self.first("max_age")) {
                    (Some(age), Some(most)) => {
                        format!("its newest value is {newest}, which is {age} old; at most {most} is allowed")
                    }
                    _ => format!("its newest value is {newest}, which is too old"),
                },
                None => "its newest value is too old".to_owned(),
            },
            (CheckOutcome::Failed, _, None) => rows(self.failures),
            (CheckOutcome::Failed, _, Some(groups)) => {
                let groups = count(usize::try_from(groups).unwrap_or(usize::MAX), "group");
                format!("{}, in {groups}", rows(self.failures))
            }
        }
    }

    /// Returns the value of a column in the first failing row.
    fn first(&self, column: &str) -> Option<&str> {
        let (columns, rows) = self.sample.as_ref()?;
        let place = columns.iter().position(|name| name == column)?;
        rows.first()?.get(place)?.as_deref()
    }
}
