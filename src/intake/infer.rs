//! Infers the type of a column from all of its texts.
//!
//! A type other than text is chosen only if it reproduces every text: no leading zeros, no `+`, no thousands
//! separators, one form of date. Everything else stays text, which loses nothing.

use super::number::Number;
use super::time::{Moment, Offset};
use super::union::Values;

/// The common properties of a column's texts so far. Their order does not matter: `merge` is commutative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    kind: Kind,
    numbers: Numbers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// There is no text yet.
    Nothing,
    Number,
    Boolean,
    Date,
    Time,
    Timestamp {
        t: bool,
    },
    /// With `Z`, the only offset that a UTC session reproduces.
    Zulu {
        t: bool,
    },
    Text,
}

/// The properties of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Numbers {
    /// Whether all are whole numbers without a point.
    whole: bool,
    /// Whether any has an exponent.
    exponent: bool,
    /// The maximum number of digits before the point.
    before: u16,
    /// The maximum number of digits after the point, as written.
    after: u16,
    /// Whether all whole numbers fit in 64 bits.
    bigint: bool,
    /// Whether a DOUBLE reproduces all of them.
    double: bool,
}

const NO_NUMBERS: Numbers = Numbers {
    whole: true,
    exponent: false,
    before: 0,
    after: 0,
    bigint: true,
    double: true,
};

/// The maximum number of digits of a DECIMAL.
const DECIMAL_DIGITS: u16 = 38;

impl Default for Seen {
    fn default() -> Self {
        Self {
            kind: Kind::Nothing,
            numbers: NO_NUMBERS,
        }
    }
}

impl Seen {
    /// Adds a text.
    pub(super) fn add(&mut self, text: &str) {
        if self.kind == Kind::Text {
            return;
        }
        let (kind, numbers) = classify(text);
        self.join(kind, numbers);
    }

    /// Whether the texts have nothing in common but that they are texts.
    pub(super) fn is_text(&self) -> bool {
        self.kind == Kind::Text
    }

    fn join(&mut self, kind: Kind, numbers: Numbers) {
        self.kind = match self.kind {
            Kind::Nothing => kind,
            same if same == kind => same,
            _ => Kind::Text,
        };
        self.numbers = Numbers {
            whole: self.numbers.whole && numbers.whole,
            exponent: self.numbers.exponent || numbers.exponent,
            before: self.numbers.before.max(numbers.before),
            after: self.numbers.after.max(numbers.after),
            bigint: self.numbers.bigint && numbers.bigint,
            double: self.numbers.double && numbers.double,
        };
    }
}

impl Values for Seen {
    fn merge(&mut self, later: Self) {
        if later.kind != Kind::Nothing {
            self.join(later.kind, later.numbers);
        }
    }

    fn data_type(&self) -> String {
        match self.kind {
            Kind::Nothing | Kind::Text => "VARCHAR".to_owned(),
            Kind::Boolean => "BOOLEAN".to_owned(),
            Kind::Date => "DATE".to_owned(),
            Kind::Time => "TIME".to_owned(),
            Kind::Timestamp { .. } => "TIMESTAMP".to_owned(),
            Kind::Zulu { .. } => "TIMESTAMP WITH TIME ZONE".to_owned(),
            Kind::Number => self.numbers.data_type(),
        }
    }
}

impl Numbers {
    fn data_type(self) -> String {
        let digits = self.before + self.after;
        if self.whole && self.bigint {
            "BIGINT".to_owned()
        } else if self.whole && self.before <= DECIMAL_DIGITS {
            "HUGEINT".to_owned()
        } else if self.double && !self.whole {
            "DOUBLE".to_owned()
        } else if !self.exponent && !self.whole && digits <= DECIMAL_DIGITS {
            format!("DECIMAL({digits},{})", self.after)
        } else {
            "VARCHAR".to_owned()
        }
    }
}

fn classify(text: &str) -> (Kind, Numbers) {
    let bytes = text.as_bytes();
    let kind = match bytes.first() {
        Some(b'0'..=b'9' | b'-') => {
            if let Some(numbers) = number(text) {
                return (Kind::Number, numbers);
            }
            moment(text)
        }
        Some(b't' | b'f') if text == "true" || text == "false" => Kind::Boolean,
        _ => Kind::Text,
    };
    (kind, NO_NUMBERS)
}

