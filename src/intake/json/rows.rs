//! The rows of a part of a JSON file, each an object.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::super::column::PLACES;
use super::super::place::{At, shown};
use super::super::refusal::Refusal;
use super::super::shape::Shape;
use super::super::union::{Found, Values as _};
use super::judge::judge;
use super::tree::Tree;
use super::value::Value;

/// The requested type of a column.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    /// A type that fits all values.
    Infer,
    /// This type; each value that does not fit it is a misfit.
    Exactly(Shape),
    /// This type if it fits all values, otherwise one that does.
    Keep(Shape),
    /// Whatever the engine converts the values to.
    Lenient,
}

/// Columns by name, with their properties.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub columns: Vec<Column>,
    /// The positions by lower-case name.
    positions: BTreeMap<String, usize>,
    pub records: u64,
    /// The longest object, in bytes.
    pub longest: u64,
    /// The number of lines of the part.
    pub lines: u64,
}

/// One column of one part.
#[derive(Debug)]
pub(super) struct Column {
    name: String,
    /// The first place.
    at: At,
    wish: Wish,
    tree: Tree,
    has_values: bool,
    misfits: u64,
    places: Vec<(At, String)>,
}

/// An error that stops the inspection, with its line in the part.
#[derive(Debug)]
pub(super) enum Stop {
    /// Not JSON, or not an object.
    Text(At, String),
    /// Two names that differ only in case.
    SameName(String, At, String, At),
    /// A column that is not in the options.
    Undeclared(At, String),
}

/// Returns the requested type of a column by its name; `None` if the column is not allowed.
pub(super) type Wishes<'w> = dyn Fn(&str) -> Option<Wish> + Sync + 'w;

impl Rows {
    /// Adds a row that starts in `line`. `line_of` returns the line of a value inside it.
    pub(super) fn row(
        &mut self,
        raw: &RawValue,
        wishes: &Wishes<'_>,
        line_of: &dyn Fn(&RawValue) -> u64,
    ) -> Result<(), Stop> {
        let members = match Value::open(raw) {
            Ok(Value::Object(members)) => members,
            Ok(_) => {
                let message = format!("a row must be an object, but this is `{}`", shown(raw.get()));
                return Err(Stop::Text(At::Line(line_of(raw)), message));
            }
            Err(error) => return Err(Stop::Text(At::Line(line_of(raw)), error.to_string())),
        };
        self.records += 1;
        self.longest = self.longest.max(raw.get().len() as u64);
        let mut names: Vec<usize> = Vec::with_capacity(members.len());
        for (name, value) in members {
            let at = || At::Path(line_of(value), format!("$.{name}"));
            let position = self.position(&name, wishes, &at)?;
            let column = &mut self.columns[position];
            if names.contains(&position) || column.name != name {
                return Err(Stop::SameName(column.name.clone(), column.at.clone(), name.clone(), at()));
            }
            names.push(position);
            column.add(value, &name, line_of)?;
        }
        Ok(())
    }

    fn position(&mut self, name: &str, wishes: &Wishes<'_>, at: &dyn Fn() -> At) -> Result<usize, Stop> {
        // Most rows have their keys in one order and one case.
        let lower = name.to_lowercase();
        if let Some(position) = self.positions.get(&lower) {
            return Ok(*position);
        }
        let Some(wish) = wishes(name) else {
            return Err(Stop::Undeclared(at(), name.to_owned()));
        };
        self.positions.insert(lower, self.columns.len());
        self.columns.push(Column {
            name: name.to_owned(),
            at: at(),
            wish,
            tree: Tree::default(),
            has_values: false,
            misfits: 0,
            places: Vec::new(),
        });
        Ok(self.columns.len() - 1)
    }

    /// Adds the rows of a later part.
    pub(super) fn append(&mut self, later: Self) -> Result<(), Stop> {
        let lines = self.lines;
        for mut column in later.columns {
            column.at = column.at.below(lines);
            column.places = column.places.into_iter().map(|(at, text)| (at.below(lines), text)).collect();
            self.join(column)?;
        }
        self.records += later.records;
        self.longest = self.longest.max(later.longest);
        self.lines += later.lines;
        Ok(())
    }

    fn join(&mut self, column: Column) -> Result<(), Stop> {
        let lower = column.name.to_lowercase();
        let Some(position) = self.positions.get(&lower) else {
            self.positions.insert(lower, self.columns.len());
            self.columns.push(column);
            return Ok(());
        };
        let known = &mut self.columns[*position];
        if known.name != column.name {
            return Err(Stop::SameName(known.name.clone(), known.at.clone(), column.name, column.at));
        }
        known.tree.merge(column.tree);
        known.has_values |= column.has_values;
        known.misfits += column.misfits;
        let room = PLACES.saturating_sub(known.places.len());
        known.places.extend(column.places.into_iter().take(room));
        Ok(())
    }
}

impl Column {
    pub(super) fn found(self) -> Found<Tree> {
        Found {
            name: self.name,
            at: self.at,
            values: self.tree,
            has_values: self.has_values,
            empty_text: false,
            misfits: self.misfits,
            places: self.places,
        }
    }

    fn add(&mut self, value: &RawValue, name: &str, line_of: &dyn Fn(&RawValue) -> u64) -> Result<(), Stop> {
        if value.get() == "null" {
            return Ok(());
        }
        self.has_values = true;
        if matches!(self.wish, Wish::Infer | Wish::Keep(_))
            && let Err(lost) = self.tree.add(value)
        {
            let message = format!(
                "the number `{}` has more digits than the engine keeps; write it as a string, in quotes",
                shown(lost.get())
            );
            return Err(Stop::Text(At::Path(line_of(lost), format!("$.{name}")), message));
        }
        if let Wish::Exactly(shape) | Wish::Keep(shape) = &self.wish
            && let Err(wrong) = judge(value, shape)
        {
            self.misfits += 1;
            if self.places.len() < PLACES {
                let at = At::Path(line_of(wrong.value), format!("$.{name}{}", wrong.path));
                self.places.push((at, shown(wrong.value.get())));
            }
        }
        Ok(())
    }
}

impl Stop {
    /// Returns the same error after `lines` more lines.
    pub(super) fn below(self, lines: u64) -> Self {
        match self {
            Self::Text(at, message) => Self::Text(at.below(lines), message),
            Self::SameName(first, at, second, other) => {
                Self::SameName(first, at.below(lines), second, other.below(lines))
            }
            Self::Undeclared(at, name) => Self::Undeclared(at.below(lines), name),
        }
    }

    pub(super) fn refusal(self, file: &str) -> Refusal {
        match self {
            Self::Text(at, message) => Refusal::Json(at.of(file), message),
            Self::SameName(first, at, second, other) => Refusal::SameName {
                first,
                place: Box::new(at.of(file)),
                second,
                other: Box::new(other.of(file)),
            },
            Self::Undeclared(at, name) => {
                Refusal::Json(at.of(file), format!("the key `{name}` is not one of the declared `columns`"))
            }
        }
    }
}
