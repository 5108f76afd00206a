//! What is counted, for Prometheus. Labels are routes as they are declared, methods, statuses and
//! events: never an organisation, an account, a submission or an address.

use super::store::ReleaseCounts;
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

/// A route.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

/// A kind of end.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct End {
    event: &'static str,
}

/// Something of which there are a few.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Phase {
    phase: &'static str,
}

/// All of it.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    seconds: Family<Route, Histogram, fn() -> Histogram>,
    /// Lists taken in.
    pub submissions: Counter,
    /// Lists refused for want of a place.
    pub refused: Counter,
    ends: Family<End, Counter>,
    /// Seconds that a scan took.
    scans: Histogram,
    /// Erasures that could not be certified.
    pub incidents: Counter,
    open_incidents: Gauge,
    workers: Family<Phase, Gauge>,
    releases: Gauge,
    near_repeats: Gauge,
    released_records: Gauge,
}

/// From a millisecond to some two minutes.
fn times() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 18))
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut m = Metrics {
            registry: Registry::with_prefix("counterpart"),
            requests: Family::default(),
            seconds: Family::new_with_constructor(times),
            submissions: Counter::default(),
            refused: Counter::default(),
            ends: Family::default(),
            scans: times(),
            incidents: Counter::default(),
            open_incidents: Gauge::default(),
            workers: Family::default(),
            releases: Gauge::default(),
            near_repeats: Gauge::default(),
            released_records: Gauge::default(),
        };
        let r = &mut m.registry;
        r.register("requests", "Requests answered", m.requests.clone());
        let help = "Time to the head of an answer";
        r.register("request_seconds", help, m.seconds.clone());
        r.register("submissions", "Lists taken in", m.submissions.clone());
        let help = "Lists refused for want of a place";
        r.register("refused", help, m.refused.clone());
        r.register("ends", "Ends of submissions", m.ends.clone());
        let help = "Time of a scan after an end";
        r.register("scan_seconds", help, m.scans.clone());
        let help = "Erasures that could not be certified";
        r.register("incidents", help, m.incidents.clone());
        let help = "Incidents that nobody has resolved";
        r.register("open_incidents", help, m.open_incidents.clone());
        let help = "Processes that hold lists, by what they do";
        r.register("workers", help, m.workers.clone());
        let help = "Releases on record";
        r.register("releases", help, m.releases.clone());
        let help = "Releases on record that are near an earlier one";
        r.register("near_repeats", help, m.near_repeats.clone());
        let help = "Held records that were part of a release";
        r.register("released_records", help, m.released_records.clone());
        m
    }
}

impl Metrics {
    /// A request was answered. `route` as it is declared, not as it was asked.
    pub fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let route = route.to_owned();
        let request = Request {
            method,
            route: route.clone(),
            status,
        };
        self.requests.get_or_create(&request).inc();
        let seconds = self.seconds.get_or_create(&Route { route });
        seconds.observe(took.as_secs_f64());
    }

    /// A submission ended.
    pub fn ended(&self, event: &'static str) {
        self.ends.get_or_create(&End { event }).inc();
    }

    /// A scan was made.
    pub fn scanned(&self, took: Duration) {
        self.scans.observe(took.as_secs_f64());
    }

    /// How many workers, and unresolved incidents, there are now.
    pub fn now(&self, workers: Counts, open_incidents: u64) {
        let phases = [
            ("receiving", workers.receiving),
            ("waiting", workers.waiting),
            ("running", workers.running),
            ("ending", workers.ending),
        ];
        for (phase, n) in phases {
            let gauge = self.workers.get_or_create(&Phase { phase });
            gauge.set(i64::try_from(n).unwrap_or(i64::MAX));
        }
        let open = i64::try_from(open_incidents).unwrap_or(i64::MAX);
        self.open_incidents.set(open);
    }

    /// What is on record of releases now.
    pub fn released(&self, now: ReleaseCounts) {
        let set = |gauge: &Gauge, n| gauge.set(i64::try_from(n).unwrap_or(i64::MAX));
        set(&self.releases, now.releases);
        set(&self.near_repeats, now.near);
        set(&self.released_records, now.records);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told_by_route() {
        let metrics = Metrics::default();
        let took = Duration::from_millis(3);
        metrics.answered("GET", "/api/v1/submissions/{id}", 200, took);
        metrics.answered("GET", "/api/v1/submissions/{id}", 404, took);
        metrics.now(
            Counts {
                waiting: 2,
                ..Counts::default()
            },
            1,
        );
        let text = metrics.text().unwrap();
        for line in [
            "counterpart_requests_total{method=\"GET\",route=\"/api/v1/submissions/{id}\",status=\"404\"} 1",
            "counterpart_request_seconds_count{route=\"/api/v1/submissions/{id}\"} 2",
            "counterpart_workers{phase=\"waiting\"} 2",
            "counterpart_open_incidents 1",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
