//! Infers the type of a column of JSON values from all of them.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::super::infer::Seen;
use super::super::number::Number;
use super::super::union::Values;
use super::value::Value;
use crate::sql::quote;

/// The maximum number of fields of a nested STRUCT; an object with more names is a MAP.
const MOST_FIELDS: usize = 1000;

/// The common properties of values. `merge` does not depend on their order, except for the order of fields.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    booleans: bool,
    numbers: Option<Numbers>,
    texts: Option<Seen>,
    list: Option<Box<Self>>,
    object: Option<Fields>,
}

#[derive(Clone, Debug, Default)]
struct Fields {
    named: Vec<(String, Tree)>,
    positions: BTreeMap<String, usize>,
    /// Whether an object contains a name twice.
    repeated: bool,
}

#[derive(Clone, Copy, Debug)]
struct Numbers {
    /// Whether no number has a point or an exponent.
    whole: bool,
    /// Whether all numbers fit BIGINT, UBIGINT, 38 digits, and a DOUBLE.
    bigint: bool,
    ubigint: bool,
    hugeint: bool,
    double: bool,
}

impl Tree {
    /// Adds a value.
    ///
    /// # Errors
    /// The value, if no type of the engine reproduces it.
    pub(super) fn add<'t>(&mut self, raw: &'t RawValue) -> Result<(), &'t RawValue> {
        match Value::open(raw).map_err(|_| raw)? {
            Value::Null => {}
            Value::Boolean => self.booleans = true,
            Value::Number(text) => {
                let numbers = Numbers::of(text).ok_or(raw)?;
                self.numbers = Some(self.numbers.map_or(numbers, |known| known.and(numbers)));
            }
            Value::Text(text) => self.texts.get_or_insert_default().add(&text),
            Value::List(items) => {
                let list = self.list.get_or_insert_default();
                items.into_iter().try_for_each(|item| list.add(item))?;
            }
            Value::Object(members) => {
                let object = self.object.get_or_insert_default();
                let mut names = std::collections::BTreeSet::new();
                for (name, value) in members {
                    object.field(&name).add(value)?;
                    object.repeated |= !names.insert(name);
                }
            }
        }
        Ok(())
    }
}

impl Values for Tree {
    fn merge(&mut self, later: Self) {
        self.booleans |= later.booleans;
        self.numbers = match (self.numbers, later.numbers) {
            (Some(one), Some(other)) => Some(one.and(other)),
            (one, other) => one.or(other),
        };
        match (&mut self.texts, later.texts) {
            (Some(known), Some(texts)) => known.merge(texts),
            (known, texts) => *known = known.take().or(texts),
        }
        match (&mut self.list, later.list) {
            (Some(known), Some(list)) => known.merge(*list),
            (known, list) => *known = known.take().or(list),
        }
        match (&mut self.object, later.object) {
            (Some(known), Some(object)) => {
                known.repeated |= object.repeated;
                for (name, tree) in object.named {
                    known.field(&name).merge(tree);
                }
            }
            (known, object) => *known = known.take().or(object),
        }
    }

    /// Values of different kinds have the type JSON, which keeps each unchanged.
    fn data_type(&self) -> String {
        let kinds =
            [self.booleans, self.numbers.is_some(), self.texts.is_some(), self.list.is_some(), self.object.is_some()];
        match (kinds.iter().filter(|kind| **kind).count(), self) {
            (0, _) => "VARCHAR".to_owned(),
            (1, Self { booleans: true, .. }) => "BOOLEAN".to_owned(),
            (
                1,
                Self {
                    numbers: Some(numbers),
                    ..
                },
            ) => numbers.data_type().to_owned(),
            (
                1,
                Self {
                    texts: Some(texts), ..
                },
            ) => text_type(texts),
            (1, Self { list: Some(list), .. }) => format!("{}[]", list.data_type()),
            (
                1,
                Self {
                    object: Some(object), ..
                },
            ) => object.data_type(),
            _ => "JSON".to_owned(),
        }
    }
}

