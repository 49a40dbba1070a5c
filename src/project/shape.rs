//! Walks a parsed TOML table and reports everything with a wrong shape.
//!
//! A serde derive would stop at the first mistake of a file; users want all of them at once.

use jiff::SignedDuration;
use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{KeyTable, ProjectError};
use crate::base::diagnostic::{Problem, Problems, SourceFile, Span};
use crate::base::text;
use crate::model::{OptionValue, Scalar};

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Placed<T> {
    pub value: T,
    pub span: Span,
}

/// A table of a file that is being parsed.
pub(super) struct Section<'a> {
    table: &'a DeTable<'a>,
    shape: &'static KeyTable,
    /// The span for missing keys.
    pub span: Span,
    file: &'a SourceFile,
    has_unknown_keys: bool,
}

/// Keys that other tools have and dp has not, with a way on: table, key, help.
const UNSUPPORTED: [(&str, &str, &str); 1] = [(
    "materialize",
    "partition_by",
    "dp writes one file for each export: declare an `sql` asset with a WHERE for each value, or let readers filter the \
     Parquet file that dp publishes for the asset, `warehouse/prod/SCHEMA/NAME.parquet`",
)];

impl<'a> Section<'a> {
    /// Creates a section, and reports unknown keys at once.
    pub(super) fn new(
        table: &'a DeTable<'a>,
        span: Span,
        shape: &'static KeyTable,
        file: &'a SourceFile,
        problems: &mut Problems,
    ) -> Self {
        let mut has_unknown_keys = false;
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !shape.names().any(|known| known == name) {
                has_unknown_keys = true;
                if let Some((_, _, help)) = UNSUPPORTED.iter().find(|(of, key, _)| (*of, *key) == (shape.title, name)) {
                    let error = ProjectError::Unsupported {
                        what: format!("`{name}` in {}", shape.title),
                        help: (*help).to_owned(),
                        span: key.span(),
                    };
                    problems.push(Problem::in_file(file, error));
                    continue;
                }
                let help = text::did_you_mean(name, shape.names()).unwrap_or_else(|| {
                    format!("use one of the keys of {}: {}", shape.title, text::named(shape.names(), 20))
                });
                let error = ProjectError::UnknownKey {
                    key: name.to_owned(),
                    table: shape.title.to_owned(),
                    help,
                    span: key.span(),
                };
                problems.push(Problem::in_file(file, error));
            }
        }
        Self {
            table,
            shape,
            span,
            file,
            has_unknown_keys,
        }
    }

    /// Whether an unknown key was reported: a key that seems to be missing may be that one, misspelt.
    pub(super) fn has_unknown_keys(&self) -> bool {
        self.has_unknown_keys
    }

    /// Returns the value of a key, of any type.
    pub(super) fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        debug_assert!(self.shape.names().any(|known| known == key), "{key} is in the list of keys");
        self.table.get(key)
    }

    /// Returns the place of a key, or of the whole section.
    pub(super) fn key_span(&self, key: &str) -> Span {
        self.table
            .keys()
            .find(|candidate| candidate.get_ref().as_ref() == key)
            .map_or_else(|| self.span.clone(), Spanned::span)
    }

    fn read<T>(
        &self,
        key: &str,
        expected: &str,
        problems: &mut Problems,
        read: impl FnOnce(&'a DeValue<'a>) -> Option<T>,
    ) -> Option<Placed<T>> {
        let value = self.get(key)?;
        let Some(read) = read(value.get_ref()) else {
            problems.push(self.wrong_type(key, expected, value));
            return None;
        };
        Some(Placed {
            value: read,
            span: value.span(),
        })
    }

    /// Creates the problem that a value has the wrong type.
    pub(super) fn wrong_type(&self, key: &str, expected: &str, value: &Spanned<DeValue<'_>>) -> Problem {
        let error = ProjectError::WrongType {
            key: key.to_owned(),
            expected: expected.to_owned(),
            found: type_name(value.get_ref()).to_owned(),
            help: format!("write `{key}` as {expected}"),
            span: value.span(),
        };
        Problem::in_file(self.file, error)
    }

    /// Creates a problem in the file of the section.
    pub(super) fn problem(&self, error: ProjectError) -> Problem {
        Problem::in_file(self.file, error)
    }

    pub(super) fn bad_value(&self, key: &str, value: &str, help: String, span: Span) -> Problem {
        let error = ProjectError::BadValue {
            key: key.to_owned(),
            value: value.to_owned(),
            help,
            span,
        };
        Problem::in_file(self.file, error)
    }

    pub(super) fn string(&self, key: &str, problems: &mut Problems) -> Option<Placed<String>> {
        self.read(key, "a string", problems, |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn required_string(&self, key: &str, example: &str, problems: &mut Problems) -> Option<Placed<String>> {
        if self.get(key).is_none() {
            problems.push(self.missing(key, example));
        }
        self.string(key, problems)
    }

    /// Creates the problem that a key is missing; `example` is a line that would fix it.
    pub(super) fn missing(&self, key: &str, example: &str) -> Problem {
        let error = ProjectError::MissingKey {
            key: key.to_owned(),
            table: self.shape.title.to_owned(),
            help: format!("add `{example}`"),
            span: self.span.clone(),
        };
        Problem::in_file(self.file, error)
    }

    pub(super) fn boolean(&self, key: &str, problems: &mut Problems) -> Option<bool> {
        self.read(key, "true or false", problems, DeValue::as_bool).map(|placed| placed.value)
    }

    pub(super) fn integer(&self, key: &str, problems: &mut Problems) -> Option<Placed<u64>> {
        self.read(key, "a whole number, 0 or more", problems, |value| {
            integer(value).and_then(|number| u64::try_from(number).ok())
        })
    }

    pub(super) fn strings(&self, key: &str, problems: &mut Problems) -> Vec<Placed<String>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            problems.push(self.wrong_type(key, "an array of strings", value));
            return Vec::new();
        };
        let mut strings = Vec::new();
        for item in items {
            match item.get_ref().as_str() {
                Some(text) => strings.push(Placed {
                    value: text.to_owned(),
                    span: item.span(),
                }),
                None => problems.push(self.wrong_type(key, "an array of strings", item)),
            }
        }
        strings
    }

    /// Parses one string, or an array of strings.
    pub(super) fn string_or_strings(&self, key: &str, problems: &mut Problems) -> Vec<Placed<String>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        match value.get_ref() {
            DeValue::Array(_) => self.strings(key, problems),
            DeValue::String(_) => self.string(key, problems).into_iter().collect(),
            _ => {
                problems.push(self.wrong_type(key, "a string, or an array of strings", value));
                Vec::new()
            }
        }
    }

    /// Returns the table of a key as a section.
    pub(super) fn section(&self, key: &str, shape: &'static KeyTable, problems: &mut Problems) -> Option<Self> {
        let table = self.read(key, "a table", problems, DeValue::as_table)?;
        Some(Section::new(table.value, self.key_span(key), shape, self.file, problems))
    }

    /// Returns the entries of a table with keys from the user: name, its place, value.
    pub(super) fn entries(
        &self,
        key: &str,
        problems: &mut Problems,
    ) -> Vec<(Placed<String>, &'a Spanned<DeValue<'a>>)> {
        let Some(table) = self.read(key, "a table", problems, DeValue::as_table) else {
            return Vec::new();
        };
        table
            .value
            .iter()
            .map(|(name, value)| {
                let name = Placed {
                    value: name.get_ref().to_string(),
                    span: name.span(),
                };
                (name, value)
            })
            .collect()
    }

    /// Returns the tables of an array of tables.
    pub(super) fn tables(&self, key: &str, shape: &'static KeyTable, problems: &mut Problems) -> Vec<Self> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            problems.push(self.wrong_type(key, "an array of tables", value));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in items {
            match item.get_ref().as_table() {
                Some(table) => {
                    // The span of `[[checks]]` covers the header; the span of an inline table covers all of it.
                    sections.push(Section::new(table, item.span(), shape, self.file, problems));
                }
                None => problems.push(self.wrong_type(key, "an array of tables", item)),
            }
        }
        sections
    }

    /// Parses one of a few words.
    pub(super) fn word<T: Copy>(&self, key: &str, words: &[(&str, T)], problems: &mut Problems) -> Option<T> {
        let text = self.string(key, problems)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text.value) {
            return Some(*value);
        }
        let help = format!("write {}", text::or(words.iter().map(|(word, _)| format!("`{word}`"))));
        problems.push(self.bad_value(key, &text.value, help, text.span));
        None
    }

    /// Parses a duration such as `24h`, in seconds.
    pub(super) fn duration(&self, key: &str, problems: &mut Problems) -> Option<u64> {
        let text = self.string(key, problems)?;
        let seconds = parse_duration(&text.value);
        if seconds.is_none() {
            let help = "write a duration such as `\"90s\"`, `\"10m\"`, `\"24h\"` or `\"7d\"`".to_owned();
            problems.push(self.bad_value(key, &text.value, help, text.span));
        }
        seconds
    }

    pub(super) fn scalar(&self, key: &str, problems: &mut Problems) -> Option<Placed<Scalar>> {
        self.read(key, "a string, number, boolean or date", problems, scalar)
    }

    pub(super) fn scalars(&self, key: &str, problems: &mut Problems) -> Option<Vec<Scalar>> {
        let value = self.get(key)?;
        let expected = "an array of strings, numbers, booleans or dates";
        let Some(items) = value.get_ref().as_array() else {
            problems.push(self.wrong_type(key, expected, value));
            return None;
        };
        let mut scalars = Vec::new();
        for item in items {
            match scalar(item.get_ref()) {
                Some(value) => scalars.push(value),
                None => problems.push(self.wrong_type(key, expected, item)),
            }
        }
        Some(scalars)
    }
}

