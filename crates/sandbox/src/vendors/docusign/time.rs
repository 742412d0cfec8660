//! DocuSign's way of writing times.

use jiff::Timestamp;

/// UTC with seven fractional digits, as in the published examples.
pub(crate) fn time(at: Timestamp) -> String {
    let millis = at.subsec_millisecond();
    format!("{}.{millis:03}0000Z", at.strftime("%Y-%m-%dT%H:%M:%S"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_seven_digits() {
        let at: Timestamp = "2016-10-05T21:18:12.333999Z".parse().unwrap();
        assert_eq!(time(at), "2016-10-05T21:18:12.3330000Z");
    }
}
