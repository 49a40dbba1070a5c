//! How a file for others is written.

use serde::{Deserialize, Serialize};

use super::asset::ExportFormat;

/// Everything about how an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportStyle {
    /// The format.
    pub format: ExportFormat,
    /// How the whole file is compressed.
    #[serde(default, skip_serializing_if = "ExportCompression::is_none")]
    pub compression: ExportCompression,
    /// What separates the values of a CSV file, if it is not the comma.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
}

/// How a whole file is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportCompression {
    /// Not at all.
    #[default]
    None,
    /// As `gzip` does.
    Gzip,
    /// As `zstd` does.
    Zstd,
}

impl ExportCompression {
    /// All of them, as written in TOML.
    pub const WORDS: [(&str, Self); 3] = [("none", Self::None), ("gzip", Self::Gzip), ("zstd", Self::Zstd)];

    /// From a file name.
    pub fn of_path(path: &str) -> Self {
        let path = path.to_ascii_lowercase();
        match path.rsplit_once('.') {
            Some((_, "gz")) => Self::Gzip,
            Some((_, "zst")) => Self::Zstd,
            _ => Self::None,
        }
    }

    /// Whether the file is written as it is.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// The word in TOML.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// What is added to the name of a file.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }
}

impl From<ExportFormat> for ExportStyle {
    fn from(format: ExportFormat) -> Self {
        Self {
            format,
            compression: ExportCompression::None,
            delimiter: None,
        }
    }
}

impl ExportStyle {
    /// The usual ending of a file name, without the first dot.
    pub fn extension(&self) -> String {
        format!("{}{}", self.format.extension(), self.compression.suffix())
    }

    /// What of it counts in a definition.
    pub fn word(&self) -> String {
        let mut word = self.format.extension().to_owned();
        if !self.compression.is_none() {
            word.push_str(&format!(",{}", self.compression.word()));
        }
        if let Some(delimiter) = self.delimiter {
            word.push_str(&format!(",delimiter {delimiter:?}"));
        }
        word
    }
}
