//! A type of the engine, as far as reading needs its structure.

/// A type: the name of a scalar, or its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A type without parts, as the engine writes it.
    Scalar(String),
    /// A list, or an array of fixed length.
    List(Box<Self>, Option<u32>),
    /// A struct with named fields.
    Struct(Vec<(String, Self)>),
    /// A map with text keys.
    Map(Box<Self>),
    /// Anything else: only the engine can check its values.
    Other,
}
