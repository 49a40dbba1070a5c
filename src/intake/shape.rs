//! A type of the engine, as far as reading needs to take it apart.

/// A type: a scalar by its name, or what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A type without parts, as the engine writes it.
    Scalar(String),
    /// A list, or an array of fixed length.
    List(Box<Self>, Option<u32>),
    /// Named fields.
    Struct(Vec<(String, Self)>),
    /// Keys of text, and values.
    Map(Box<Self>),
    /// Anything else: only the engine can tell what it holds.
    Other,
}
