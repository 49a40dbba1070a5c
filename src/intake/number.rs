//! Written numbers, compared by value and without rounding.

/// A parsed decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number<'t> {
    text: &'t str,
    negative: bool,
    /// The digits before the point, as written.
    whole: &'t [u8],
    /// The digits after the point, as written.
    fraction: &'t [u8],
    /// The power of ten after `e`.
    exponent: i32,
}

/// The value of a number, in a unique form: `0.DIGITS × 10^power`.
///
/// The digits neither start nor end with `0`; zero has no digits.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Value {
    digits: Vec<u8>,
    power: i32,
}

impl<'t> Number<'t> {
    /// Parses `[+-]digits[.digits][e[+-]digits]`; digits may be missing on one side of the point.
    ///
    /// Returns `None` for any other text.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (negative, rest) = match bytes.split_first()? {
            (b'-', rest) => (true, rest),
            (b'+', rest) => (false, rest),
            _ => (false, bytes),
        };
        let (whole, rest) = digits(rest);
        let (fraction, rest) = match rest.split_first() {
            Some((b'.', rest)) => digits(rest),
            _ => (&rest[..0], rest),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let exponent = match rest.split_first() {
            None => 0,
            Some((b'e' | b'E', rest)) => exponent(rest)?,
            Some(_) => return None,
        };
        Some(Self {
            text,
            negative,
            whole,
            fraction,
            exponent,
        })
    }

    /// Whether a DOUBLE reproduces the same digits, except for trailing zeros.
    pub(super) fn fits_double(&self) -> bool {
        let value = self.value();
        // Every decimal of at most 15 digits survives a 64-bit float (DBL_DIG), within the range of normal numbers.
        if value.digits.len() <= 15 && (-300..=300).contains(&value.power) {
            return true;
        }
        self.text.parse::<f64>().is_ok_and(|float| float.is_finite() && is_shortest(&format!("{float:e}"), &value))
    }

    /// Whether the text is a complete DOUBLE: with the 17 digits that distinguish it from its neighbours, or in the
    /// form of [`fits_double`](Self::fits_double). Programs write doubles in both forms.
    pub(super) fn is_double(&self) -> bool {
        self.fits_double()
            || self
                .text
                .parse::<f64>()
                .is_ok_and(|float| float.is_finite() && is_shortest(&format!("{float:.16e}"), &self.value()))
    }

    /// Whether a FLOAT reproduces the same digits, except for trailing zeros.
    pub(super) fn fits_float(&self) -> bool {
        let value = self.value();
        self.text.parse::<f32>().is_ok_and(|float| float.is_finite() && is_shortest(&format!("{float:e}"), &value))
    }

    /// Returns the value if it is a whole number with at most 38 digits.
    pub(super) fn integer(&self) -> Option<i128> {
        let value = self.value();
        let digits = i32::try_from(value.digits.len()).ok()?;
        if digits == 0 {
            return Some(0);
        }
        if value.power < digits || value.power > 38 {
            return None;
        }
        let number = value.digits.iter().fold(0, |number: i128, digit| number * 10 + i128::from(digit - b'0'));
        let number = (digits..value.power).fold(number, |number, _| number * 10);
        Some(if self.negative { -number } else { number })
    }

    /// Whether `DECIMAL(width, scale)` holds the value without rounding.
    pub(super) fn fits_decimal(&self, width: u8, scale: u8) -> bool {
        let value = self.value();
        let digits = i32::try_from(value.digits.len()).unwrap_or(i32::MAX);
        let after_point = digits.saturating_sub(value.power);
        digits == 0 || (after_point <= i32::from(scale) && value.power <= i32::from(width) - i32::from(scale))
    }

    fn value(&self) -> Value {
        let mut digits: Vec<u8> = self.whole.iter().chain(self.fraction).copied().collect();
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..zeros);
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        let length = |part: usize| i32::try_from(part).unwrap_or(i32::MAX);
        let power = length(self.whole.len()).saturating_sub(length(zeros)).saturating_add(self.exponent);
        Value {
            power: if digits.is_empty() { 0 } else { power },
            digits,
        }
    }
}

/// Splits a text after its leading digits.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

fn exponent(text: &[u8]) -> Option<i32> {
    let (_, rest) = digits(text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text));
    if !rest.is_empty() {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Whether the shortest text of a float that parses to the same float has the digits of `value`.
fn is_shortest(text: &str, value: &Value) -> bool {
    Number::parse(text).is_some_and(|number| number.value() == *value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Number<'_> {
        Number::parse(text).unwrap()
    }

    #[test]
    fn only_decimal_numbers_are_numbers() {
        for text in ["", "-", ".", "e5", "1e", "1.2.3", "1,000", " 1", "1 ", "0x10", "inf", "nan", "--1", "1e1.5"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
        for text in ["0", "-1", "+1", "1.", ".5", "1e5", "1E-05", "007", "1.50"] {
            assert!(Number::parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn whole_numbers_are_told_by_value() {
        for (text, value) in
            [("2", Some(2)), ("2.0", Some(2)), ("-0042", Some(-42)), ("1e3", Some(1000)), ("12.5e1", Some(125))]
        {
            assert_eq!(number(text).integer(), value, "{text}");
        }
        assert_eq!(number("2.6").integer(), None);
        assert_eq!(number("1e-1").integer(), None);
        assert_eq!(number("1e39").integer(), None);
        assert_eq!(number(&"9".repeat(38)).integer(), Some(10_i128.pow(38) - 1));
        assert_eq!(number("0.000").integer(), Some(0));
    }

    #[test]
    fn a_decimal_is_not_rounded() {
        assert!(number("1.230").fits_decimal(10, 2));
        assert!(!number("1.239").fits_decimal(10, 2));
        assert!(number("12345678.99").fits_decimal(10, 2));
        assert!(!number("123456789.99").fits_decimal(10, 2));
        assert!(number("0.01").fits_decimal(2, 2));
        assert!(!number("1").fits_decimal(2, 2));
        assert!(number("0").fits_decimal(1, 1));
    }

    #[test]
    fn a_double_gives_its_digits_back() {
        for text in
            ["0.1", "9007199254740992", "123456789012345", "1.7976931348623157e308", "5e-324", "0.30000000000000004"]
        {
            assert!(number(text).fits_double(), "{text}");
        }
        for text in ["9007199254740993", "0.1000000000000000055", "1e400", "3.14159265358979323846"] {
            assert!(!number(text).fits_double(), "{text}");
        }
        // The output of `%.17g`.
        assert!(!number("48.053808600000004").fits_double() && number("48.053808600000004").is_double());
        assert!(!number("9007199254740993").is_double());
        assert!(number("0.1").fits_float());
        assert!(!number("16777217").fits_float());
    }

    proptest! {
        #[test]
        fn what_rust_prints_fits(float in any::<f64>().prop_filter("finite", |float| float.is_finite())) {
            let (plain, scientific) = (format!("{float}"), format!("{float:e}"));
            prop_assert!(number(&plain).fits_double());
            prop_assert!(number(&scientific).fits_double());
        }

        #[test]
        fn integers_come_back(value in -(10_i128.pow(38) - 1)..10_i128.pow(38)) {
            prop_assert_eq!(number(&value.to_string()).integer(), Some(value));
        }
    }
}
