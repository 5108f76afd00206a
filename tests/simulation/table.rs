//! The tables, for people and for machines.

use crate::tally::Tally;
use crate::world::World;
use serde_json::{Value, json};
use std::fmt::Write;

/// A world's table in Markdown.
pub fn markdown(world: &World, tallies: &[Tally]) -> String {
    let mut out = format!(
        "### {}\n\n{}. {} participants against {}.\n\n",
        world.name, world.says, world.participants, world.pool
    );
    out += "| method | by | matched | ess | df | bias | MC error | spread | mean SE | covers % | MC error | p < 5 %, % | width | refused |\n";
    out += "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
    for t in tallies {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "| {} | {} | {:.0} | {:.0} | {:.0} | {:.4} | {:.4} | {:.4} | {:.4} | {:.1} | {:.1} | {:.1} | {:.4} | {:.0} |",
            t.cell.method,
            t.cell.by,
            t.matched,
            t.ess,
            t.df,
            t.bias,
            t.bias_error(),
            t.spread,
            t.mean_se,
            100.0 * t.coverage,
            100.0 * t.share_error(t.coverage),
            100.0 * t.rejected,
            t.width,
            t.refused,
        );
    }
    out
}

/// The same as JSON.
pub fn value(world: &World, tallies: &[Tally]) -> Value {
    let cells: Vec<Value> = tallies
        .iter()
        .map(|t| {
            json!({
                "method": t.cell.method, "by": t.cell.by, "draws": t.draws, "refused": t.refused,
                "matched": t.matched, "ess": t.ess, "df": t.df, "bias": t.bias, "bias_mc_error": t.bias_error(),
                "spread": t.spread, "mean_se": t.mean_se, "coverage": t.coverage,
                "coverage_mc_error": t.share_error(t.coverage), "rejected": t.rejected, "width": t.width,
            })
        })
        .collect();
    json!({
        "world": world.name, "says": world.says, "participants": world.participants,
        "pool": world.pool, "kind": world.outcome.kind().as_str(), "cells": cells,
    })
}