/// A JSON string is a text: only dates and times have no other form in JSON.
fn text_type(texts: &Seen) -> String {
    let data_type = texts.data_type();
    let is_moment = ["DATE", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"].contains(&data_type.as_str());
    if is_moment { data_type } else { "VARCHAR".to_owned() }
}

impl Fields {
    fn field(&mut self, name: &str) -> &mut Tree {
        let position = self.positions.get(name).copied().unwrap_or_else(|| {
            self.positions.insert(name.to_owned(), self.named.len());
            self.named.push((name.to_owned(), Tree::default()));
            self.named.len() - 1
        });
        &mut self.named[position].1
    }

    fn data_type(&self) -> String {
        let mut lower = std::collections::BTreeSet::new();
        let distinct = self.named.iter().all(|(name, _)| lower.insert(name.to_lowercase()));
        let named = self.named.iter().all(|(name, _)| !name.is_empty() && !name.contains('\0'));
        // A STRUCT can't have these names; JSON keeps them.
        if self.repeated || !distinct || !named || self.named.is_empty() {
            return "JSON".to_owned();
        }
        if self.named.len() > MOST_FIELDS {
            let mut values = Tree::default();
            self.named.iter().for_each(|(_, tree)| values.merge(tree.clone()));
            return format!("MAP(VARCHAR, {})", values.data_type());
        }
        let fields: Vec<String> =
            self.named.iter().map(|(name, tree)| format!("{} {}", quote::identifier(name), tree.data_type())).collect();
        format!("STRUCT({})", fields.join(", "))
    }
}

impl Numbers {
    /// Returns `None` if the engine's reader changes digits: it keeps whole numbers, and reads others as DOUBLE.
    fn of(text: &str) -> Option<Self> {
        let number = Number::parse(text)?;
        let double = number.fits_double();
        let whole = !text.contains(['.', 'e', 'E']);
        if !whole {
            return double.then_some(Self {
                whole,
                bigint: true,
                ubigint: true,
                hugeint: true,
                double,
            });
        }
        let value = number.integer()?;
        Some(Self {
            whole,
            bigint: i64::try_from(value).is_ok(),
            ubigint: u64::try_from(value).is_ok(),
            hugeint: true,
            double,
        })
    }

    fn and(self, other: Self) -> Self {
        Self {
            whole: self.whole && other.whole,
            bigint: self.bigint && other.bigint,
            ubigint: self.ubigint && other.ubigint,
            hugeint: self.hugeint && other.hugeint,
            double: self.double && other.double,
        }
    }

    fn data_type(self) -> &'static str {
        match self {
            Self {
                whole: true,
                bigint: true,
                ..
            } => "BIGINT",
            Self {
                whole: true,
                ubigint: true,
                ..
            } => "UBIGINT",
            Self { whole: true, .. } => "HUGEINT",
            Self { double: true, .. } => "DOUBLE",
            _ => "JSON",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> String {
        let mut tree = Tree::default();
        for value in values {
            let raw: &RawValue = serde_json::from_str(value).unwrap();
            if tree.add(raw).is_err() {
                return "refused".to_owned();
            }
        }
        tree.data_type()
    }

    #[test]
    fn types_of_json_values() {
        for (values, data_type) in [
            (&["1", "2", "null"][..], "BIGINT"),
            (&["18446744073709551615"], "UBIGINT"),
            (&["-1", "18446744073709551615"], "HUGEINT"),
            (&["1", "1.5"], "DOUBLE"),
            (&["1", "1.5", "true"], "JSON"),
            (&["9007199254740993", "0.5"], "JSON"),
            (&["0.12345678901234567890"], "refused"),
            (&["\"2026-05-02\"", "\"2026-05-03\""], "DATE"),
            (&["\"1\"", "\"2\""], "VARCHAR"),
            (&["[1, 2]", "[]"], "BIGINT[]"),
            (&["[]"], "VARCHAR[]"),
            (&["{\"a\": 1}", "{\"b\": {\"c\": [true]}}"], "STRUCT(\"a\" BIGINT, \"b\" STRUCT(\"c\" BOOLEAN[]))"),
            (&["{\"a\": 1, \"A\": 2}"], "JSON"),
            (&["{}"], "JSON"),
            (&["null"], "VARCHAR"),
        ] {
            assert_eq!(of(values), data_type, "{values:?}");
        }
        let many: Vec<String> = (0..=MOST_FIELDS).map(|key| format!("\"k{key}\": 9007199254740993")).collect();
        assert_eq!(of(&[&format!("{{{}}}", many.join(","))]), "MAP(VARCHAR, BIGINT)");
    }
}
