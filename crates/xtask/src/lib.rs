//! Development tasks of this repository.

mod name;
mod new_vendor;

pub use name::Name;
pub use new_vendor::{Made, make};
