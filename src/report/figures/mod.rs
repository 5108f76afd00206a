//! Pictures, one file each. Every picture has a title, a description, and a table with the same
//! numbers; it reads without colour and at the width of a phone.

mod attrition;
mod axis;
mod effect;
mod forest;
mod groups;
mod hundred;
mod leave_one_out;
mod love;
mod overlap;
mod providers;
mod recipe;
mod specifications;
mod survival;
mod svg;

pub use attrition::{attrition, is_few, losses_table, step_title};
pub use effect::{effect, effects_by_unit};
pub use groups::groups;
pub use hundred::hundred;
pub use leave_one_out::leave_one_out;
pub use love::{balance_table, label as balance_label, love_plot};
pub use overlap::overlap;
pub use providers::{
    ForestRow, FunnelLimits, FunnelMark, FunnelPicture, FunnelPlace, RunPoint, Scene, Summary,
    forest, funnel, run_chart,
};
pub use recipe::Recipe;
pub use specifications::specifications;
pub use survival::survival;

use super::table::Table;
use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;

/// A picture and its numbers.
#[derive(Debug, Clone)]
pub struct Figure {
    /// Unique on the page.
    pub id: String,
    /// Above the picture.
    pub title: String,
    /// Inline SVG, made by us, its texts escaped.
    pub svg: String,
    /// How to read it, in a sentence or two.
    pub note: String,
    /// The same numbers.
    pub table: Table,
    /// The same numbers once more, in full and for programs.
    pub recipe: Recipe,
}

/// A file that comes with a picture.
pub struct File {
    /// In words.
    pub what: &'static str,
    /// To be saved under.
    pub name: String,
    /// A `data:` address that holds all of it.
    pub address: String,
}

impl Figure {
    /// What it shows, numbers included, for who cannot see it.
    pub fn description(&self) -> String {
        let inside = self.svg.split_once("<desc").and_then(|(_, rest)| {
            let (_, rest) = rest.split_once('>')?;
            rest.split_once("</desc>")
        });
        let escaped = inside.map_or(self.title.as_str(), |(said, _)| said);
        escaped
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
    }

    /// Files that come with it: what they are, their names, and addresses that hold them whole, so
    /// that a page with the picture needs nothing else.
    pub fn files(&self) -> [File; 2] {
        let file = |what, ending: &str, media: &str, text: String| File {
            what,
            name: format!("{}.{ending}", self.id),
            address: format!("data:{media};base64,{}", BASE64.encode(text)),
        };
        [
            file("the numbers (CSV)", "csv", "text/csv", self.recipe.csv()),
            file(
                "how to draw it anew (Vega-Lite)",
                "vl.json",
                "application/json",
                self.vega_lite(),
            ),
        ]
    }

    /// How to draw it anew: a Vega-Lite specification.
    pub fn vega_lite(&self) -> String {
        self.recipe.vega_lite(&self.title, &self.description())
    }

    /// The picture as a file of its own.
    pub fn file(&self) -> String {
        self.svg
            .replacen("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ", 1)
    }

    /// How many times higher than wide it is; none where it does not say.
    pub fn steepness(&self) -> Option<f64> {
        let (_, rest) = self.svg.split_once("viewBox=\"")?;
        let (sides, _) = rest.split_once('"')?;
        let mut sides = sides.split(' ').skip(2).map(str::parse::<f64>);
        let (width, height) = (sides.next()?.ok()?, sides.next()?.ok()?);
        (width > 0.0).then_some(height / width)
    }
}
