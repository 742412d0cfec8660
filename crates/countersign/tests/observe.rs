//! What others see of a call: one span, one event per attempt, and numbers. No recipients, no envelopes, no URLs.
#![allow(clippy::unwrap_used, reason = "a broken test panics")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use common::{builder, code, good, list, resend};
use countersign::RetryPolicy;
use countersign::transport::{Phase, TransportFault};
use countersign_testkit::{Script, Yielding, polled};
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};

/// Keeps numbers by name and labels: sums of counters, the last of gauges, how often histograms were told.
#[derive(Debug, Clone, Default)]
struct Numbers(Arc<Mutex<BTreeMap<String, f64>>>);

struct Number(Numbers, String);

impl Numbers {
    fn of(&self, key: &Key) -> Arc<Number> {
        let labels: Vec<String> = key.labels().map(|l| format!("{}={}", l.key(), l.value())).collect();
        Arc::new(Number(self.clone(), format!("{}{{{}}}", key.name(), labels.join(","))))
    }

    fn show(&self) -> String {
        self.0.lock().unwrap().iter().fold(String::new(), |mut text, (name, value)| {
            let _ = writeln!(text, "{name} {value}");
            text
        })
    }
}

impl Number {
    fn change(&self, change: impl FnOnce(f64) -> f64) {
        let mut numbers = (self.0).0.lock().unwrap();
        let number = numbers.entry(self.1.clone()).or_default();
        *number = change(*number);
    }
}

impl CounterFn for Number {
    fn increment(&self, by: u64) {
        self.change(|value| value + by as f64);
    }
    fn absolute(&self, to: u64) {
        self.change(|_| to as f64);
    }
}

impl GaugeFn for Number {
    fn increment(&self, by: f64) {
        self.change(|value| value + by);
    }
    fn decrement(&self, by: f64) {
        self.change(|value| value - by);
    }
    fn set(&self, to: f64) {
        self.change(|_| to);
    }
}

impl HistogramFn for Number {
    fn record(&self, value: f64) {
        // Durations stand still with the paused clock, so the sum is as good as the values.
        self.change(|sum| sum + value);
    }
}

impl Recorder for Numbers {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.of(key))
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.of(key))
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.of(key))
    }
}

/// Writes down spans with what was recorded in them, and events, of info and above.
#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Lines {
    fn add(&self, mut line: String, record: impl FnOnce(&mut Fields<'_>)) -> usize {
        record(&mut Fields(&mut line));
        let mut lines = self.0.lock().unwrap();
        lines.push(line);
        lines.len()
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("countersign") && *metadata.level() <= tracing::Level::INFO
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let number = self.add(format!("span {}", span.metadata().name()), |fields| span.record(fields));
        Id::from_u64(number as u64)
    }
    fn record(&self, _span: &Id, values: &Record<'_>) {
        self.add("  recorded".to_owned(), |fields| values.record(fields));
    }
    fn event(&self, event: &Event<'_>) {
        self.add(format!("  {}", event.metadata().level()), |fields| event.record(fields));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn a_call_is_one_span_with_an_event_per_attempt_and_counts() {
    let (numbers, lines) = (Numbers::default(), Lines::default());
    let _numbers = metrics::set_default_local_recorder(&numbers);
    let _lines = tracing::subscriber::set_default(lines.clone());

    let script = Script::new();
    let client = builder(script.clone()).account("main").build();
    script.raw(503, &[], "");
    script.raw(200, &[("x-acme-left", "41"), ("x-acme-burst-left", "7")], "{}");
    client.list_recipients(&list()).await.unwrap();
    good(&script, 1);
    script.fail(TransportFault::Timeout, Phase::AfterSending);
    client.resend_recipient(&resend()).await.unwrap_err();
    good(&script, 1);
    script.raw(400, &[], "NEW_CODE");
    client.change_access_code(&code("marked-code")).await.unwrap_err();
    client.resend_recipient(&resend().with_message("marked-text")).await.unwrap_err();
    good(&script, 2);
    client.check_access().await.unwrap();
    script.raw(401, &[], "");
    client.check_access().await.unwrap_err();
    let request = list();
    let unnamed = builder(Yielding::new(script.clone())).retry(RetryPolicy::never()).build();
    assert!(polled(unnamed.list_recipients(&request), 1).await.is_none());
    script.finish();

    let seen = format!("{}\n\n{}", lines.0.lock().unwrap().join("\n"), numbers.show());
    for hidden in ["marked", "e-1", "https:", "api.acme"] {
        assert!(!seen.contains(hidden), "{hidden} in {seen}");
    }
    // The duration of an attempt is reported, and differs.
    let lines: Vec<&str> = seen.lines().map(|line| line.split(" took_ms=").next().unwrap_or(line)).collect();
    insta::assert_snapshot!(lines.join("\n"));
}
