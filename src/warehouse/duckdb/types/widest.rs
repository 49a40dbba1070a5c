//! The narrowest type that holds all values of two types without changing one.

use super::{DataType, Field, Scalar};

/// The type, in the engine's text, that holds the values of both; `None` if no type does.
pub fn widest(one: &str, other: &str) -> Option<String> {
    if one == other {
        return Some(one.to_owned());
    }
    let (one, other) = (DataType::parse(one).ok()?, DataType::parse(other).ok()?);
    Some(join(&one, &other)?.to_string())
}

/// Whether a column of one type can become one of another without a loss, where all its values are known to fit.
pub fn widens(before: &str, after: &str) -> bool {
    let is_whole = || DataType::parse(before).is_ok_and(|before| matches!(numbers(&before), Some(Numbers::Whole(..))));
    widest(before, after).is_some_and(|wide| wide == after) || (after == "DOUBLE" && is_whole())
}

fn join(one: &DataType, other: &DataType) -> Option<DataType> {
    if one == other {
        return Some(one.clone());
    }
    match (one, other) {
        (DataType::Scalar(Scalar::Null), data_type) | (data_type, DataType::Scalar(Scalar::Null)) => {
            Some(data_type.clone())
        }
        (DataType::List(one), DataType::List(other)) => Some(DataType::List(Box::new(join(one, other)?))),
        (DataType::Array(one, length), DataType::Array(other, same)) if length == same => {
            Some(DataType::Array(Box::new(join(one, other)?), *length))
        }
        (DataType::Map(key, value), DataType::Map(other_key, other_value)) => {
            Some(DataType::Map(Box::new(join(key, other_key)?), Box::new(join(value, other_value)?)))
        }
        (DataType::Struct(one), DataType::Struct(other)) => join_fields(one, other).map(DataType::Struct),
        _ => join_numbers(one, other).or_else(|| join_moments(one, other)),
    }
}

/// The fields of both, by name: a value that lacks one has NULL there.
fn join_fields(one: &[Field], other: &[Field]) -> Option<Vec<Field>> {
    let mut fields = one.to_vec();
    for field in other {
        match fields.iter_mut().find(|known| known.name.eq_ignore_ascii_case(&field.name)) {
            Some(known) if known.name == field.name => known.data_type = join(&known.data_type, &field.data_type)?,
            Some(_) => return None,
            None => fields.push(field.clone()),
        }
    }
    Some(fields)
}

/// What a type of numbers holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    /// Whole numbers: bits, and whether they have a sign.
    Whole(u32, bool),
    /// Digits before and after the point.
    Decimal(u32, u32),
    /// Bits of the mantissa.
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

fn join_numbers(one: &DataType, other: &DataType) -> Option<DataType> {
    use Numbers::{Decimal, Float, Whole};
    Some(match (numbers(one)?, numbers(other)?) {
        (Whole(one, one_sign), Whole(other, other_sign)) => {
            let signed = one_sign || other_sign;
            let kinds = if signed {
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
            let bits = one.max(other);
            DataType::Scalar(kinds.iter().find(|(holds, _)| *holds >= bits)?.1)
        }
        (Float(_), Float(_)) => DataType::Scalar(Scalar::Double),
        (Whole(bits, _), Float(_)) | (Float(_), Whole(bits, _)) if bits <= 53 => DataType::Scalar(Scalar::Double),
        (Decimal(before, after), Decimal(other_before, other_after)) => {
            decimal(before.max(other_before), after.max(other_after))?
        }
        (Whole(bits, _), Decimal(before, after)) | (Decimal(before, after), Whole(bits, _)) => {
            decimal(before.max(digits(bits)), after)?
        }
        // A decimal of 15 digits comes back from a double, but arithmetic with it does not: no type holds both.
        _ => return None,
    })
}

/// Decimal digits of a whole number with so many bits.
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

/// Dates and times: a coarser one is part of a finer one that has the same range.
fn join_moments(one: &DataType, other: &DataType) -> Option<DataType> {
    let rank = |data_type: &DataType| match data_type {
        DataType::Scalar(Scalar::Date) => Some(0),
        DataType::Scalar(Scalar::TimestampS) => Some(1),
        DataType::Scalar(Scalar::TimestampMs) => Some(2),
        DataType::Scalar(Scalar::Timestamp) => Some(3),
        _ => None,
    };
    let kinds = [Scalar::Date, Scalar::TimestampS, Scalar::TimestampMs, Scalar::Timestamp];
    let rank: usize = rank(one)?.max(rank(other)?);
    // A date has no form in seconds that the reader gives alike; microseconds hold both.
    Some(DataType::Scalar(if rank == 0 { kinds[0] } else { kinds[3] }))
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
            assert_eq!(widest(one, other).as_deref(), wide, "{one} {other}");
            if wide.is_some_and(|wide| !wide.starts_with("STRUCT")) {
                assert_eq!(widest(other, one).as_deref(), wide, "{other} {one}");
            }
        }
    }
}
