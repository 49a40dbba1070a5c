//! The columns of several files, put together by name.

use std::collections::BTreeMap;

use super::column::{PLACES, Wish};
use super::exact::Exact;
use super::place::{At, Place};
use super::refusal::Refusal;
use super::{Bond, Question, ReadColumn};

/// What the values of a column have in common.
pub(super) trait Values {
    /// Takes the values of a later part into account.
    fn merge(&mut self, later: Self);
    /// The type that gives all of them back, as the engine writes it.
    fn data_type(&self) -> String;
}

/// One column of one file.
pub(super) struct Found<V> {
    pub name: String,
    /// Where it occurs first.
    pub at: At,
    pub values: V,
    /// Whether it has any value.
    pub has_values: bool,
    /// Whether a quoted empty text is among them.
    pub empty_text: bool,
    /// How many values the wanted type does not hold, and the first of them.
    pub misfits: u64,
    pub places: Vec<(At, String)>,
}

/// The columns of all files, in the order in which they occur first.
pub(super) struct Union<V> {
    columns: Vec<Column<V>>,
    /// Positions by the name in lower case.
    by_name: BTreeMap<String, usize>,
}

struct Column<V> {
    name: String,
    /// The first place that has it.
    place: Place,
    values: V,
    has_values: bool,
    empty_text: bool,
    misfits: u64,
    places: Vec<(Place, String)>,
}

/// How a type is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Each value was held against it.
    Judged,
    /// Only the engine can judge it.
    Unjudged,
    /// It is kept if it holds all values.
    Kept,
}

impl Wish {
    /// How a type that is wished for in this way is wanted; `None` if none is.
    pub(super) fn how(&self) -> Option<How> {
        match self {
            Self::Infer => None,
            Self::Exactly(_) => Some(How::Judged),
            Self::Keep(_) => Some(How::Kept),
            Self::Unjudged => Some(How::Unjudged),
        }
    }
}

/// What is wanted of a column of texts: what the options and the contract say, and else the type that gives every text back.
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

    /// Takes up a column of a file.
    ///
    /// # Errors
    /// If a column before has the same name in another letter case.
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

    /// Whether there is a column of this name, in any letter case.
    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(&name.to_lowercase())
    }

    /// Whether there is no column.
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The columns with their types. `wanted` gives the type that is wanted of a column, and how.
    ///
    /// # Errors
    /// The values of the first column whose wanted type does not hold all of them.
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
