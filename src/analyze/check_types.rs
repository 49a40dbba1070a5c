//! Checks that the types of a check's values agree with the column's type: the engine would silently cast one of them.

use jiff::civil;

use crate::model::{Scalar, Schema};
use crate::project::CheckKind;

/// The kind of a column's values, as far as TOML can express it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Number,
    Text,
    Truth,
    Date,
    Timestamp,
    Time,
    /// Anything else: values are written as text, and the engine converts them.
    Other,
}

/// Returns why a check does not fit columns of these types; `None` if it does. `other` are the columns of the asset
/// that `references` names.
pub(super) fn mismatch(kind: &CheckKind, schema: &Schema, other: Option<&Schema>) -> Option<String> {
    match kind {
        CheckKind::AcceptedValues { column, values } => {
            values.iter().find_map(|value| value_mismatch("accepted_values", column, value, schema))
        }
        CheckKind::Range { column, min, max } => {
            min.iter().chain(max).find_map(|value| value_mismatch("range", column, value, schema))
        }
        CheckKind::Freshness { column, .. } => {
            let data_type = &schema.column(column)?.data_type;
            let is_time = matches!(class(data_type), Class::Date | Class::Timestamp);
            (!is_time).then(|| format!("`freshness` needs a date or timestamp, but `{column}` is {data_type}"))
        }
        CheckKind::References { columns, asset, to } => {
            let pairs = columns.iter().zip(to);
            pairs.into_iter().find_map(|(here, there)| {
                let (left, right) = (&schema.column(here)?.data_type, &other?.column(there)?.data_type);
                (!are_comparable(left, right)).then(|| {
                    format!(
                        "`{here}` is {left}, but `{there}` of `{asset}` is {right}; cast one of them in its query to \
                         the type of the other"
                    )
                })
            })
        }
        CheckKind::NotNull { .. } | CheckKind::Unique { .. } | CheckKind::RowCount { .. } | CheckKind::Sql { .. } => {
            None
        }
    }
}

fn value_mismatch(key: &str, column: &str, value: &Scalar, schema: &Schema) -> Option<String> {
    let data_type = &schema.column(column)?.data_type;
    let class = class(data_type);
    let fits = match (class, value) {
        (Class::Number, Scalar::Integer(_) | Scalar::Float(_))
        | (Class::Text | Class::Other, Scalar::String(_))
        | (Class::Truth, Scalar::Boolean(_))
        | (Class::Date | Class::Timestamp, Scalar::Date(_)) => true,
        (Class::Date, Scalar::String(text)) => text.parse::<civil::Date>().is_ok(),
        (Class::Timestamp, Scalar::String(text)) => {
            text.parse::<civil::DateTime>().is_ok() || text.parse::<jiff::Timestamp>().is_ok()
        }
        (Class::Time, Scalar::String(text)) => text.parse::<civil::Time>().is_ok(),
        _ => false,
    };
    if fits {
        return None;
    }
    let way = match class {
        Class::Text => format!("write it as `\"{}\"`", value.to_string().trim_matches('"')),
        Class::Number => "write a number".to_owned(),
        Class::Truth => "write `true` or `false`".to_owned(),
        Class::Date => "write a date such as `2026-11-30`".to_owned(),
        Class::Timestamp => "write a date such as `2026-11-30`, or a text such as `\"2026-11-30 08:00:00\"`".to_owned(),
        Class::Time => "write a text such as `\"08:00:00\"`".to_owned(),
        Class::Other => "write a text".to_owned(),
    };
    Some(format!("`{key}` has {value}, but `{column}` is {data_type}; {way}"))
}

/// Whether values of these types can be compared directly: without parsing text as a number, and without assuming a
/// time zone.
fn are_comparable(left: &str, right: &str) -> bool {
    let (one, other) = (class(left), class(right));
    match (one, other) {
        (Class::Timestamp, Class::Timestamp) | (Class::Date | Class::Timestamp, Class::Date | Class::Timestamp) => {
            has_zone(left) == has_zone(right)
        }
        (Class::Other | Class::Time, _) => left == right,
        _ => one == other,
    }
}

fn has_zone(data_type: &str) -> bool {
    data_type.contains("WITH TIME ZONE")
}

fn class(data_type: &str) -> Class {
    let base = data_type.split('(').next().unwrap_or(data_type);
    if data_type.ends_with(']') {
        return Class::Other;
    }
    match base {
        "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "HUGEINT" | "UTINYINT" | "USMALLINT" | "UINTEGER"
        | "UBIGINT" | "UHUGEINT" | "FLOAT" | "DOUBLE" | "DECIMAL" | "BIGNUM" => Class::Number,
        "VARCHAR" | "ENUM" => Class::Text,
        "BOOLEAN" => Class::Truth,
        "DATE" => Class::Date,
        "TIME" => Class::Time,
        "TIMESTAMP" | "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP_NS" | "TIMESTAMP WITH TIME ZONE" => Class::Timestamp,
        _ => Class::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Column;

    fn schema(columns: &[(&str, &str)]) -> Schema {
        let column = |(name, data_type): &(&str, &str)| Column {
            name: (*name).to_owned(),
            data_type: (*data_type).to_owned(),
        };
        Schema(columns.iter().map(column).collect())
    }

    fn accepts(data_type: &str, value: Scalar) -> bool {
        let kind = CheckKind::AcceptedValues {
            column: "x".to_owned(),
            values: vec![value],
        };
        mismatch(&kind, &schema(&[("x", data_type)]), None).is_none()
    }

    #[test]
    fn values_have_the_type_of_the_column() {
        let text = |text: &str| Scalar::String(text.to_owned());
        for data_type in ["INTEGER", "UHUGEINT", "DECIMAL(10,2)", "DOUBLE"] {
            assert!(accepts(data_type, Scalar::Integer(1)) && accepts(data_type, Scalar::Float(1.5)), "{data_type}");
            assert!(!accepts(data_type, text("1")) && !accepts(data_type, Scalar::Boolean(true)), "{data_type}");
        }
        for data_type in ["VARCHAR", "ENUM('a', 'b')"] {
            assert!(accepts(data_type, text("a")) && !accepts(data_type, Scalar::Integer(1)), "{data_type}");
        }
        assert!(accepts("DATE", text("2026-11-30")) && !accepts("DATE", text("A7")));
        assert!(accepts("TIMESTAMP", text("2026-11-30 08:00:00")) && !accepts("TIMESTAMP", text("soon")));
        assert!(accepts("TIME", text("08:00")) && !accepts("TIME", Scalar::Integer(8)));
        assert!(accepts("BOOLEAN", Scalar::Boolean(true)) && !accepts("BOOLEAN", text("true")));
        assert!(accepts("UUID", text("x")) && accepts("INTEGER[]", text("[1]")));
    }

    #[test]
    fn references_compare_like_with_like() {
        let pairs = [
            ("INTEGER", "BIGINT", true),
            ("DECIMAL(4,1)", "DOUBLE", true),
            ("VARCHAR", "ENUM('a')", true),
            ("DATE", "TIMESTAMP", true),
            ("TIMESTAMP", "TIMESTAMP_MS", true),
            ("VARCHAR", "INTEGER", false),
            ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", false),
            ("UUID", "VARCHAR", false),
            ("UUID", "UUID", true),
            ("BOOLEAN", "INTEGER", false),
            ("INTEGER[]", "BIGINT[]", false),
        ];
        for (left, right, expected) in pairs {
            assert_eq!(are_comparable(left, right), expected, "{left} and {right}");
            assert_eq!(are_comparable(right, left), expected, "{right} and {left}");
        }
    }
}
