//! Figures for Prometheus. Written here, because the usual exporter keeps each observation until someone asks, and a
//! series for each account for ever.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use metrics::{
    Counter, CounterFn as _, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString,
    Unit,
};

/// The most series of one figure; beyond it, further accounts share one.
const MOST: usize = 1_000;

/// The upper ends of the buckets of times, in seconds.
const SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// The upper ends of the buckets of counts, such as attempts.
const COUNTS: &[f64] = &[1.0, 2.0, 3.0, 5.0, 10.0];

/// All figures of this process.
#[derive(Default)]
pub(crate) struct Registry(RwLock<BTreeMap<String, Family>>);

/// A figure.
struct Family {
    kind: &'static str,
    /// By their labels, as they are written.
    series: BTreeMap<String, Series>,
}

#[derive(Clone)]
enum Series {
    Counter(Arc<AtomicU64>),
    Gauge(Arc<AtomicU64>),
    Histogram(Arc<Buckets>),
}

struct Buckets {
    ends: &'static [f64],
    /// How many were within each end and not within the one before; the last is beyond all ends.
    counts: Vec<AtomicU64>,
    sum: AtomicU64,
}

/// The figures of this process, from the first call on. `None` if the application has a recorder of its own.
pub(crate) fn installed() -> Option<Arc<Registry>> {
    static INSTALLED: OnceLock<Option<Arc<Registry>>> = OnceLock::new();
    let install = || {
        let registry = Arc::<Registry>::default();
        metrics::set_global_recorder(Arc::clone(&registry)).ok().map(|()| registry)
    };
    INSTALLED.get_or_init(install).clone()
}

impl Registry {
    /// Finds or makes a series.
    fn series(&self, key: &Key, kind: &'static str, new: impl Fn() -> Series) -> Series {
        let labels = labels(key, None);
        let known =
            |families: &BTreeMap<String, Family>| families.get(key.name())?.series.get(&labels).cloned();
        if let Some(series) = known(&self.0.read().unwrap_or_else(PoisonError::into_inner)) {
            return series;
        }
        let mut families = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let family = families.entry(key.name().to_owned());
        let family = family.or_insert_with(|| Family { kind, series: BTreeMap::new() });
        let is_full = family.series.len() >= MOST && !family.series.contains_key(&labels);
        // Only accounts can be many; all other labels have a few known words.
        let labels = if is_full { self::labels(key, Some("other")) } else { labels };
        family.series.entry(labels).or_insert_with(new).clone()
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (name, family) in self.0.read().unwrap_or_else(PoisonError::into_inner).iter() {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "# TYPE {name} {}", family.kind);
            for (labels, series) in &family.series {
                let _ = match series {
                    Series::Counter(value) => {
                        writeln!(text, "{name}{} {}", within(labels, ""), value.load(Ordering::Relaxed))
                    }
                    Series::Gauge(value) => {
                        let value = f64::from_bits(value.load(Ordering::Relaxed));
                        writeln!(text, "{name}{} {value}", within(labels, ""))
                    }
                    Series::Histogram(buckets) => buckets.write(&mut text, name, labels),
                };
            }
        }
        text
    }
}

impl Buckets {
    fn new(ends: &'static [f64]) -> Self {
        let counts = (0..=ends.len()).map(|_| AtomicU64::new(0)).collect();
        Self { ends, counts, sum: AtomicU64::new(0_f64.to_bits()) }
    }

    fn write(&self, text: &mut String, name: &str, labels: &str) -> std::fmt::Result {
        let mut count = 0;
        let ends = self.ends.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
        for (end, within_end) in ends.zip(&self.counts) {
            count += within_end.load(Ordering::Relaxed);
            writeln!(text, "{name}_bucket{} {count}", within(labels, &format!("le=\"{end}\"")))?;
        }
        let sum = f64::from_bits(self.sum.load(Ordering::Relaxed));
        writeln!(text, "{name}_sum{} {sum}\n{name}_count{} {count}", within(labels, ""), within(labels, ""))
    }
}

impl HistogramFn for Buckets {
    fn record(&self, value: f64) {
        let at = self.ends.iter().position(|end| value <= *end).unwrap_or(self.ends.len());
        if let Some(count) = self.counts.get(at) {
            count.increment(1);
        }
        let add = |sum: u64| Some((f64::from_bits(sum) + value).to_bits());
        let _ = self.sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

impl Recorder for Registry {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        match self.series(key, "counter", || Series::Counter(Arc::default())) {
            Series::Counter(value) => Counter::from_arc(value),
            _ => Counter::noop(),
        }
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        match self.series(key, "gauge", || Series::Gauge(Arc::default())) {
            Series::Gauge(value) => Gauge::from_arc(value),
            _ => Gauge::noop(),
        }
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let ends = if key.name().ends_with("_seconds") { SECONDS } else { COUNTS };
        match self.series(key, "histogram", || Series::Histogram(Arc::new(Buckets::new(ends)))) {
            Series::Histogram(buckets) => Histogram::from_arc(buckets),
            _ => Histogram::noop(),
        }
    }
}

/// The labels of a key, with another account if one is given.
fn labels(key: &Key, account: Option<&str>) -> String {
    let mut text = String::new();
    for label in key.labels() {
        let value = account.filter(|_| label.key() == "account").unwrap_or(label.value());
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let comma = if text.is_empty() { "" } else { "," };
        let _ = write!(text, "{comma}{}=\"{value}\"", label.key());
    }
    text
}

/// Labels in brackets, with one more.
fn within(labels: &str, more: &str) -> String {
    match (labels, more) {
        ("", "") => String::new(),
        (labels, "") | ("", labels) => format!("{{{labels}}}"),
        (labels, more) => format!("{{{labels},{more}}}"),
    }
}

#[cfg(test)]
mod tests {
    use metrics::{counter, gauge, histogram, with_local_recorder};

    use super::*;

    #[test]
    fn figures_are_written_as_prometheus_reads_them() {
        let registry = Registry::default();
        with_local_recorder(&registry, || {
            counter!("calls_total", "account" => "a\"b\\").increment(2);
            counter!("calls_total", "account" => "a\"b\\").increment(1);
            gauge!("left").set(7.5);
            for seconds in [0.0004, 0.3, 90.0] {
                histogram!("took_seconds", "route" => "/v1").record(seconds);
            }
        });
        let text = registry.text();
        for line in [
            "# TYPE calls_total counter",
            "calls_total{account=\"a\\\"b\\\\\"} 3",
            "left 7.5",
            "# TYPE took_seconds histogram",
            "took_seconds_bucket{route=\"/v1\",le=\"0.001\"} 1",
            "took_seconds_bucket{route=\"/v1\",le=\"0.5\"} 2",
            "took_seconds_bucket{route=\"/v1\",le=\"60\"} 2",
            "took_seconds_bucket{route=\"/v1\",le=\"+Inf\"} 3",
            "took_seconds_count{route=\"/v1\"} 3",
        ] {
            assert!(text.lines().any(|written| written == line), "{line}\n{text}");
        }
    }

    #[test]
    fn accounts_beyond_the_most_share_a_series() {
        let registry = Registry::default();
        with_local_recorder(&registry, || {
            for account in 0..MOST + 50 {
                counter!("calls_total", "account" => account.to_string()).increment(1);
            }
            counter!("calls_total", "account" => "7").increment(1);
        });
        let text = registry.text();
        assert_eq!(text.lines().count(), MOST + 2);
        assert!(text.contains("{account=\"other\"} 50\n") && text.contains("{account=\"7\"} 2\n"), "{text}");
    }
}
