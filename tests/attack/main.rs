//! The adversary against the real release code, from the table or the list to the released JSON. He
//! chose the list, knows what happened to everybody on it but one, has this program, and asks about
//! the last one. Prints how often he is right, and holds each mode to what it claims, no more.
//!
//! `cargo test --test attack -- --nocapture` shows the table; `--ignored` runs it larger.

mod combined;
mod leaves;
mod outcomes;
mod register;
mod world;

/// A line of the table: attack, mode, how often the guess was right.
pub fn tell(attack: &str, mode: &str, right: f64, trials: usize) {
    println!(
        "{attack:<58} {mode:<11} {:>5.1} %  ({trials} trials)",
        100.0 * right
    );
}
