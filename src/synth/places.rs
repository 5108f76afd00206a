//! Regions and postcodes that look right: real areas, invented districts and units.

use super::random::choose;
use rand::{Rng, RngExt};

/// A region of England or Wales: its share of the register and its postcode areas.
pub struct Region {
    /// Name, as the events table gives it.
    pub name: &'static str,
    share: f64,
    areas: &'static [&'static str],
}

/// The ten regions.
pub const REGIONS: [Region; 10] = [
    Region {
        name: "London",
        share: 16.0,
        areas: &["E", "N", "SE", "SW", "W", "NW", "CR", "EN"],
    },
    Region {
        name: "North West",
        share: 15.0,
        areas: &["M", "L", "BL", "OL", "PR", "WN", "CH"],
    },
    Region {
        name: "West Midlands",
        share: 11.0,
        areas: &["B", "CV", "WV", "WS", "ST", "DY"],
    },
    Region {
        name: "Yorkshire and the Humber",
        share: 12.0,
        areas: &["LS", "S", "BD", "HU", "DN", "YO"],
    },
    Region {
        name: "South East",
        share: 11.0,
        areas: &["BN", "RG", "SO", "PO", "ME", "OX"],
    },
    Region {
        name: "East of England",
        share: 8.0,
        areas: &["NR", "IP", "CB", "CO", "LU", "PE"],
    },
    Region {
        name: "East Midlands",
        share: 8.0,
        areas: &["NG", "LE", "DE", "LN", "NN"],
    },
    Region {
        name: "South West",
        share: 7.0,
        areas: &["BS", "PL", "EX", "GL", "BH", "TR"],
    },
    Region {
        name: "North East",
        share: 6.0,
        areas: &["NE", "SR", "DH", "TS", "DL"],
    },
    Region {
        name: "Wales",
        share: 6.0,
        areas: &["CF", "SA", "NP", "LL"],
    },
];

/// Letters of a postcode's last two places (C, I, K, M, O and V are never used there).
const UNIT_LETTERS: &[u8; 20] = b"ABDEFGHJLNPQRSTUWXYZ";

/// A region, by its share.
pub fn region(rng: &mut impl Rng) -> &'static Region {
    let weights: Vec<f64> = REGIONS.iter().map(|r| r.share).collect();
    &REGIONS[choose(&weights, rng)]
}

/// A postcode of the region: area, district, sector and unit.
pub fn postcode(region: &Region, rng: &mut impl Rng) -> String {
    let area = region.areas[rng.random_range(0..region.areas.len())];
    let district = rng.random_range(1..=20);
    let sector = rng.random_range(1..=9);
    let mut letter = || UNIT_LETTERS[rng.random_range(0..UNIT_LETTERS.len())] as char;
    let (a, b) = (letter(), letter());
    format!("{area}{district} {sector}{a}{b}")
}
