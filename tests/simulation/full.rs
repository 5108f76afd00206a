//! All worlds, all methods: `make simulate`.

use crate::arms::arms;
use crate::table::{markdown, value};
use crate::tally::simulate;
use crate::worlds::worlds;
use std::path::Path;

#[test]
#[ignore = "minutes; `make simulate` runs it"]
fn every_world_under_every_method() {
    let draws = std::env::var("SIMULATE_DRAWS").map_or(2_000, |d| d.parse().unwrap());
    let only = std::env::var("SIMULATE_WORLD").unwrap_or_default();
    let arms = arms();
    let (mut text, mut all) = (String::new(), Vec::new());
    for world in worlds().iter().filter(|w| w.name.contains(&only)) {
        let tallies = simulate(world, &arms, draws);
        let table = markdown(world, &tallies);
        println!("{table}");
        text += &table;
        text += "\n";
        all.push(value(world, &tallies));
    }
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    std::fs::write(target.join("simulation.md"), text).unwrap();
    let json = serde_json::to_string_pretty(&all).unwrap();
    std::fs::write(target.join("simulation.json"), json).unwrap();
}
