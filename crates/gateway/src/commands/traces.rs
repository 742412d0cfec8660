//! Traces to an OpenTelemetry collector, as the standard variables say: `OTEL_EXPORTER_OTLP_ENDPOINT`,
//! `OTEL_SERVICE_NAME`, `OTEL_TRACES_SAMPLER` and the others that the library reads.

use std::io::Write as _;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Level, Metadata};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::FilterFn;

use super::log::Sink;

/// Where the collector is. Without one of these, no traces are sent.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// Sends spans until it ends.
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins, if a collector is named.
    pub(super) fn start() -> Option<Self> {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if !ENDPOINTS.iter().any(|name| is_set(name)) {
            return None;
        }
        let exporter = match SpanExporter::builder().with_http().build() {
            Ok(exporter) => exporter,
            Err(error) => {
                // There is no log yet. Requests are more important than their traces.
                let _ = writeln!(std::io::stderr(), "warning: no traces are sent: {error}");
                return None;
            }
        };
        let resource = Resource::builder();
        let resource = if is_set("OTEL_SERVICE_NAME") || is_set("OTEL_RESOURCE_ATTRIBUTES") {
            resource
        } else {
            resource.with_service_name("countersign-gateway")
        };
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter);
        Some(Self(provider.with_resource(resource.build()).build()))
    }

    /// What takes spans: those of requests and calls, whose fields have no names, addresses, codes or links. Lines of
    /// the log have more, so they are no events of spans.
    pub(super) fn layer(&self) -> Sink {
        let is_own = |found: &Metadata<'_>| {
            found.is_span() && found.target().starts_with("countersign") && *found.level() <= Level::INFO
        };
        let layer = tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("countersign-gateway"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false);
        Box::new(layer.with_filter(FilterFn::new(is_own)))
    }

    /// Sends what is left, outside of any runtime.
    pub(super) fn end(self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}
