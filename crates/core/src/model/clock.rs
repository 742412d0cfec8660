//! The source of the current time, which tests can control.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_lock::Semaphore;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// A time in UTC.
pub use jiff::Timestamp;

/// Parses a time from its usual text: RFC 3339, or any other form that [`Timestamp`] accepts, such as offsets other
/// than `Z`.
///
/// The form that vendors write, `2026-11-22T10:00:00.1230000Z`, is parsed by position: lists contain several times
/// per recipient, and the general parser needs a tenth of the time of a whole list for them.
#[must_use]
pub fn read_instant(text: &str) -> Option<Timestamp> {
    by_places(text.as_bytes()).or_else(|| text.parse().ok())
}

fn by_places(text: &[u8]) -> Option<Timestamp> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', rest @ ..] = text else { return None };
    let [h1, h2, b':', n1, n2, b':', s1, s2, rest @ ..] = rest else { return None };
    let fraction = match rest {
        [b'Z'] => &[],
        [b'.', digits @ .., b'Z'] if matches!(digits.len(), 1..=9) => digits,
        _ => return None,
    };
    let two = |tens: &u8, ones: &u8| i8::try_from(number(&[*tens, *ones])?).ok();
    let missing = u32::try_from(9 - fraction.len()).ok()?;
    let nanos = number(fraction)? * 10_i32.pow(missing);
    let year = i16::try_from(number(&[*y1, *y2, *y3, *y4])?).ok()?;
    let (month, day) = (two(m1, m2)?, two(d1, d2)?);
    let time = DateTime::new(year, month, day, two(h1, h2)?, two(n1, n2)?, two(s1, s2)?, nanos).ok()?;
    Offset::UTC.to_timestamp(time).ok()
}

/// Up to nine decimal digits.
fn number(digits: &[u8]) -> Option<i32> {
    let all = digits.iter().all(u8::is_ascii_digit);
    all.then(|| digits.iter().fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0')))
}

/// A source of the current time.
///
/// It decides when tokens and links expire; tests use a clock that they set themselves.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The current time.
    fn now(&self) -> Timestamp;

    /// Waits this long, by this clock. The default implementation needs no runtime: it blocks a separate thread for
    /// each call, so it is meant for rare and short waits.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(sleep(duration))
    }
}

async fn sleep(duration: Duration) {
    let over = Arc::new(Semaphore::new(0));
    let theirs = Arc::clone(&over);
    let thread = std::thread::Builder::new().spawn(move || {
        std::thread::sleep(duration);
        theirs.add_permits(1);
    });
    // Without a thread the wait ends immediately, because nothing else would end it.
    if thread.is_ok() {
        over.acquire().await;
    }
}

/// The system clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn instants_are_read_as_the_general_reader_reads_them() {
        for text in [
            "2026-11-22T10:00:00Z",
            "2026-11-22T10:00:00.1230000Z",
            "2026-11-22T10:00:00.123456789Z",
            "0001-01-01T00:00:00Z",
            "9999-12-30T21:59:59.999999999Z",
            "2024-02-29T00:00:00Z",
            "2016-12-31T23:59:60Z",
            "2026-11-22T10:00:00+02:00",
            "2026-11-22 10:00:00Z",
        ] {
            assert_eq!(read_instant(text), Some(text.parse().unwrap()), "{text}");
        }
        for text in [
            "",
            "2026-02-29T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T10:00:00.Z",
            "2026-1x-22T10:00:00Z",
        ] {
            assert_eq!(read_instant(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_by_its_places_is_what_the_general_reader_reads(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,10})?Z"
        ) {
            prop_assert_eq!(read_instant(&text), text.parse().ok());
        }

        #[test]
        fn every_text_is_read_as_the_general_reader_reads_it(text in "[-0-9T:.Z+ ]{0,40}") {
            prop_assert_eq!(read_instant(&text), text.parse().ok());
        }
    }
}
