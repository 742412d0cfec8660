//! Answers under a status of success or not: lists, links, results of updates, the sign-in.
#![no_main]

use countersign_fuzz::{VENDORS, play};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| VENDORS.iter().for_each(|vendor| play(vendor, data)));
