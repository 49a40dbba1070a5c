//! The narrowest type that fits all values of several types without changing one.

use super::{DataType, Field, Scalar};

/// Returns the type, in the engine's text, that fits the values of all these types; `None` if there is none.
///
/// The result does not depend on the order of the types, except for the order of a struct's fields: that is the order
/// of their first occurrence.
pub fn widest(types: &[&str]) -> Option<String> {
    let parsed: Vec<DataType> = types.iter().map(|written| DataType::parse(written).ok()).collect::<Option<_>>()?;
    match types {
        // A text from the engine stays unchanged.
        [first, others @ ..] if others.iter().all(|other| other == first) => Some((*first).to_owned()),
        _ => Some(join(&parsed.iter().collect::<Vec<_>>())?.to_string()),
    }
}

/// Whether a column of one type can become one of another without loss, if all its values are known to fit.
pub fn widens(before: &str, after: &str) -> bool {
    let is_whole = || DataType::parse(before).is_ok_and(|before| matches!(numbers(&before), Some(Numbers::Whole(..))));
    widest(&[before, after]).is_some_and(|wide| wide == after) || (after == "DOUBLE" && is_whole())
}

fn join(types: &[&DataType]) -> Option<DataType> {
    let mut distinct: Vec<&DataType> = Vec::new();
    for data_type in types {
        if !distinct.contains(data_type) && **data_type != DataType::Scalar(Scalar::Null) {
            distinct.push(data_type);
        }
    }
    match distinct.as_slice() {
        [] => Some(DataType::Scalar(Scalar::Null)),
        [only] => Some((*only).clone()),
        [DataType::List(_), ..] => {
            let inner =
                distinct.iter().map(|list| if let DataType::List(inner) = list { Some(&**inner) } else { None });
            Some(DataType::List(Box::new(join(&inner.collect::<Option<Vec<_>>>()?)?)))
        }
        [DataType::Array(_, length), ..] => {
            let inner = distinct.iter().map(|array| match array {
                DataType::Array(inner, same) if same == length => Some(&**inner),
                _ => None,
            });
            Some(DataType::Array(Box::new(join(&inner.collect::<Option<Vec<_>>>()?)?), *length))
        }
        [DataType::Map(..), ..] => {
            let inner = distinct
                .iter()
                .map(|map| if let DataType::Map(key, value) = map { Some((&**key, &**value)) } else { None });
            let (keys, values): (Vec<_>, Vec<_>) = inner.collect::<Option<Vec<_>>>()?.into_iter().unzip();
            Some(DataType::Map(Box::new(join(&keys)?), Box::new(join(&values)?)))
        }
        [DataType::Struct(_), ..] => {
            let fields = distinct
                .iter()
                .map(|of| if let DataType::Struct(fields) = of { Some(fields.as_slice()) } else { None });
            join_fields(&fields.collect::<Option<Vec<_>>>()?).map(DataType::Struct)
        }
        _ => join_numbers(&distinct).or_else(|| join_moments(&distinct)),
    }
}

/// Joins the fields of all structs by name: a value that lacks a field has NULL there.
fn join_fields(structs: &[&[Field]]) -> Option<Vec<Field>> {
    let mut fields: Vec<(&str, Vec<&DataType>)> = Vec::new();
    for field in structs.iter().copied().flatten() {
        match fields.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(&field.name)) {
            Some((name, types)) if *name == field.name => types.push(&field.data_type),
            Some(_) => return None,
            None => fields.push((&field.name, vec![&field.data_type])),
        }
    }
    let field = |(name, types): (&str, Vec<&DataType>)| {
        Some(Field {
            name: name.to_owned(),
            data_type: join(&types)?,
        })
    };
    fields.into_iter().map(field).collect()
}

/// The range of a numeric type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    /// Whole numbers: the number of bits, and whether they are signed.
    Whole(u32, bool),
    /// The number of digits before and after the point.
    Decimal(u32, u32),
    /// The number of bits of the mantissa.
    Float(u32),
}

fn numbers(data_type: &DataType) -> Option<Numbers> {
    Some(match data_type {
        DataType::Scalar(scalar) => match scalar {
            Scalar::TinyInt => Numbers::Whole(7, true),
            Scalar::SmallInt => Numbers::Whole(15, true),
            Scalar::Integer => Numbers::Whole(31, true),
            Scalar::BigInt => Numbers::Whole(63, true),
            Scalar::HugeInt => Numbers::Whole(127, true),
            Scalar::UTinyInt => Numbers::Whole(8, false),
            Scalar::USmallInt => Numbers::Whole(16, false),
            Scalar::UInteger => Numbers::Whole(32, false),
            Scalar::UBigInt => Numbers::Whole(64, false),
            Scalar::Float => Numbers::Float(24),
            Scalar::Double => Numbers::Float(53),
            _ => return None,
        },
        DataType::Decimal { width, scale } => Numbers::Decimal(u32::from(*width - *scale), u32::from(*scale)),
        _ => return None,
    })
}

