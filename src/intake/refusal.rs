//! Why a source can't be read exactly.

use std::fmt;

use super::place::Place;
use crate::base::fs::FsError;
use crate::sql::quote;

/// Why dp refuses files: what it would have to change, drop or guess.
#[derive(Debug)]
pub enum Refusal {
    /// The error from the operating system.
    File(FsError),
    /// A file without rows and header, where nothing else declares the columns.
    Empty(Place),
    /// Bytes that are not valid in the file's encoding.
    Encoding(Place),
    /// A zero byte in a text file.
    ZeroByte(Place),
    /// A file that can't be decompressed.
    Compressed(Place, String),
    /// A quote that is never closed; the place is its start.
    OpenQuote(Place),
    /// Text between a closing quote and the next delimiter.
    AfterQuote(Place),
    /// A line that ends differently from the first one, or a carriage return inside an unquoted value.
    LineEnd(Place),
    /// A comment that starts inside a row.
    Comment(Place),
    /// A row with a different number of fields than the header.
    Fields {
        /// The row.
        place: Place,
        /// The number of fields.
        found: usize,
        /// The expected number of fields.
        expected: usize,
        /// Whether the number comes from a header.
        header: bool,
    },
    /// A file without a declared delimiter that fits several delimiters or none.
    Delimiter {
        /// The place that shows it.
        place: Place,
        /// The possible delimiters.
        candidates: Vec<char>,
    },
    /// A header with names in single quotes.
    SingleQuotes(Place),
    /// Two columns, or two keys of an object, with names that are equal or differ only in case.
    SameName {
        /// The first.
        first: String,
        /// The place of the first.
        place: Box<Place>,
        /// The other.
        second: String,
        /// The place of the other.
        other: Box<Place>,
    },
    /// Values that do not fit the column's type.
    Values {
        /// The column.
        column: String,
        /// Its type.
        data_type: String,
        /// The number of values.
        count: u64,
        /// The first of these values.
        places: Vec<(Place, String)>,
    },
    /// Files in which a column has types without a common type.
    Types {
        /// The column, or its path inside a nested type.
        column: String,
        /// One type, and the first file with it.
        one: Box<(String, Place)>,
        /// Another type, and the first file with it.
        other: Box<(String, Place)>,
    },
    /// A type that can't be read exactly.
    Unreadable {
        /// The column.
        column: String,
        /// The reason.
        why: String,
        /// The first file with it.
        place: Place,
    },
    /// JSON that can't be read as rows.
    Json(Place, String),
    /// A reader option that dp does not accept, with help.
    Option {
        /// The option.
        name: String,
        /// The reason.
        why: String,
        /// The help.
        help: String,
    },
    /// A partition column that contradicts another column, or that is missing in a path.
    Partition {
        /// The column.
        column: String,
        /// The reason.
        why: String,
        /// The file that shows it.
        place: Place,
    },
    /// The engine's error about a file that dp only passes on.
    Engine(String),
}

impl From<FsError> for Refusal {
    fn from(error: FsError) -> Self {
        Self::File(error)
    }
}

impl Refusal {
    /// Returns the code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File(_) | Self::Compressed(..) | Self::Engine(_) => "dp::source::unreadable",
            Self::Empty(_) => "dp::source::empty",
            Self::Encoding(_) | Self::ZeroByte(_) => "dp::source::encoding",
            Self::OpenQuote(_) | Self::AfterQuote(_) | Self::LineEnd(_) | Self::Comment(_) | Self::Fields { .. } => {
                "dp::source::rows"
            }
            Self::Delimiter { .. } | Self::SingleQuotes(_) => "dp::source::dialect",
            Self::SameName { .. } | Self::Partition { .. } => "dp::source::columns",
            Self::Values { .. } => "dp::source::values",
            Self::Types { .. } | Self::Unreadable { .. } => "dp::source::types",
            Self::Json(..) => "dp::source::json",
            Self::Option { .. } => "dp::source::option",
        }
    }

    /// Returns the help for files of a source.
    pub fn help(&self) -> String {
        self.help_at(Door::Source)
    }

    /// Returns the help for files that were named at this door.
    pub fn help_at(&self, door: Door) -> String {
        match self {
            Self::File(error) => error.advice().to_owned(),
            Self::Empty(_) => match door {
                Door::Source => {
                    "write at least a header, or declare all columns with `[columns.NAME] type = \"…\"`".to_owned()
                }
                Door::Query => {
                    "write at least a header, or name the columns in the reader: `columns = {'NAME': 'TYPE'}`"
                        .to_owned()
                }
            },
            Self::Encoding(_) => {
                let option = door.option("encoding", "latin-1");
                format!("save the file as UTF-8, or set its encoding: {option} (or `utf-16`)")
            }
            Self::ZeroByte(_) => "remove the zero byte from the file".to_owned(),
            Self::Compressed(..) => {
                "write the file again; its name must end in .gz or .zst only if the file has this compression"
                    .to_owned()
            }
            Self::OpenQuote(_) => {
                format!("close the quote, or set the quote character: {}", door.option("quote", "…"))
            }
            Self::AfterQuote(_) => {
                let option = door.option("escape", "\\");
                format!("write a quote inside a quoted value twice (`\"\"`), or set the escape character: {option}")
            }
            Self::LineEnd(_) => "end all lines in the same way, and quote values that contain line breaks".to_owned(),
            Self::Comment(_) => "put comments on separate lines, or quote the value".to_owned(),
            Self::Fields { found, expected, .. } if found < expected => {
                let option = match door {
                    Door::Source => "`options = { null_padding = true }`",
                    Door::Query => "`read_csv(…, null_padding = true)`",
                };
                format!("complete the row or remove it; {option} reads missing fields as NULL")
            }
            Self::Fields { .. } => {
                let option = door.option("delim", "…");
                format!("quote values that contain the delimiter, or set the delimiter: {option}")
            }
            Self::Delimiter { .. } => format!("set the delimiter: {}", door.option("delim", ",")),
            Self::SingleQuotes(_) => format!(
                "set the quote character: {}, or {} if the quotes are part of the names",
                door.option("quote", "'"),
                door.option("quote", "\"")
            ),
            Self::SameName { .. } => "rename one of them; column names are not case-sensitive".to_owned(),
            Self::Values { column, .. } => {
                let lenient = format!("`[columns.{column}] cast = \"lenient\"`");
                match door {
                    Door::Source => {
                        format!("correct the values, change the type, or let the engine convert them: {lenient}")
                    }
                    Door::Query => format!(
                        "correct the values or change the type; a source asset can let the engine convert them: {lenient}"
                    ),
                }
            }
            Self::Types { .. } => "write the files with one type, or declare them as separate sources".to_owned(),
            Self::Unreadable { .. } => "write the column with another type".to_owned(),
            Self::Json(..) => "write one object for each row".to_owned(),
            Self::Option { help, .. } => help.clone(),
            Self::Partition { .. } => "correct the folders, or rename the column".to_owned(),
            Self::Engine(_) => match door {
                Door::Source => "correct the file, or the options in `[source]`".to_owned(),
                Door::Query => "correct the file, or the arguments of the reader".to_owned(),
            },
        }
    }
}

