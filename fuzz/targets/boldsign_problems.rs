//! Refusals: what the vendor says becomes an error that is fit to show.
#![no_main]

use std::sync::LazyLock;

use countersign_fuzz::{Vendor, play_problem};
use libfuzzer_sys::fuzz_target;

static VENDOR: LazyLock<Vendor> = LazyLock::new(Vendor::boldsign);

fuzz_target!(|data: &[u8]| play_problem(&VENDOR, data));
