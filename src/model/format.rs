use serde::{Deserialize, Serialize};

/// The format of source files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Delimiter-separated values.
    Csv,
    /// One JSON document, or several.
    Json,
    /// One JSON object per line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// All formats, as written in TOML.
    pub const WORDS: [(&str, Self); 4] =
        [("csv", Self::Csv), ("json", Self::Json), ("ndjson", Self::Ndjson), ("parquet", Self::Parquet)];

    /// Returns the format of a file name, ignoring a compression suffix.
    pub fn of_path(path: &str) -> Option<Self> {
        let path = path.to_ascii_lowercase();
        let path = path.strip_suffix(".gz").or_else(|| path.strip_suffix(".zst")).unwrap_or(&path);
        match path.rsplit_once('.')?.1 {
            "csv" | "tsv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// Whether types are detected from text, so that contract types can be passed to the reader.
    pub fn is_text(self) -> bool {
        self != Self::Parquet
    }
}