/// Parses a number in the form in which the engine prints it.
fn number(text: &str) -> Option<Numbers> {
    let bytes = text.as_bytes();
    let unsigned = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let before = unsigned.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if before == 0 || (before > 1 && unsigned[0] == b'0') {
        return None;
    }
    let count = |digits: usize| u16::try_from(digits).unwrap_or(u16::MAX / 2);
    let rest = &unsigned[before..];
    if rest.is_empty() {
        if bytes == b"-0" {
            return None;
        }
        return Some(Numbers {
            before: count(before),
            bigint: before <= 18 || text.parse::<i64>().is_ok(),
            double: before <= 15 || Number::parse(text)?.fits_double(),
            ..NO_NUMBERS
        });
    }
    let after = match rest.strip_prefix(b".") {
        Some(rest) => match rest.iter().take_while(|byte| byte.is_ascii_digit()).count() {
            0 => return None,
            after => after,
        },
        None => 0,
    };
    let rest = if after == 0 { rest } else { &rest[after + 1..] };
    // `12E5` may be a code. Programs write numbers with a point or a signed exponent.
    let exponent = match rest {
        [] => false,
        [b'e' | b'E', b'+' | b'-', ..] => true,
        [b'e' | b'E', ..] if after > 0 => true,
        _ => return None,
    };
    // A DOUBLE reproduces every number with at most 15 digits.
    let is_short = !exponent && before + after <= 15;
    Some(Numbers {
        whole: false,
        exponent,
        before: count(before),
        after: count(after),
        bigint: false,
        double: is_short || Number::parse(text)?.fits_double(),
    })
}

fn moment(text: &str) -> Kind {
    let Some(moment) = Moment::parse(text) else {
        return Kind::Text;
    };
    let Some(time) = moment.time else {
        return Kind::Date;
    };
    // The engine stores microseconds, and prints the seconds.
    if !time.seconds || time.fraction > 6 {
        return Kind::Text;
    }
    match (moment.date, moment.offset, moment.t) {
        (false, None, _) => Kind::Time,
        (true, None, t) => Kind::Timestamp { t },
        (true, Some(Offset::Zulu), t) => Kind::Zulu { t },
        _ => Kind::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> String {
        let mut seen = Seen::default();
        for text in texts {
            seen.add(text);
        }
        // Parts of a file are inspected separately and in any order.
        let mut backwards = Seen::default();
        for text in texts.iter().rev() {
            let mut one = Seen::default();
            one.add(text);
            backwards.merge(one);
        }
        assert_eq!(seen, backwards);
        seen.data_type()
    }

    #[test]
    fn a_type_gives_every_text_back() {
        for (texts, data_type) in [
            (&["1", "-2", "9223372036854775807"][..], "BIGINT"),
            (&["1", "9223372036854775808"], "HUGEINT"),
            (&["1", "2.5"], "DOUBLE"),
            (&["0.10", "1"], "DOUBLE"),
            (&["1e-05", "1.5E3"], "DOUBLE"),
            (&["0.12345678901234567890"], "DECIMAL(21,20)"),
            (&["9007199254740993", "0.5"], "DECIMAL(17,1)"),
            (&["true", "false"], "BOOLEAN"),
            (&["2026-05-02", "1999-12-31"], "DATE"),
            (&["23:30:00", "01:02:03.5"], "TIME"),
            (&["2026-05-02 10:00:00", "2026-05-02 10:00:00.123456"], "TIMESTAMP"),
            (&["2026-05-02T10:00:00"], "TIMESTAMP"),
            (&["2026-05-02T10:00:00Z"], "TIMESTAMP WITH TIME ZONE"),
        ] {
            assert_eq!(of(texts), data_type, "{texts:?}");
        }
    }

    #[test]
    fn everything_else_stays_text() {
        for texts in [
            &["yes", "no"][..],
            &["NO"],
            &["True"],
            &["0042"],
            &["7", "0042"],
            &["+1"],
            &["1,000"],
            &["inf"],
            &["nan"],
            &["-0"],
            &["12E5"],
            &[" 1"],
            &["1 "],
            &[".5"],
            &["5."],
            &["1.5", "true"],
            &["05/02/2026"],
            &["2026-02-30"],
            &["2026-05-02", "02.05.2026"],
            &["2026-05-02", "2026-05-02 10:00:00"],
            &["23:30"],
            &["1", "23:30:00"],
            &["2026-05-02T10:00:00", "2026-05-02 10:00:00"],
            &["2026-05-02T10:00:00+02:00"],
            &["2026-05-02T10:00:00.1234567"],
            &["99999999999999999999999999999999999999999"],
            &["a"],
            &["-"],
            &["2026-05-02T10:00:00Z", "2026-05-02T10:00:00"],
        ] {
            assert_eq!(of(texts), "VARCHAR", "{texts:?}");
        }
        assert_eq!(Seen::default().data_type(), "VARCHAR");
    }
}
