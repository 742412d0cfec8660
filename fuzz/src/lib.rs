//! What the fuzz targets share: vendors whose answers come from the fuzzer, and what must be true of every result.

mod answers;
mod must;
mod play;

pub use answers::{Answers, block_on, case, response};
pub use must::{error_is_fit_to_show, hides, is_harmless};
pub use play::{ACCESS_CODE, Signing, VENDORS, Vendor, play, play_problem};
