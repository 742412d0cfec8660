//! Refusals: what the vendor says becomes an error that is fit to show.
#![no_main]

use countersign_fuzz::{VENDORS, play_problem};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| VENDORS.iter().for_each(|vendor| play_problem(vendor, data)));
