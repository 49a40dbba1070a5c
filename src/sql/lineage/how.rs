use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How a column of an input is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum How {
    /// Its value is unchanged.
    Identity,
    /// A value is computed from it, row by row.
    Transformation,
    /// A value is computed from it over many rows.
    Aggregation,
    /// It decides which rows are kept.
    Filter,
    /// It decides which rows match, or how often a row occurs.
    Join,
    /// Rows with equal values are combined.
    Group,
    /// It decides the order of rows.
    Order,
    /// Rows with equal values count once.
    Distinct,
    /// It partitions or orders the rows of a window function.
    Window,
}

impl How {
    /// All values, in order.
    pub const ALL: [Self; 9] = [
        Self::Identity,
        Self::Transformation,
        Self::Aggregation,
        Self::Filter,
        Self::Join,
        Self::Group,
        Self::Order,
        Self::Distinct,
        Self::Window,
    ];

    /// Returns its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Transformation => "transformation",
            Self::Aggregation => "aggregation",
            Self::Filter => "filter",
            Self::Join => "join",
            Self::Group => "group",
            Self::Order => "order",
            Self::Distinct => "distinct",
            Self::Window => "window",
        }
    }

    /// Returns `value` for the three kinds of values, and otherwise its own word.
    pub fn class(self) -> &'static str {
        if self.is_value() { "value" } else { self.word() }
    }

    /// Whether the column's values reach the result, unchanged or not.
    pub fn is_value(self) -> bool {
        self <= Self::Aggregation
    }
}

/// A set of [`How`].
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hows(u16);

impl Hows {
    /// Creates a set with one element.
    pub fn of(how: How) -> Self {
        Self(1 << how as u8)
    }

    /// Whether the set contains an element.
    pub fn contains(self, how: How) -> bool {
        self.0 & Self::of(how).0 != 0
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the words of its elements.
    pub fn words(self) -> Vec<&'static str> {
        self.iter().map(How::word).collect()
    }

    /// Returns the union of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns its elements in order.
    pub fn iter(self) -> impl Iterator<Item = How> {
        How::ALL.into_iter().filter(move |how| self.contains(*how))
    }

    /// Returns the set after the result is used as a value of this kind: a sum of an identity is an aggregation.
    #[must_use]
    pub fn through(self, kind: How) -> Self {
        let raised = self.iter().map(|how| if how < kind { kind } else { how });
        raised.fold(Self::default(), |all, how| all.and(Self::of(how)))
    }
}

impl fmt::Display for Hows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.words().join(" "))
    }
}

impl fmt::Debug for Hows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Hows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.split_whitespace().try_fold(Self::default(), |all, word| {
            let how = How::ALL.into_iter().find(|how| how.word() == word);
            how.map(|how| all.and(Self::of(how)))
                .ok_or_else(|| D::Error::custom(format!("`{word}` is not a use of a column")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{How, Hows};

    #[test]
    fn values_are_raised_and_other_uses_stay() {
        let both = Hows::of(How::Identity).and(Hows::of(How::Window));
        assert_eq!(both.through(How::Aggregation).to_string(), "aggregation window");
        assert_eq!(Hows::of(How::Aggregation).through(How::Transformation).to_string(), "aggregation");
    }

    #[test]
    fn a_set_survives_its_text() {
        let all = How::ALL.into_iter().fold(Hows::default(), |all, how| all.and(Hows::of(how)));
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<Hows>(&text).unwrap(), all);
        assert!(serde_json::from_str::<Hows>("\"sideways\"").is_err());
    }
}