fn join_numbers(types: &[&DataType]) -> Option<DataType> {
    let all: Vec<Numbers> = types.iter().map(|data_type| numbers(data_type)).collect::<Option<_>>()?;
    let wholes = || {
        all.iter()
            .filter_map(|kind| if let Numbers::Whole(bits, signed) = kind { Some((*bits, *signed)) } else { None })
    };
    let decimals = || {
        all.iter()
            .filter_map(|kind| if let Numbers::Decimal(before, after) = kind { Some((*before, *after)) } else { None })
    };
    let most_bits = wholes().map(|(bits, _)| bits).max().unwrap_or_default();
    if all.iter().any(|kind| matches!(kind, Numbers::Float(_))) {
        // A decimal of 15 digits survives a conversion to double, but arithmetic with it does not: no type fits both.
        return (decimals().next().is_none() && most_bits <= 53).then_some(DataType::Scalar(Scalar::Double));
    }
    if decimals().next().is_some() {
        let of_decimals = decimals().map(|(before, _)| before).max().unwrap_or_default();
        let of_wholes = wholes().map(|(bits, _)| digits(bits)).max().unwrap_or_default();
        let after = decimals().map(|(_, after)| after).max().unwrap_or_default();
        return decimal(of_decimals.max(of_wholes), after);
    }
    let kinds = if wholes().any(|(_, signed)| signed) {
        &[
            (7, Scalar::TinyInt),
            (15, Scalar::SmallInt),
            (31, Scalar::Integer),
            (63, Scalar::BigInt),
            (127, Scalar::HugeInt),
        ][..]
    } else {
        &[(8, Scalar::UTinyInt), (16, Scalar::USmallInt), (32, Scalar::UInteger), (64, Scalar::UBigInt)][..]
    };
    Some(DataType::Scalar(kinds.iter().find(|(holds, _)| *holds >= most_bits)?.1))
}

/// Returns the number of decimal digits of a whole number with this many bits.
fn digits(bits: u32) -> u32 {
    (bits * 30103).div_ceil(100_000)
}

fn decimal(before: u32, after: u32) -> Option<DataType> {
    let width = u8::try_from(before + after).ok().filter(|width| *width <= 38)?;
    Some(DataType::Decimal {
        width,
        scale: u8::try_from(after).ok()?,
    })
}

/// Joins dates and times: a finer type includes a coarser one of the same range.
fn join_moments(types: &[&DataType]) -> Option<DataType> {
    let moments = [Scalar::Date, Scalar::TimestampS, Scalar::TimestampMs, Scalar::Timestamp];
    let is_moment = |data_type: &&&DataType| moments.iter().any(|moment| ***data_type == DataType::Scalar(*moment));
    // The types differ: the reader does not format a date in seconds consistently, and microseconds fit all.
    (types.iter().filter(is_moment).count() == types.len()).then_some(DataType::Scalar(Scalar::Timestamp))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wider_type_holds_the_values_of_both() {
        for (one, other, wide) in [
            ("INTEGER", "BIGINT", Some("BIGINT")),
            ("INTEGER", "UINTEGER", Some("BIGINT")),
            ("UBIGINT", "INTEGER", Some("HUGEINT")),
            ("UTINYINT", "USMALLINT", Some("USMALLINT")),
            ("INTEGER", "DOUBLE", Some("DOUBLE")),
            ("BIGINT", "DOUBLE", None),
            ("FLOAT", "DOUBLE", Some("DOUBLE")),
            ("DECIMAL(10,1)", "DECIMAL(10,3)", Some("DECIMAL(12,3)")),
            ("DECIMAL(38,0)", "DECIMAL(10,3)", None),
            ("INTEGER", "DECIMAL(4,2)", Some("DECIMAL(12,2)")),
            ("DATE", "TIMESTAMP", Some("TIMESTAMP")),
            ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", None),
            ("VARCHAR", "INTEGER", None),
            ("INTEGER[]", "BIGINT[]", Some("BIGINT[]")),
            ("STRUCT(a INTEGER)", "STRUCT(a BIGINT, b VARCHAR)", Some("STRUCT(\"a\" BIGINT, \"b\" VARCHAR)")),
            ("STRUCT(a INTEGER)", "STRUCT(A INTEGER)", None),
            ("MAP(VARCHAR, INTEGER)", "MAP(VARCHAR, DOUBLE)", Some("MAP(VARCHAR, DOUBLE)")),
        ] {
            assert_eq!(widest(&[one, other]).as_deref(), wide, "{one} {other}");
            if wide.is_some_and(|wide| !wide.starts_with("STRUCT")) {
                assert_eq!(widest(&[other, one]).as_deref(), wide, "{other} {one}");
            }
        }
    }

    #[test]
    fn the_order_does_not_count() {
        let mut types = ["TINYINT", "UTINYINT", "DECIMAL(3,0)"];
        for _ in 0..3 {
            types.rotate_left(1);
            assert_eq!(widest(&types).as_deref(), Some("DECIMAL(3,0)"));
        }
        assert_eq!(widest(&["INTEGER", "DOUBLE", "BIGINT"]), None);
        assert_eq!(widest(&["BIGINT", "INTEGER", "DOUBLE"]), None);
    }
}
