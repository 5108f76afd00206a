//! All worlds under all methods: `make simulate`.

use crate::arms::arms_of;
use crate::promise::broken;
use crate::table::{markdown, value};
use crate::tally::simulate;
use crate::worlds::worlds;
use std::path::Path;

/// Cohorts a world, unless `SIMULATE_DRAWS` says otherwise: one Monte-Carlo error of the coverage
/// is then 0.5 points.
const DRAWS: u64 = 2_000;

/// `SIMULATE_WORLD` picks the worlds whose name contains it.
#[test]
#[ignore = "takes minutes: `make simulate` runs it"]
fn every_interval_keeps_its_promise() {
    let draws = std::env::var("SIMULATE_DRAWS").map_or(DRAWS, |d| d.parse().unwrap());
    let only = std::env::var("SIMULATE_WORLD").unwrap_or_default();
    let (mut text, mut all, mut wrong) = (String::new(), Vec::new(), Vec::new());
    for world in worlds().iter().filter(|w| w.name.contains(&only)) {
        let mut arms = arms_of(world);
        // The default, by everything there is.
        arms[0].opinions = true;
        let tallies = simulate(world, &arms, draws);
        let table = markdown(world, &tallies);
        println!("{table}");
        text += &table;
        text += "\n";
        all.push(value(world, &tallies));
        // One in twenty of so many intervals would break two errors by chance.
        wrong.extend(broken(world, &tallies, 3.0));
    }
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    std::fs::write(target.join("simulation.md"), text).unwrap();
    let json = serde_json::to_string_pretty(&all).unwrap();
    std::fs::write(target.join("simulation.json"), json).unwrap();
    println!("written: target/simulation.md, target/simulation.json");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
