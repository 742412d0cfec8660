//! Notes every metric with its labels. Labels become names of series in a metrics store, so they hold nothing but
//! words that this library knows beforehand: no vendor's text, no person, no id.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, Once, PoisonError};

use countersign::{ErrorKind, Operation};
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

static SEEN: Mutex<BTreeSet<Key>> = Mutex::new(BTreeSet::new());

/// Starts noting; once per process.
pub(crate) fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| metrics::set_global_recorder(Note).expect("no other recorder"));
}

/// Checks all labels that were used so far, and that these metrics and no others were told.
pub(crate) fn check(vendors: &[&str], metrics: &[&str]) {
    let seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    for key in seen.iter() {
        assert!(metrics.contains(&key.name()), "{key} is not documented");
        for label in key.labels() {
            let value = label.value();
            let known = match label.key() {
                "vendor" => vendors.contains(&value),
                // These clients have no name; one that has shows what its owner called it.
                "account" => value.is_empty(),
                "operation" => Operation::ALL.iter().any(|known| known.as_str() == value),
                "kind" => ErrorKind::ALL.iter().any(|known| known.as_str() == value),
                "outcome" => ["done", "no_effect", "refused", "unknown", "dropped"].contains(&value),
                "window" => ["limit", "burst"].contains(&value),
                "result" => ["renewed", "failed"].contains(&value),
                _ => false,
            };
            assert!(known, "{key}");
        }
    }
    for metric in metrics {
        assert!(seen.iter().any(|key| key.name() == *metric), "{metric} was never told");
    }
    for vendor in vendors {
        let told = |key: &Key| key.labels().any(|label| label.key() == "vendor" && label.value() == *vendor);
        assert!(seen.iter().any(told), "nothing was told for {vendor}");
    }
}

struct Note;

fn note(key: &Key) {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone());
}

impl Recorder for Note {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        note(key);
        Counter::from_arc(Arc::new(Number))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        note(key);
        Gauge::from_arc(Arc::new(Number))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        note(key);
        Histogram::from_arc(Arc::new(Number))
    }
}

/// The values are not what is tested here.
struct Number;

impl CounterFn for Number {
    fn increment(&self, _: u64) {}

    fn absolute(&self, _: u64) {}
}

impl GaugeFn for Number {
    fn increment(&self, _: f64) {}

    fn decrement(&self, _: f64) {}

    fn set(&self, _: f64) {}
}

impl HistogramFn for Number {
    fn record(&self, _: f64) {}
}
