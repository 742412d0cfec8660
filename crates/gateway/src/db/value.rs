//! Parameters and columns. Their content is in no `Debug`.

use countersign::{Error, ErrorKind, Result};

/// A parameter of a statement. `None` is null.
#[derive(Clone)]
pub(crate) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bytes(Option<Vec<u8>>),
}

macro_rules! from {
    ($($variant:ident: $($type:ty),*;)*) => {$($(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(Some(value.into()))
            }
        }

        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                Self::$variant(value.map(Into::into))
            }
        }
    )*)*};
}

from! {
    Text: &str, String, &String;
    Int: i64, u32;
    Bytes: &[u8], Vec<u8>, [u8; 32];
}

/// A column of a row.
pub(super) enum Cell {
    Null,
    Text(String),
    Int(i64),
    Bytes(Vec<u8>),
}

/// A row of an answer. A column of another type than the one that is asked for is a mistake in the statement.
pub(crate) struct Row(pub(super) Vec<Cell>);

macro_rules! columns {
    ($($name:ident, $optional:ident: $variant:ident, $type:ty;)*) => {$(
        #[doc = concat!("A column that is not null, as `", stringify!($type), "`.")]
        pub(crate) fn $name(&self, column: usize) -> Result<$type> {
            self.$optional(column)?.ok_or_else(other_form)
        }

        #[doc = concat!("A column that may be null, as `", stringify!($type), "`.")]
        pub(crate) fn $optional(&self, column: usize) -> Result<Option<$type>> {
            match self.0.get(column) {
                Some(Cell::Null) => Ok(None),
                Some(Cell::$variant(value)) => Ok(Some(value.clone())),
                _ => Err(other_form()),
            }
        }
    )*};
}

impl Row {
    columns! {
        text, opt_text: Text, String;
        int, opt_int: Int, i64;
        bytes, opt_bytes: Bytes, Vec<u8>;
    }
}

fn other_form() -> Error {
    Error::new(ErrorKind::Unexpected, "a column of the database has another form")
}
