//! Chores of this repository.

mod edit;
mod name;
mod new_vendor;

pub use name::Name;
pub use new_vendor::{Made, make};
