//! Checks whether a declared type holds a JSON value without changing it.

use serde_json::value::RawValue;

use super::super::exact::Exact;
use super::super::number::Number;
use super::super::shape::Shape;
use super::value::Value;

/// A value that does not fit the type, and its path below the column.
#[derive(Debug)]
pub(super) struct Wrong<'t> {
    pub value: &'t RawValue,
    /// The path, such as `.items[3].price`.
    pub path: String,
}

/// Checks a value, and everything inside it.
pub(super) fn judge<'t>(raw: &'t RawValue, shape: &Shape) -> Result<(), Wrong<'t>> {
    let wrong = || Wrong {
        value: raw,
        path: String::new(),
    };
    let value = Value::open(raw).map_err(|_| wrong())?;
    match (value, shape) {
        (Value::Null, _) => Ok(()),
        (Value::List(items), Shape::List(item, length)) => {
            if length.is_some_and(|length| usize::try_from(length) != Ok(items.len())) {
                return Err(wrong());
            }
            for (index, value) in items.into_iter().enumerate() {
                judge(value, item).map_err(|wrong| wrong.below(&format!("[{index}]")))?;
            }
            Ok(())
        }
        (Value::Object(members), Shape::Struct(fields)) => {
            let mut seen = std::collections::BTreeSet::new();
            for (name, value) in members {
                let field = fields.iter().find(|(field, _)| *field == name);
                let Some((_, field)) = field.filter(|_| seen.insert(name.clone())) else {
                    return Err(Wrong {
                        value,
                        path: format!(".{name}"),
                    });
                };
                judge(value, field).map_err(|wrong| wrong.below(&format!(".{name}")))?;
            }
            Ok(())
        }
        (Value::Object(members), Shape::Map(item)) => {
            let mut seen = std::collections::BTreeSet::new();
            for (name, value) in members {
                judge(value, item).map_err(|wrong| wrong.below(&format!(".{name}")))?;
                if !seen.insert(name.clone()) {
                    return Err(Wrong {
                        value,
                        path: format!(".{name}"),
                    });
                }
            }
            Ok(())
        }
        (value, Shape::Scalar(data_type)) => {
            if holds(&value, data_type) {
                Ok(())
            } else {
                Err(wrong())
            }
        }
        _ => Err(wrong()),
    }
}

fn holds(value: &Value<'_>, data_type: &str) -> bool {
    let Some(exact) = Exact::parse(data_type) else {
        return false;
    };
    match value {
        Value::Null => true,
        // A JSON document keeps its values if the engine's parser does.
        value if exact == Exact::Json => keeps(value),
        Value::Boolean => matches!(exact, Exact::Boolean | Exact::Text),
        Value::Number(text) => {
            let whole = !text.contains(['.', 'e', 'E']);
            let read = whole || Number::parse(text).is_some_and(|number| number.fits_double());
            let is_number = matches!(exact, Exact::Integer(..) | Exact::Decimal(..) | Exact::Float | Exact::Double);
            // The engine prints numbers in its own form: as text, only whole numbers stay unchanged.
            read && if exact == Exact::Text { whole } else { is_number && exact.holds(text) }
        }
        Value::Text(text) => exact.holds(text),
        Value::List(_) | Value::Object(_) => false,
    }
}

/// Whether the engine's JSON parser keeps all numbers in a value.
fn keeps(value: &Value<'_>) -> bool {
    let inside = |raw: &RawValue| Value::open(raw).is_ok_and(|value| keeps(&value));
    match value {
        Value::Number(text) => {
            !text.contains(['.', 'e', 'E']) || Number::parse(text).is_some_and(|number| number.fits_double())
        }
        Value::List(items) => items.iter().all(|item| inside(item)),
        Value::Object(members) => members.iter().all(|(_, member)| inside(member)),
        Value::Null | Value::Boolean | Value::Text(_) => true,
    }
}

impl Wrong<'_> {
    fn below(mut self, step: &str) -> Self {
        self.path.insert_str(0, step);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scalar(data_type: &str) -> Shape {
        Shape::Scalar(data_type.to_owned())
    }

    fn wrong_at(value: &str, shape: &Shape) -> Option<String> {
        judge(serde_json::from_str(value).unwrap(), shape).err().map(|wrong| wrong.path)
    }

    #[test]
    fn declared_types_hold_what_they_would_not_change() {
        assert_eq!(wrong_at("7", &scalar("INTEGER")), None);
        assert_eq!(wrong_at("\"7\"", &scalar("INTEGER")), None);
        assert_eq!(wrong_at("2.6", &scalar("INTEGER")), Some(String::new()));
        assert_eq!(wrong_at("true", &scalar("INTEGER")), Some(String::new()));
        assert_eq!(wrong_at("1.10", &scalar("VARCHAR")), Some(String::new()));
        assert_eq!(wrong_at("[1.5]", &scalar("JSON")), None);
        assert_eq!(wrong_at("[0.12345678901234567890]", &scalar("JSON")), Some(String::new()));
        assert_eq!(wrong_at("1.239", &scalar("DECIMAL(10,2)")), Some(String::new()));
    }

    #[test]
    fn nested_values_have_paths() {
        let shape = Shape::Struct(vec![("a".to_owned(), Shape::List(Box::new(scalar("INTEGER")), None))]);
        assert_eq!(wrong_at("{\"a\": [1, null]}", &shape), None);
        assert_eq!(wrong_at("{\"a\": [1, 2.5]}", &shape), Some(".a[1]".to_owned()));
        assert_eq!(wrong_at("{\"a\": [], \"b\": 1}", &shape), Some(".b".to_owned()));
        assert_eq!(wrong_at("{\"a\": [], \"a\": []}", &shape), Some(".a".to_owned()));
        assert_eq!(wrong_at("[]", &shape), Some(String::new()));
    }
}
