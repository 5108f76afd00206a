//! The service under load: 1,000 lists of the sample by 8 clients of 8 organisations, each of whom
//! hands in the next when the last has ended. Every list is worked through, scanned for, certified
//! and put into the ledger, as always; then its sender has the report deleted, unless `--keep` says
//! otherwise. What is kept is looked through at the end of every list that comes after.
//!
//! ```text
//! make bench-service, or
//! cargo bench --bench service -- [--lists 1000] [--clients 8] [--keep]
//! ```
//!
//! It judges no time. It fails when a list is lost, ends without a certificate, or shares its place in
//! the ledger.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[allow(dead_code, reason = "shared with the tests, which need more of it")]
#[path = "../tests/service/kit.rs"]
mod kit;
use kit::{Service, folder, sample};

/// What one list took.
struct Took {
    accepted: Duration,
    ended: Duration,
    refused: u32,
    place: u64,
}

fn main() {
    let flags: Vec<String> = std::env::args().collect();
    let flag = |name: &str, default: usize| {
        let at = flags.iter().position(|f| f == name);
        at.and_then(|at| flags.get(at + 1)?.parse().ok())
            .unwrap_or(default)
    };
    let (lists, clients) = (flag("--lists", 1_000), flag("--clients", 8));
    let keep = flags.iter().any(|f| f == "--keep");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be started");
    runtime.block_on(load(lists, clients, keep));
}

async fn load(lists: usize, clients: usize, keep: bool) {
    let dir = folder();
    let service = Service::start(&dir.path().join("data"));
    let mut callers = Vec::new();
    for n in 0..clients {
        let charity = service
            .sign_in(&format!("a{n}@hand.org"), &format!("Hand {n}"), "charity")
            .await;
        let programme = charity.programme("Mentoring").await;
        callers.push((charity, programme));
    }
    let (before, started) = (resident(service.process.id()), Instant::now());
    let next = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = callers
        .into_iter()
        .map(|(charity, programme)| {
            let next = next.clone();
            tokio::spawn(async move {
                let mut took = Vec::new();
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    if n >= lists {
                        return took;
                    }
                    let begun = Instant::now();
                    let (id, refused) = charity
                        .insist(&programme, &format!("list-{n}"), sample())
                        .await;
                    let accepted = begun.elapsed();
                    let end = charity.end_of(&id).await;
                    let ended = begun.elapsed();
                    assert_eq!(end["state"], "awaiting_release", "{end}");
                    if !keep {
                        let gone = charity.delete(&format!("submissions/{id}")).await;
                        assert_eq!(gone, 200, "its sender may have it deleted");
                    }
                    took.push(Took {
                        accepted,
                        ended,
                        refused,
                        place: place(&end),
                    });
                }
            })
        })
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await.expect("a client goes on to its end"));
    }
    let all = started.elapsed();
    let places: BTreeSet<u64> = took.iter().map(|t| t.place).collect();
    assert_eq!(took.len(), lists);
    assert_eq!(places.len(), lists, "each has a place of its own");
    let per_minute = lists as f64 / all.as_secs_f64() * 60.0;
    let refused: u32 = took.iter().map(|t| t.refused).sum();
    println!("{lists} lists of 1,000 people by {clients} clients, 2 at a time\n");
    println!("| | |\n|---|---|");
    println!("| lists a minute | {per_minute:.0} |");
    println!("| refused for now and sent again | {refused} |");
    println!(
        "| server's memory before and after, MB | {before} and {} |",
        resident(service.process.id())
    );
    println!(
        "| database, MB | {:.1} |",
        size(&dir.path().join("data")) as f64 / 1e6
    );
    println!("\n| seconds from the first byte | median | 95 % | longest |\n|---|---|---|---|");
    row("accepted", took.iter().map(|t| t.accepted).collect());
    row(
        "erased and certified",
        took.iter().map(|t| t.ended).collect(),
    );
}

fn place(end: &Value) -> u64 {
    let place = end["certificate"].as_u64();
    place.expect("an end has a certificate")
}

fn row(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64();
    println!(
        "| {what} | {:.2} | {:.2} | {:.2} |",
        at(0.5),
        at(0.95),
        at(1.0)
    );
}

/// Megabytes a process holds.
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1_000
}

/// Bytes of the database and what lies beside it.
fn size(data: &std::path::Path) -> u64 {
    let files = fs::read_dir(data).into_iter().flatten().flatten();
    let database = files.filter(|f| {
        f.file_name()
            .to_string_lossy()
            .starts_with("counterpart.db")
    });
    database
        .filter_map(|f| Some(f.metadata().ok()?.len()))
        .sum()
}