/// Parses a duration ("24h", "7d", "1h 30m") in whole seconds, greater than zero.
pub(crate) fn parse_duration(text: &str) -> Option<u64> {
    let span: jiff::Span = text.parse().ok()?;
    let duration: SignedDuration = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    u64::try_from(duration.as_secs()).ok().filter(|seconds| *seconds > 0)
}

/// Converts a TOML value to a scalar.
pub(super) fn scalar(value: &DeValue<'_>) -> Option<Scalar> {
    Some(match value {
        DeValue::String(text) => Scalar::String(text.to_string()),
        DeValue::Integer(_) => Scalar::Integer(integer(value)?),
        DeValue::Float(number) => Scalar::Float(number.as_str().parse().ok()?),
        DeValue::Boolean(value) => Scalar::Boolean(*value),
        DeValue::Datetime(datetime) => match (&datetime.date, &datetime.time) {
            (Some(date), None) => Scalar::Date(
                Date::new(i16::try_from(date.year).ok()?, date.month.cast_signed(), date.day.cast_signed()).ok()?,
            ),
            _ => return None,
        },
        DeValue::Array(_) | DeValue::Table(_) => return None,
    })
}

/// Converts a TOML value to the value of a reader option.
pub(super) fn option_value(value: &DeValue<'_>) -> Option<OptionValue> {
    match value {
        DeValue::Array(items) => {
            items.iter().map(|item| option_value(item.get_ref())).collect::<Option<Vec<_>>>().map(OptionValue::List)
        }
        DeValue::Table(table) => {
            // The TOML parser does not keep the order of keys, so the order is taken from the places.
            let mut fields: Vec<_> = table.iter().collect();
            fields.sort_by_key(|(name, _)| name.span().start);
            fields
                .into_iter()
                .map(|(name, value)| Some((name.get_ref().to_string(), option_value(value.get_ref())?)))
                .collect::<Option<Vec<_>>>()
                .map(OptionValue::Struct)
        }
        single => scalar(single).map(OptionValue::Scalar),
    }
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

pub(super) fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_people_write() {
        assert_eq!(parse_duration("24h"), Some(86_400));
        assert_eq!(parse_duration("7d"), Some(604_800));
        assert_eq!(parse_duration("1h 30m"), Some(5_400));
        for text in ["", "h", "-1h", "0s", "24", "1 month"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
