//! Makes the paths in a query absolute, so that it can run in any folder.

use std::ops::Range;
use std::path::Path;

use super::quote;

/// A query with replaced literals, and a mapping back to the original places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The query.
    pub sql: String,
    /// For each literal, in order: its new start, its new length, its old length.
    moved: Vec<(usize, usize, usize)>,
}

/// Replaces the path literals at these offsets of `sql` with paths below `root`.
///
/// Returns `None` if the text at an offset is not the literal of that path.
pub fn absolute_paths(sql: &str, root: &Path, literals: &[(String, usize)]) -> Option<Located> {
    let mut literals = literals.to_vec();
    literals.sort_by_key(|(_, offset)| *offset);
    literals.dedup();
    let mut located = Located {
        sql: String::with_capacity(sql.len()),
        moved: Vec::new(),
    };
    let mut end = 0;
    for (path, offset) in literals {
        let length = literal_length(sql.get(offset..)?, &path)?;
        located.sql.push_str(sql.get(end..offset)?);
        let absolute = quote::literal(&root.join(&path).to_string_lossy());
        located.moved.push((located.sql.len(), absolute.len(), length));
        located.sql.push_str(&absolute);
        end = offset + length;
    }
    located.sql.push_str(sql.get(end..)?);
    Some(located)
}

/// A replacement of a part of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The replaced bytes.
    pub range: Range<usize>,
    /// The new text.
    pub text: String,
}

/// Returns a query with these edits, which are sorted and do not overlap.
pub fn edited(sql: &str, edits: &[Edit]) -> String {
    let plain = Located {
        sql: sql.to_owned(),
        moved: Vec::new(),
    };
    plain.edited(edits).sql
}

/// Returns the length of the quoted path at the start of a text.
fn literal_length(text: &str, path: &str) -> Option<usize> {
    ['\'', '"'].into_iter().find_map(|mark| {
        let doubled = format!("{mark}{mark}");
        let literal = format!("{mark}{}{mark}", path.replace(mark, &doubled));
        text.starts_with(&literal).then_some(literal.len())
    })
}

impl Located {
    /// Applies further edits, which are sorted and do not overlap.
    ///
    /// Every place inside a replacement maps to the start of the replaced text.
    #[must_use]
    pub fn edited(&self, edits: &[Edit]) -> Self {
        let mut moved: Vec<(usize, usize, usize)> = Vec::new();
        let mut sql = String::with_capacity(self.sql.len());
        let mut literals = self.moved.iter().peekable();
        let mut end = 0;
        for Edit { range, text } in edits {
            let base = sql.len();
            while let Some((start, now, was)) = literals.next_if(|(start, ..)| *start < range.start) {
                moved.push((base + start - end, *now, *was));
            }
            let mut original = range.len();
            while let Some((_, now, was)) = literals.next_if(|(start, ..)| *start < range.end) {
                original = original + was - now;
            }
            sql.push_str(&self.sql[end..range.start]);
            moved.push((sql.len(), text.len(), original));
            sql.push_str(text);
            end = range.end;
        }
        let base = sql.len();
        moved.extend(literals.map(|(start, now, was)| (base + start - end, *now, *was)));
        sql.push_str(&self.sql[end..]);
        Self { sql, moved }
    }

    /// Returns the offset in the original query.
    pub fn original(&self, offset: usize) -> usize {
        let mut before = offset;
        for (start, now, was) in self.moved.iter().rev() {
            if offset >= start + now {
                before = before + was - now;
            } else if offset > *start {
                // Inside a replaced literal: its start.
                before -= offset - start;
            }
        }
        before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_absolute_and_places_lead_back() {
        let sql = "select a from 'x.csv', \"y.csv\" where nope";
        let literals = [("x.csv".to_owned(), 14), ("y.csv".to_owned(), 23)];
        let located = absolute_paths(sql, Path::new("/it's"), &literals).unwrap();
        assert_eq!(located.sql, "select a from '/it''s/x.csv', '/it''s/y.csv' where nope");
        let there = located.sql.find("nope").unwrap();
        assert_eq!(located.original(there), sql.find("nope").unwrap());
        assert_eq!(located.original(7), 7);
        assert_eq!(located.original(17), 14);
        assert_eq!(absolute_paths(sql, Path::new("/"), &[("z.csv".to_owned(), 14)]), None);
        let first = located.sql.find("'/").unwrap();
        let edit = |range: Range<usize>, text: &str| Edit {
            range,
            text: text.to_owned(),
        };
        let wider = located.edited(&[edit(7..7, "x, "), edit(first..first + "'/it''s/x.csv'".len(), "(from x) as x")]);
        assert_eq!(wider.sql, "select x, a from (from x) as x, '/it''s/y.csv' where nope");
        let there = wider.sql.find("nope").unwrap();
        assert_eq!(wider.original(there), sql.find("nope").unwrap());
        assert_eq!(wider.original(wider.sql.find("a from").unwrap()), 7);
        assert_eq!(wider.original(wider.sql.find("as x").unwrap()), 14);
        assert_eq!(wider.original(wider.sql.find("'/it''s/y").unwrap()), 23);
    }
}
