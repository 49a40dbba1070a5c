//! The options of a CSV source, and how dp handles each.

use super::super::bytes::{Compression, Encoding};
use super::super::option::{self, boolean, byte, fields, integer, text, texts, wrong};
use super::super::refusal::Refusal;
use crate::model::OptionValue;

/// The declared dialect of a CSV file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::intake) struct CsvOptions {
    /// The delimiter.
    pub delim: Option<u8>,
    /// The quote character; `None` if values are not quoted.
    pub quote: Option<u8>,
    /// Whether the options set the quote character.
    pub is_quote_declared: bool,
    /// The escape character before a quote that is part of a value.
    pub escape: Option<u8>,
    /// The character that starts a comment line.
    pub comment: Option<u8>,
    /// Whether the first line contains the names.
    pub header: Option<bool>,
    /// The number of lines before the header.
    pub skip: u64,
    /// The names of the columns, in order.
    pub names: Option<Vec<String>>,
    /// The texts that mean NULL.
    pub nulls: Vec<String>,
    /// Whether these texts mean NULL in quotes, too.
    pub quoted_nulls: bool,
    /// The columns in which they do not mean NULL.
    pub not_null: Vec<String>,
    /// Whether missing fields at the end of a row are NULL.
    pub padding: bool,
    /// Whether every column is text.
    pub all_text: bool,
    /// The decimal point.
    pub point: u8,
    /// The thousands separator.
    pub thousands: Option<u8>,
    /// The types in the options: column, type as written.
    pub types: Vec<(String, String)>,
    /// The types by position.
    pub types_in_order: Vec<String>,
    pub date_format: Option<String>,
    pub timestamp_format: Option<String>,
    pub encoding: Option<(Encoding, String)>,
    pub compression: Option<Compression>,
    /// The name of the column with each row's file.
    pub filename: Option<String>,
    /// Whether folders `name=value` are columns.
    pub hive: bool,
    /// The longest line that the engine accepts, in bytes.
    pub longest: Option<i64>,
}

/// Options that only affect guessing.
const GUESSING: [&str; 8] = [
    "auto_detect",
    "sample_size",
    "files_to_sniff",
    "auto_type_candidates",
    "normalize_names",
    "union_by_name",
    "parallel",
    "buffer_size",
];

/// Options that drop or change data that does not fit.
const DROPPING: [&str; 7] = [
    "ignore_errors",
    "store_rejects",
    "rejects_table",
    "rejects_scan",
    "rejects_limit",
    "strict_mode",
    "hive_types_autocast",
];

impl CsvOptions {
    /// Parses the options of a source.
    pub(in crate::intake) fn parse(options: &[(String, OptionValue)]) -> Result<Self, Refusal> {
        let mut parsed = Self {
            delim: None,
            quote: Some(b'"'),
            is_quote_declared: false,
            escape: None,
            comment: None,
            header: None,
            skip: 0,
            names: None,
            nulls: vec![String::new()],
            quoted_nulls: false,
            not_null: Vec::new(),
            padding: false,
            all_text: false,
            point: b'.',
            thousands: None,
            types: Vec::new(),
            types_in_order: Vec::new(),
            date_format: None,
            timestamp_format: None,
            encoding: None,
            compression: None,
            filename: None,
            hive: false,
            longest: None,
        };
        for (name, value) in options {
            parsed.take(name, value)?;
        }
        Ok(parsed)
    }

    fn take(&mut self, name: &str, value: &OptionValue) -> Result<(), Refusal> {
        match name {
            "delim" => {
                self.delim = Some(byte(name, value)?.ok_or_else(|| wrong(name, "one character"))?);
            }
            "quote" => {
                self.quote = byte(name, value)?;
                self.is_quote_declared = true;
            }
            "escape" => self.escape = byte(name, value)?,
            "comment" => self.comment = byte(name, value)?,
            "header" => self.header = Some(boolean(name, value)?),
            "skip" => {
                let lines = integer(name, value)?;
                self.skip = u64::try_from(lines).map_err(|_| wrong(name, "a number of lines"))?;
            }
            "names" => self.names = Some(texts(name, value)?),
            "nullstr" => self.nulls = texts(name, value)?,
            "allow_quoted_nulls" => self.quoted_nulls = boolean(name, value)?,
            "force_not_null" => self.not_null = texts(name, value)?,
            "null_padding" => self.padding = boolean(name, value)?,
            "all_varchar" => self.all_text = boolean(name, value)?,
            "decimal_separator" => self.point = byte(name, value)?.ok_or_else(|| wrong(name, "one character"))?,
            "thousands" => self.thousands = byte(name, value)?,
            "dateformat" => self.date_format = Some(text(name, value)?),
            "timestampformat" => self.timestamp_format = Some(text(name, value)?),
            "columns" => {
                self.types = fields(name, value)?;
                self.names = Some(self.types.iter().map(|(name, _)| name.clone()).collect());
            }
            "types" => match value {
                OptionValue::List(_) => self.types_in_order = texts(name, value)?,
                _ => self.types = fields(name, value)?,
            },
            "encoding" => {
                let word = text(name, value)?;
                let encoding = Encoding::parse(&word).ok_or_else(|| wrong(name, "`utf-8`, `latin-1` or `utf-16`"))?;
                self.encoding = Some((encoding, word));
            }
            "compression" => {
                let word = text(name, value)?;
                if word != "auto" {
                    let found =
                        Compression::parse(&word).ok_or_else(|| wrong(name, "`none`, `gzip`, `zstd` or `auto`"))?;
                    self.compression = Some(found);
                }
            }
            "filename" => self.filename = option::filename(name, value)?,
            "hive_partitioning" => self.hive = boolean(name, value)?,
            "hive_types" => self.types.extend(fields(name, value)?),
            "max_line_size" => self.longest = Some(integer(name, value)?),
            // dp detects the line ends of each file.
            "new_line" => {}
            _ if option::asks_for_the_default(name, value) => {}
            _ if GUESSING.contains(&name) => return Err(option::guesses(name)),
            _ if DROPPING.contains(&name) => return Err(option::drops(name)),
            _ => return Err(option::unknown(name, "CSV", &KNOWN)),
        }
        Ok(())
    }

    /// Returns the format for values of a type, if the options set one.
    pub(in crate::intake) fn format_of(&self, data_type: &str) -> Option<&str> {
        match data_type.to_ascii_uppercase().as_str() {
            "DATE" => self.date_format.as_deref(),
            "TIMESTAMP" => self.timestamp_format.as_deref(),
            _ => None,
        }
    }

    /// Returns the escape character before a quote that is part of a value: the quote itself by default.
    pub(in crate::intake) fn escape(&self) -> Option<u8> {
        self.escape.or(self.quote)
    }
}

/// The options that dp accepts, by their documented names.
const KNOWN: [&str; 22] = [
    "all_varchar",
    "allow_quoted_nulls",
    "columns",
    "comment",
    "compression",
    "dateformat",
    "decimal_separator",
    "delim",
    "encoding",
    "escape",
    "filename",
    "force_not_null",
    "header",
    "hive_partitioning",
    "max_line_size",
    "names",
    "null_padding",
    "nullstr",
    "quote",
    "skip",
    "timestampformat",
    "types",
];
