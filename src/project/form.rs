use std::fmt;

use super::KeyTable;

/// The possible values of a key.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Any text.
    Text,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// A text that matches this regular expression.
    Pattern(&'static str),
    /// A duration such as `24h`.
    Duration,
    /// A duration, or this word.
    DurationOr(&'static str),
    /// A whole number, 0 or more.
    Integer,
    /// True or false.
    Boolean,
    /// A value to compare values of a column with.
    Bound,
    /// Texts.
    Texts,
    /// The names of assets.
    Assets,
    /// The name of an asset, or several.
    AssetOrAssets,
    /// Values of a column.
    Values,
    /// A table of these keys.
    Table(&'static KeyTable),
    /// A table of values with names from the user.
    Variables,
    /// A table of texts with names from the user.
    NamedTexts,
    /// A table that another component parses.
    Anything,
    /// A table of tables of these keys, whose names match the regular expression.
    Named(&'static str, &'static KeyTable),
    /// An array of tables of these keys.
    Tables(&'static KeyTable),
    /// One of a few words, or a table of these keys.
    WordOrTable(&'static [&'static str], &'static KeyTable),
    /// An array of some of these words, and of tables of these keys.
    WordsAndTables(&'static [&'static str], &'static KeyTable),
}

impl Form {
    /// Returns the keys of the tables in the value, however they are nested.
    pub fn table(self) -> Option<&'static KeyTable> {
        match self {
            Self::Table(table)
            | Self::Named(_, table)
            | Self::Tables(table)
            | Self::WordOrTable(_, table)
            | Self::WordsAndTables(_, table) => Some(table),
            _ => None,
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text | Self::Word(_) | Self::Pattern(_) | Self::Duration | Self::DurationOr(_) => "string",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Bound => "number, date or string",
            Self::Texts | Self::Assets => "array of strings",
            Self::AssetOrAssets => "string or array of strings",
            Self::Values | Self::WordsAndTables(..) => "array",
            Self::Table(_) | Self::Variables | Self::Anything => "table",
            Self::NamedTexts => "table of strings",
            Self::Named(..) => "table of tables",
            Self::Tables(_) => "array of tables",
            Self::WordOrTable(..) => "string or table",
        })
    }
}
