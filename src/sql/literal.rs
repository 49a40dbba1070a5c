use super::quote;
use crate::model::{OptionValue, Scalar};

impl Scalar {
    /// Returns the value as an SQL literal of its type, valid wherever an expression may be.
    ///
    /// Negative numbers are in parentheses, because `a -${var.x}` must not become a comment.
    pub fn sql(&self) -> String {
        match self {
            Self::String(text) => quote::literal(text),
            Self::Integer(number) if *number < 0 => format!("({number})"),
            Self::Integer(number) => number.to_string(),
            Self::Float(number) if number.is_finite() && number.is_sign_positive() => format!("{number:e}"),
            Self::Float(number) => format!("('{number}'::DOUBLE)"),
            Self::Boolean(value) => value.to_string(),
            Self::Date(date) => format!("DATE '{date}'"),
        }
    }
}

impl OptionValue {
    /// Returns the value as an SQL expression.
    pub fn sql(&self) -> String {
        match self {
            Self::Scalar(scalar) => scalar.sql(),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(Self::sql).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Struct(fields) => {
                let fields: Vec<_> =
                    fields.iter().map(|(name, value)| format!("{}: {}", quote::literal(name), value.sql())).collect();
                format!("{{{}}}", fields.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_cannot_break_out() {
        assert_eq!(Scalar::String("it's -- a\n".into()).sql(), "'it''s -- a\n'");
        assert_eq!(Scalar::Integer(-5).sql(), "(-5)");
        assert_eq!(Scalar::Float(0.1).sql(), "1e-1");
        assert_eq!(Scalar::Float(-0.0).sql(), "('-0'::DOUBLE)");
        assert_eq!(Scalar::Date("2013-02-01".parse().unwrap()).sql(), "DATE '2013-02-01'");
    }

    #[test]
    fn nested_options_become_lists_and_structs() {
        let value = OptionValue::Struct(vec![(
            "i'd".into(),
            OptionValue::List(vec![OptionValue::Scalar(Scalar::Boolean(true))]),
        )]);
        assert_eq!(value.sql(), "{'i''d': [true]}");
    }
}
