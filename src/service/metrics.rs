//! What is counted, for Prometheus. Labels are routes, methods, statuses and states: never an
//! organisation, an account or a submission.

use super::worker::Counts;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::fmt;
use std::time::Duration;

/// A kind of request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: &'static str,
    route: String,
    status: u16,
}

/// A kind of end.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct End {
    event: &'static str,
}

/// All of it.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    seconds: Histogram,
    /// Submissions taken in.
    pub submissions: Counter,
    /// Submissions refused for want of a place.
    pub refused: Counter,
    ends: Family<End, Counter>,
    /// Seconds that a scan took.
    scans: Histogram,
    /// Erasures that could not be certified.
    pub incidents: Counter,
    receiving: Gauge,
    waiting: Gauge,
    running: Gauge,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let times = || Histogram::new(exponential_buckets(0.001, 2.0, 18));
        let mut m = Metrics {
            registry: Registry::with_prefix("counterpart"),
            requests: Family::default(),
            seconds: times(),
            submissions: Counter::default(),
            refused: Counter::default(),
            ends: Family::default(),
            scans: times(),
            incidents: Counter::default(),
            receiving: Gauge::default(),
            waiting: Gauge::default(),
            running: Gauge::default(),
        };
        let r = &mut m.registry;
        r.register("requests", "Requests answered", m.requests.clone());
        r.register("request_seconds", "Time to an answer", m.seconds.clone());
        r.register("submissions", "Lists taken in", m.submissions.clone());
        r.register("refused", "Lists refused for want of a place", m.refused.clone());
        r.register("ends", "Ends of submissions", m.ends.clone());
        r.register("scan_seconds", "Time of a scan after an end", m.scans.clone());
        r.register("incidents", "Erasures not certified", m.incidents.clone());
        r.register("workers_receiving", "Workers that take in a list", m.receiving.clone());
        r.register("workers_waiting", "Workers that wait for their turn", m.waiting.clone());
        r.register("workers_running", "Workers that compute", m.running.clone());
        m
    }
}

impl Metrics {
    /// A request was answered. `route` as it is declared, not as it was asked.
    pub fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let request = Request {
            method,
            route: route.to_owned(),
            status,
        };
        self.requests.get_or_create(&request).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    /// A submission ended.
    pub fn ended(&self, event: &'static str) {
        self.ends.get_or_create(&End { event }).inc();
    }

    /// A scan was made.
    pub fn scanned(&self, took: Duration) {
        self.scans.observe(took.as_secs_f64());
    }

    /// How many workers there are now.
    pub fn workers(&self, counts: Counts) {
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.receiving.set(number(counts.receiving));
        self.waiting.set(number(counts.waiting));
        self.running.set(number(counts.running));
    }

    /// In the text format.
    ///
    /// # Errors
    /// Never for these metrics.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
