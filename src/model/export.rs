use serde::{Deserialize, Serialize};

/// The format of an exported file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// Comma-separated values with a header.
    Csv,
    /// One array of objects.
    Json,
    /// One object per line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl ExportFormat {
    /// All formats, as written in TOML.
    pub const WORDS: [(&str, Self); 4] =
        [("csv", Self::Csv), ("json", Self::Json), ("ndjson", Self::Ndjson), ("parquet", Self::Parquet)];

    /// Returns the format of a file name, ignoring a compression suffix.
    pub fn of_path(path: &str) -> Option<Self> {
        let suffix = ExportCompression::of_path(path).suffix().len();
        let (_, extension) = path.get(..path.len() - suffix)?.rsplit_once('.')?;
        Self::WORDS.iter().find(|(word, _)| extension.eq_ignore_ascii_case(word)).map(|(_, format)| *format)
    }

    /// Returns the usual extension of a file name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }
}

/// The complete format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportStyle {
    /// The format.
    pub format: ExportFormat,
    /// The compression of the whole file.
    #[serde(default, skip_serializing_if = "ExportCompression::is_none")]
    pub compression: ExportCompression,
    /// The delimiter of a CSV file, if it is not the comma.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
}

/// The compression of a whole file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportCompression {
    /// No compression.
    #[default]
    None,
    /// Gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

impl ExportCompression {
    /// All values, as written in TOML.
    pub const WORDS: [(&str, Self); 3] = [("none", Self::None), ("gzip", Self::Gzip), ("zstd", Self::Zstd)];

    /// Returns the compression of a file name.
    pub fn of_path(path: &str) -> Self {
        let path = path.to_ascii_lowercase();
        match path.rsplit_once('.') {
            Some((_, "gz")) => Self::Gzip,
            Some((_, "zst")) => Self::Zstd,
            _ => Self::None,
        }
    }

    /// Whether the file is not compressed.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// Returns the word in TOML.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// Returns the suffix of a file name.
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
    /// Returns the usual extension of a file name, without the first dot.
    pub fn extension(&self) -> String {
        format!("{}{}", self.format.extension(), self.compression.suffix())
    }

    /// Returns the part that counts in a definition.
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
