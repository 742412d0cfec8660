//! How long a vendor asks to wait: at most a day, and the number where a number was said.
#![no_main]

use std::time::Duration;

use countersign::Timestamp;
use countersign::provider::retry_after;
use libfuzzer_sys::fuzz_target;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fuzz_target!(|data: &[u8]| {
    let (line, answer) = countersign_fuzz::case(data);
    let now = line.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
    let now = now.unwrap_or(Timestamp::UNIX_EPOCH);
    let waits = countersign::vendors().iter().map(|vendor| retry_after(vendor.facts.rate.as_ref(), answer.headers(), now));
    let waits: Vec<Option<Duration>> = waits.chain([retry_after(None, answer.headers(), now)]).collect();
    assert!(waits.iter().flatten().all(|wait| *wait <= DAY), "{waits:?}");
    let first = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
    // RFC 9110 has digits only; Rust also parses a plus sign.
    let digits = first.map(str::trim).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(seconds) = digits.and_then(|text| text.parse::<u64>().ok()) {
        assert!(waits.iter().all(|wait| *wait == Some(Duration::from_secs(seconds).min(DAY))), "{waits:?}");
    }
});