/// Where the files are named, and so where the options of their reader are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// A `[source]`, an output of a program or a command line.
    Source,
    /// A query that names the files directly.
    Query,
}

impl Door {
    /// Returns an option with a text value in the syntax of the door.
    fn option(self, name: &str, value: &str) -> String {
        match self {
            Self::Source if value.contains(['"', '\\']) => format!("`options = {{ {name} = '{value}' }}`"),
            Self::Source => format!("`options = {{ {name} = \"{value}\" }}`"),
            Self::Query => format!("`read_csv(…, {name} = {})`", quote::literal(value)),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => write!(f, "{error}"),
            Self::Empty(place) => write!(f, "{place}: the file is empty, so its columns are unknown"),
            Self::Encoding(place) => write!(f, "{place}: the bytes are not valid UTF-8"),
            Self::ZeroByte(place) => write!(f, "{place}: the text contains a zero byte"),
            Self::Compressed(place, message) => write!(f, "{place}: could not decompress the file: {message}"),
            Self::OpenQuote(place) => write!(f, "{place}: a quote opens here and never closes"),
            Self::AfterQuote(place) => write!(f, "{place}: text follows a closing quote"),
            Self::LineEnd(place) => write!(f, "{place}: a line ends differently from the first one"),
            Self::Comment(place) => write!(f, "{place}: a comment starts inside a row"),
            Self::Fields {
                place,
                found,
                expected,
                header,
            } => {
                let whose = if *header { "the header" } else { "the first row" };
                let fields = if *found == 1 { "field" } else { "fields" };
                write!(f, "{place}: the row has {found} {fields}, but {whose} has {expected}")
            }
            Self::Delimiter { place, candidates } => {
                let list: Vec<String> = candidates.iter().map(|delim| format!("`{}`", delim.escape_debug())).collect();
                write!(f, "{place}: the delimiter could be {}", list.join(" or "))
            }
            Self::SingleQuotes(place) => write!(f, "{place}: the names in the header are in single quotes"),
            Self::SameName {
                first,
                place,
                second,
                other,
            } if place == other => write!(f, "{place}: two columns have the names `{first}` and `{second}`"),
            Self::SameName {
                first,
                place,
                second,
                other,
            } => write!(f, "{other}: the column `{second}` has the name `{first}` in {place}"),
            Self::Values {
                column,
                data_type,
                count,
                places,
            } => {
                let first = places.first();
                if let Some((place, value)) = first {
                    write!(f, "{place}: `{column}` is `{value}`, which is not a valid {data_type}")?;
                }
                if *count > 1 {
                    let others: Vec<String> =
                        places.iter().skip(1).map(|(place, value)| format!("{place} `{value}`")).collect();
                    write!(f, "; {count} values in total, also {}", others.join(", "))?;
                }
                Ok(())
            }
            Self::Types { column, one, other } => write!(
                f,
                "`{column}` is {} in {} and {} in {}, and no type fits the values of both",
                one.0, one.1, other.0, other.1
            ),
            Self::Unreadable { column, why, place } => write!(f, "{place}: column `{column}` {why}"),
            Self::Json(place, message) => write!(f, "{place}: {message}"),
            Self::Option { name, why, .. } => write!(f, "the option `{name}` {why}"),
            Self::Partition { column, why, place } => write!(f, "{place}: the partition column `{column}` {why}"),
            Self::Engine(message) => f.write_str(message),
        }
    }
}
