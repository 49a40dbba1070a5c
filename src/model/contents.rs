use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Digest;
use crate::model::Columns;

/// C over some columns of a version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ListContent {
    /// The columns; an empty set stands for the number of rows.
    pub columns: BTreeSet<String>,
    /// C, over the columns in the order of their names: a reader that names columns does not see their order in the
    /// table.
    pub content: Digest,
}

/// What is known of the rows of a version: C over all of its columns, and over some lists of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentLists {
    /// C over all columns, including their order.
    pub whole: Option<Digest>,
    /// C over some columns.
    pub lists: Vec<ListContent>,
    /// The hash of the file with the rows. Equal only if the rows have the same order.
    pub bytes: Option<Digest>,
}

impl ContentLists {
    /// Returns C over exactly these columns, if it was computed.
    pub fn of(&self, columns: &Columns) -> Option<&Digest> {
        match columns {
            Columns::All => self.whole.as_ref(),
            Columns::Only(names) => self.lists.iter().find(|list| list.columns == *names).map(|list| &list.content),
        }
    }

    /// Whether C over the columns of a list was computed, and is the same.
    pub fn has(&self, list: &ListContent) -> bool {
        self.lists.contains(list)
    }

    /// Returns C over these columns, or else over the fewest that include them, with the columns that it covers.
    pub fn covering(&self, columns: &Columns) -> Option<(Columns, &Digest)> {
        if let Some(content) = self.of(columns) {
            return Some((columns.clone(), content));
        }
        let Columns::Only(names) = columns else {
            return None;
        };
        let smallest = self
            .lists
            .iter()
            .filter(|list| names.is_subset(&list.columns))
            .min_by_key(|list| (list.columns.len(), &list.columns));
        match smallest {
            Some(list) => Some((Columns::Only(list.columns.clone()), &list.content)),
            None => self.whole.as_ref().map(|whole| (Columns::All, whole)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn contents() -> ContentLists {
        let list = |columns: &[&str], text: &str| ListContent {
            columns: names(columns),
            content: Digest::of("test", [text]),
        };
        ContentLists {
            whole: Some(Digest::of("test", ["whole"])),
            lists: vec![list(&["a"], "a"), list(&["a", "b"], "ab")],
            bytes: None,
        }
    }

    #[test]
    fn the_fewest_columns_that_include_what_is_read_stand_for_it() {
        let contents = contents();
        let covering =
            |columns: &[&str]| contents.covering(&Columns::Only(names(columns))).map(|(_, digest)| digest.clone());
        let made_of = |text: &str| Some(Digest::of("test", [text]));
        assert_eq!(covering(&["a"]), made_of("a"));
        assert_eq!(covering(&["b"]), made_of("ab"));
        assert_eq!(covering(&[]), made_of("a"));
        assert_eq!(covering(&["c"]), made_of("whole"));
        assert_eq!(covering(&["a", "b", "c"]), made_of("whole"));
        assert_eq!(contents.covering(&Columns::All).unwrap().0, Columns::All);
        assert_eq!(contents.of(&Columns::Only(names(&["a", "b", "c"]))), None);
    }
}
