//! A type as the intake of foreign data sees it.

use super::DataType;
use crate::intake::Shape;

impl DataType {
    /// Returns the structure of the type, as far as values of documents are checked against it.
    pub fn shape(&self) -> Shape {
        match self {
            Self::Scalar(_) | Self::Decimal { .. } => Shape::Scalar(self.to_string()),
            Self::List(item) => Shape::List(Box::new(item.shape()), None),
            Self::Array(item, length) => Shape::List(Box::new(item.shape()), Some(*length)),
            Self::Struct(fields) => {
                Shape::Struct(fields.iter().map(|field| (field.name.clone(), field.data_type.shape())).collect())
            }
            Self::Map(key, value) if matches!(**key, Self::Scalar(super::Scalar::Varchar)) => {
                Shape::Map(Box::new(value.shape()))
            }
            Self::Map(..) | Self::Enum(_) | Self::Geometry(_) | Self::Tuple(_) | Self::Union(_) => Shape::Other,
        }
    }

    /// Whether it consists of other types.
    pub fn is_nested(&self) -> bool {
        !self.parts().is_empty()
    }
}
