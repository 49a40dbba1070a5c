//! Joins the columns of several files by name.

use std::collections::BTreeMap;

use super::column::{PLACES, Wish};
use super::exact::Exact;
use super::place::{At, Place};
use super::refusal::Refusal;
use super::{Bond, Question, ReadColumn};

/// The common properties of a column's values.
pub(super) trait Values {
    /// Merges the values of a later part.
    fn merge(&mut self, later: Self);
    /// Returns the type that reproduces all of them, in the engine's text.
    fn data_type(&self) -> String;
}

/// One column of one file.
pub(super) struct Found<V> {
    pub name: String,
    /// The first place.
    pub at: At,
    pub values: V,
    /// Whether it has any value.
    pub has_values: bool,
    /// Whether it contains a quoted empty text.
    pub empty_text: bool,
    /// The number of values that do not fit the requested type; `places` has the first of them.
    pub misfits: u64,
    pub places: Vec<(At, String)>,
}

/// The columns of all files, in the order of their first occurrence.
pub(super) struct Union<V> {
    columns: Vec<Column<V>>,
    /// The positions by lower-case name.
    by_name: BTreeMap<String, usize>,
}

struct Column<V> {
    name: String,
    /// The first place that contains it.
    place: Place,
    values: V,
    has_values: bool,
    empty_text: bool,
    misfits: u64,
    places: Vec<(Place, String)>,
}

/// How a type is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Each value was checked against it.
    Judged,
    /// Only the engine can check it.
    Unjudged,
    /// It is kept if it fits all values.
    Kept,
}

impl Wish {
    /// Returns how the wish requests a type; `None` if it requests none.
    pub(super) fn how(&self) -> Option<How> {
        match self {
            Self::Infer => None,
            Self::Exactly(_) => Some(How::Judged),
            Self::Keep(_) => Some(How::Kept),
            Self::Unjudged => Some(How::Unjudged),
        }
    }
}

/// Returns the requested type of a column of texts: from the options and the contract, or else the type that
/// reproduces every text.
pub(super) fn wish(question: &Question<'_>, name: &str, written: Option<&str>) -> Wish {
    let wanted = question.wanted(name).filter(|wanted| wanted.bond != Bond::Kept || written.is_none());
    if let Some(wanted) = wanted.filter(|wanted| !wanted.except.is_empty()) {
        return Wish::Exactly(Exact::Except(wanted.except.iter().cloned().collect()));
    }
    let Some(data_type) = wanted.map(|wanted| wanted.data_type.as_str()).or(written) else {
        return Wish::Infer;
    };
    match (Exact::parse(data_type), wanted.map(|wanted| wanted.bond)) {
        (_, Some(Bond::Lenient)) | (None, None | Some(Bond::Exact)) => Wish::Unjudged,
        (Some(exact), Some(Bond::Kept)) => Wish::Keep(exact),
        (Some(exact), _) => Wish::Exactly(exact),
        (None, Some(Bond::Kept)) => Wish::Infer,
    }
}

impl<V: Values> Union<V> {
    pub(super) fn new() -> Self {
        Self {
            columns: Vec::new(),
            by_name: BTreeMap::new(),
        }
    }

    /// Adds a column of a file.
    ///
    /// # Errors
    /// If an earlier column has the same name in another case.
    pub(super) fn add(&mut self, file: &str, found: Found<V>) -> Result<(), Refusal> {
        let place = found.at.of(file);
        let places = found.places.into_iter().map(|(at, text)| (at.of(file), text));
        let Some(known) = self.by_name.get(&found.name.to_lowercase()) else {
            self.by_name.insert(found.name.to_lowercase(), self.columns.len());
            self.columns.push(Column {
                name: found.name,
                place,
                values: found.values,
                has_values: found.has_values,
                empty_text: found.empty_text,
                misfits: found.misfits,
                places: places.collect(),
            });
            return Ok(());
        };
        let known = &mut self.columns[*known];
        if known.name != found.name {
            return Err(Refusal::SameName {
                first: known.name.clone(),
                place: Box::new(known.place.clone()),
                second: found.name,
                other: Box::new(place),
            });
        }
        known.values.merge(found.values);
        known.has_values |= found.has_values;
        known.empty_text |= found.empty_text;
        known.misfits += found.misfits;
        let room = PLACES.saturating_sub(known.places.len());
        known.places.extend(places.take(room));
        Ok(())
    }

    /// Whether there is a column with this name, ignoring case.
    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(&name.to_lowercase())
    }

    /// Whether there is no column.
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Returns the columns with their types. `wanted` returns the requested type of a column, and how it is requested.
    ///
    /// # Errors
    /// The values of the first column that do not all fit its requested type.
    pub(super) fn read(self, wanted: impl Fn(&str) -> Option<(String, How)>) -> Result<Vec<ReadColumn>, Refusal> {
        let mut read = Vec::with_capacity(self.columns.len());
        for column in self.columns {
            let wanted = wanted(&column.name);
            let data_type = match &wanted {
                Some((data_type, How::Judged | How::Unjudged)) => data_type.clone(),
                Some((data_type, How::Kept)) if column.misfits == 0 => data_type.clone(),
                Some((_, How::Kept)) | None => column.values.data_type(),
            };
            let is_kept = matches!(wanted, Some((_, How::Kept)));
            if column.misfits > 0 && !is_kept {
                return Err(Refusal::Values {
                    column: column.name,
                    data_type,
                    count: column.misfits,
                    places: column.places,
                });
            }
            read.push(ReadColumn {
                unjudged: matches!(wanted, Some((_, How::Unjudged))),
                empty_text: column.empty_text,
                seen: column.has_values,
                name: column.name,
                data_type,
                place: Some(column.place),
                misfit: column.places.into_iter().next(),
            });
        }
        Ok(read)
    }
}
