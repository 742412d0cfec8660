//! Answers under a status of success or not: lists, links, results of updates, the sign-in.
#![no_main]

use std::sync::LazyLock;

use countersign_fuzz::{Vendor, play};
use libfuzzer_sys::fuzz_target;

static VENDOR: LazyLock<Vendor> = LazyLock::new(Vendor::docusign);

fuzz_target!(|data: &[u8]| play(&VENDOR, data));
