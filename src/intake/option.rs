//! Values of reader options.

use super::refusal::Refusal;
use crate::model::{OptionValue, Scalar};

/// Alternative names of options, and their canonical names.
const ALIASES: [(&str, &str); 10] = [
    ("sep", "delim"),
    ("delimiter", "delim"),
    ("separator", "delim"),
    ("null", "nullstr"),
    ("date_format", "dateformat"),
    ("timestamp_format", "timestampformat"),
    ("column_names", "names"),
    ("dtypes", "types"),
    ("column_types", "types"),
    ("maximum_line_size", "max_line_size"),
];

/// Returns the options with canonical names, in lower case.
///
/// # Errors
/// An option that is given twice.
pub fn canonical(options: &[(String, OptionValue)]) -> Result<Vec<(String, OptionValue)>, Refusal> {
    let mut all: Vec<(String, OptionValue)> = Vec::with_capacity(options.len());
    for (written, value) in options {
        let lower = written.to_ascii_lowercase();
        let name = ALIASES.iter().find(|(alias, _)| *alias == lower).map_or(lower, |(_, name)| (*name).to_owned());
        if all.iter().any(|(known, _)| *known == name) {
            return Err(Refusal::Option {
                name: written.clone(),
                why: format!("sets `{name}` a second time"),
                help: "remove one of the two".to_owned(),
            });
        }
        all.push((name, value.clone()));
    }
    Ok(all)
}

/// Creates the refusal of a value; `expected` completes "give it …".
pub(super) fn wrong(name: &str, expected: &str) -> Refusal {
    Refusal::Option {
        name: name.to_owned(),
        why: "has a value that dp does not accept".to_owned(),
        help: format!("write {expected}"),
    }
}

/// Whether an option requests dp's default: dp inspects every row, joins columns by name, and drops nothing. Queries
/// for other tools often set it.
pub(super) fn asks_for_the_default(name: &str, value: &OptionValue) -> bool {
    let is = |wanted: Scalar| *value == OptionValue::Scalar(wanted);
    match name {
        "auto_detect" | "union_by_name" | "strict_mode" => is(Scalar::Boolean(true)),
        "ignore_errors" | "store_rejects" | "normalize_names" => is(Scalar::Boolean(false)),
        "sample_size" => is(Scalar::Integer(-1)),
        _ => false,
    }
}

/// Creates the refusal of an option that makes the engine guess.
pub(super) fn guesses(name: &str) -> Refusal {
    Refusal::Option {
        name: name.to_owned(),
        why: "has no effect: dp reads every row and the columns of every file".to_owned(),
        help: "remove it".to_owned(),
    }
}

/// Creates the refusal of an option that makes the engine drop or change data that does not fit.
pub(super) fn drops(name: &str) -> Refusal {
    Refusal::Option {
        name: name.to_owned(),
        why: "could drop or change rows, but dp reads a source exactly or refuses it".to_owned(),
        help: "remove it; `[columns.NAME] cast = \"lenient\"` lets the engine convert single columns".to_owned(),
    }
}

/// Creates the refusal of an option that the format does not have; `known` are its options.
pub(super) fn unknown(name: &str, format: &str, known: &[&str]) -> Refusal {
    let aliases = ALIASES.iter().filter(|(_, name)| known.contains(name)).map(|(alias, _)| *alias);
    let help = crate::base::text::did_you_mean(name, known.iter().copied().chain(aliases))
        .unwrap_or_else(|| format!("remove it; the known options are {}", crate::base::text::and(known)));
    Refusal::Option {
        name: name.to_owned(),
        why: format!("is not an option of {format} sources"),
        help,
    }
}

pub(super) fn boolean(name: &str, value: &OptionValue) -> Result<bool, Refusal> {
    match value {
        OptionValue::Scalar(Scalar::Boolean(value)) => Ok(*value),
        _ => Err(wrong(name, "`true` or `false`")),
    }
}

pub(super) fn integer(name: &str, value: &OptionValue) -> Result<i64, Refusal> {
    match value {
        OptionValue::Scalar(Scalar::Integer(value)) => Ok(*value),
        _ => Err(wrong(name, "a whole number")),
    }
}

pub(super) fn text(name: &str, value: &OptionValue) -> Result<String, Refusal> {
    match value {
        OptionValue::Scalar(Scalar::String(text)) => Ok(text.clone()),
        _ => Err(wrong(name, "a string")),
    }
}

/// Parses one text or a list of texts.
pub(super) fn texts(name: &str, value: &OptionValue) -> Result<Vec<String>, Refusal> {
    match value {
        OptionValue::List(items) => items.iter().map(|item| text(name, item)).collect(),
        _ => Ok(vec![text(name, value)?]),
    }
}

/// Parses a table of texts.
pub(super) fn fields(name: &str, value: &OptionValue) -> Result<Vec<(String, String)>, Refusal> {
    match value {
        OptionValue::Struct(fields) => {
            fields.iter().map(|(field, value)| Ok((field.clone(), text(name, value)?))).collect()
        }
        _ => Err(wrong(name, "a table of columns and types")),
    }
}

/// Returns the name of the column with each row's file; `None` if there is no such column.
pub(super) fn filename(name: &str, value: &OptionValue) -> Result<Option<String>, Refusal> {
    match value {
        OptionValue::Scalar(Scalar::Boolean(wanted)) => Ok(wanted.then(|| "filename".to_owned())),
        _ => text(name, value).map(Some),
    }
}

/// Parses one ASCII character; `None` if the text is empty. `\\t` is a tab, as in the engine.
pub(super) fn byte(name: &str, value: &OptionValue) -> Result<Option<u8>, Refusal> {
    match text(name, value)?.as_bytes() {
        [] => Ok(None),
        br"\t" => Ok(Some(b'\t')),
        [byte] if byte.is_ascii() => Ok(Some(*byte)),
        _ => Err(wrong(name, "one ASCII character")),
    }
}
