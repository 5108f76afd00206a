//! The worlds.

use crate::world::{Outcome, Records, World};

const ORDINARY: World = World {
    name: "ordinary",
    says: "moderate selection, an outcome that 45 in 100 have",
    participants: 150,
    pool: 1450,
    records: Records::Numbers,
    selection: 0.6,
    curved: 0.0,
    outcome: binary(-0.08),
    beyond: None,
};

const fn binary(effect: f64) -> Outcome {
    Outcome::Binary {
        base: 0.45,
        slope: 0.15,
        effect,
        varies: 0.0,
    }
}

/// About 5 in 100 of those who take part.
const fn rare(effect: f64) -> Outcome {
    Outcome::Binary {
        base: 0.065,
        slope: 0.02,
        effect,
        varies: 0.0,
    }
}

/// In the order of the table.
pub fn worlds() -> Vec<World> {
    vec![
        ORDINARY,
        World {
            name: "cohort of 60",
            says: "60 participants against 640",
            participants: 60,
            pool: 640,
            ..ORDINARY
        },
        World {
            name: "strong selection",
            says: "those who take part are unlike the rest, so that few of the pool count",
            selection: 1.4,
            outcome: binary(0.05),
            ..ORDINARY
        },
        World {
            name: "rare outcome",
            says: "5 in 100 participants have the outcome: 15 of 300",
            participants: 300,
            pool: 1700,
            outcome: rare(-0.02),
            ..ORDINARY
        },
        World {
            name: "rare outcome, 60",
            says: "5 in 100 participants have the outcome: 3 of 60",
            participants: 60,
            pool: 640,
            outcome: rare(-0.02),
            beyond: Some("an interval of estimate and t is no good for three cases"),
            ..ORDINARY
        },
        World {
            name: "few to reuse",
            says: "180 participants against 120, used again and again",
            participants: 180,
            pool: 120,
            selection: 0.9,
            ..ORDINARY
        },
        World {
            name: "tied scores",
            says: "twelve kinds of people, everybody ties",
            records: Records::Categories,
            ..ORDINARY
        },
        World {
            name: "effects that differ",
            says: "those most at risk gain most; the truth is the average over the matched",
            selection: 0.9,
            outcome: Outcome::Binary {
                base: 0.5,
                slope: 0.15,
                effect: -0.1,
                varies: 0.8,
            },
            ..ORDINARY
        },
        World {
            name: "wrong form",
            says: "squares and a product drive selection and outcome; the model has neither",
            curved: 0.5,
            beyond: Some("matching on the wrong score leaves what the score does not know of"),
            ..ORDINARY
        },
        World {
            name: "no effect",
            says: "taking part changes nothing",
            outcome: binary(0.0),
            ..ORDINARY
        },
        World {
            name: "no effect, 60",
            says: "taking part changes nothing, 60 participants against 640",
            participants: 60,
            pool: 640,
            outcome: binary(0.0),
            ..ORDINARY
        },
        World {
            name: "counts",
            says: "overdispersed counts, mean 1.2; taking part lowers them by a quarter",
            outcome: Outcome::Count {
                log_base: 0.2,
                slope: 0.5,
                ratio: 0.75,
            },
            ..ORDINARY
        },
        World {
            name: "earnings",
            says: "a skewed number, half of whose spread the covariates explain",
            outcome: Outcome::Continuous {
                base: 10.0,
                slope: 1.0,
                effect: 0.4,
            },
            ..ORDINARY
        },
        World {
            name: "durations",
            says: "days to an event that half have, whoever takes part",
            participants: 250,
            outcome: Outcome::Duration {
                base: 60.0,
                slope: -20.0,
                effect: 12.0,
            },
            ..ORDINARY
        },
        World {
            name: "survival",
            says: "mean days free of the event within a year; a hazard lowered by three in ten, one in five followed for a part",
            outcome: Outcome::Survival {
                yearly: 0.9,
                slope: 0.5,
                ratio: 0.7,
            },
            ..ORDINARY
        },
    ]
}
