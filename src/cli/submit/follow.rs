//! What becomes of a list, as it happens, until it is gone.

use super::client::Door;
use super::error::{SubmitError, shown};
use crate::service::model::{EndReason, State};
use crate::service::worker::Problem;
use reqwest::{Method, Response};
use serde::Deserialize;
use std::cell::Cell;
use std::time::Duration;

/// An event is shorter.
const MOST_EVENT: usize = 64 << 10;
/// Between two streams of events.
const AGAIN: Duration = Duration::from_millis(500);

/// What is done, a line a step on stderr.
#[derive(Default)]
pub struct Steps(Cell<u32>);

impl Steps {
    /// Something begins.
    pub fn say(&self, what: &str) {
        self.0.set(self.0.get() + 1);
        eprintln!("{}. {what}", self.0.get());
    }
}

/// Where a submission stands, as the service tells it.
#[derive(Deserialize)]
pub struct Standing {
    pub state: State,
    pub reason: Option<EndReason>,
    pub problem: Option<Problem>,
    /// Its place in the ledger.
    pub certificate: Option<u64>,
}

/// Where it stands now.
///
/// # Errors
/// The service's, or no answer from it.
pub async fn now(door: &Door, id: &str) -> Result<Standing, SubmitError> {
    door.read(&format!("submissions/{id}")).await
}

/// Tells every step until the list is gone; how it stands then.
///
/// # Errors
/// The service's, or no answer from it for long.
pub async fn to_the_end(door: &Door, id: &str, steps: &Steps) -> Result<Standing, SubmitError> {
    let mut last = None;
    loop {
        let events = door.patiently(|| {
            let request = door.request(Method::GET, &format!("submissions/{id}/events"));
            match &last {
                Some(last) => request.header("Last-Event-ID", last),
                None => request,
            }
        });
        tell(events.await?, steps, &mut last).await;
        let standing = now(door, id).await?;
        if !standing.state.has_worker() {
            return Ok(standing);
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Tells the steps of one stream; a stream that breaks is opened again.
async fn tell(mut events: Response, steps: &Steps, last: &mut Option<String>) {
    let mut waiting: Vec<u8> = Vec::new();
    while let Ok(Some(bytes)) = events.chunk().await {
        waiting.extend_from_slice(&bytes);
        while let Some(end) = waiting.windows(2).position(|w| w == b"\n\n") {
            let event: Vec<u8> = waiting.drain(..end + 2).collect();
            let event = Event::parse(&String::from_utf8_lossy(&event));
            if let Some(sentence) = event.sentence {
                steps.say(&sentence);
            }
            *last = event.id.or(last.take());
        }
        if waiting.len() > MOST_EVENT {
            return;
        }
    }
}

/// A server-sent event.
#[derive(Debug, Default, PartialEq, Eq)]
struct Event {
    id: Option<String>,
    /// Of a step.
    sentence: Option<String>,
}

#[derive(Deserialize)]
struct Step {
    sentence: String,
}

impl Event {
    fn parse(text: &str) -> Event {
        let mut event = Event::default();
        for line in text.lines() {
            match line
                .split_once(':')
                .map(|(name, value)| (name, value.trim_start()))
            {
                Some(("id", id)) if id.len() <= 100 && id.bytes().all(|b| b.is_ascii_graphic()) => {
                    event.id = Some(id.to_owned());
                }
                Some(("data", data)) => {
                    let step = serde_json::from_str::<Step>(data).ok();
                    event.sentence = step.map(|s| shown(&s.sentence));
                }
                _ => {}
            }
        }
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_told_and_what_is_none_is_passed_over() {
        let step =
            "event: step\nid: 3\ndata: {\"name\":\"linking\",\"sentence\":\"finding them\"}\n\n";
        let event = Event::parse(step);
        assert_eq!(event.id.as_deref(), Some("3"));
        assert_eq!(event.sentence.as_deref(), Some("finding them"));
        let state = Event::parse("event: state\nid: 3-running\ndata: {\"state\":\"running\"}\n\n");
        assert_eq!(
            (state.id.as_deref(), state.sentence),
            (Some("3-running"), None)
        );
        assert_eq!(Event::parse(":\n\n"), Event::default());
        assert_eq!(Event::parse("id: a b\n\n"), Event::default());
    }
}
