//! Every method in a loop: a method added to `Method::ALL` is held to what all are held to.

use crate::kit::table;
use counterpart::balance::{Design, DesignError};
use counterpart::numeric::frame::Column;
use counterpart::propensity::PropensityParams;
use counterpart::study::{Caliper, Kernel, MatchSettings, Method, Order, SeMethod, WeightKind};

/// The methods with their variants, each with a name to be recognised by when it fails.
pub fn designs() -> Vec<(String, MatchSettings)> {
    let mut designs = Vec::new();
    for method in Method::ALL {
        for (variant, settings) in variants(method) {
            let settings = MatchSettings {
                caliper: match method.takes_caliper() {
                    true => Caliper::Width(0.4),
                    false => Caliper::Default,
                },
                ..settings
            };
            assert_eq!(settings.check(), Ok(()), "{} {variant}", method.as_str());
            designs.push((format!("{} {variant}", method.as_str()), settings));
        }
    }
    designs
}

fn variants(method: Method) -> Vec<(&'static str, MatchSettings)> {
    let plain = || MatchSettings::new(method);
    let kernel = |kernel| MatchSettings { kernel, ..plain() };
    let weights = |weights| MatchSettings { weights, ..plain() };
    let ratio = |ratio, replace| MatchSettings {
        ratio,
        replace,
        ..plain()
    };
    match method {
        Method::Kernel => vec![
            ("epanechnikov", kernel(Kernel::Epanechnikov)),
            ("uniform", kernel(Kernel::Uniform)),
            ("biweight", kernel(Kernel::Biweight)),
            ("tricube", kernel(Kernel::Tricube)),
            ("normal", kernel(Kernel::Normal)),
        ],
        Method::Nearest => vec![
            ("once", ratio(1, false)),
            ("reused", ratio(1, true)),
            ("two, once", ratio(2, false)),
            ("three, reused", ratio(3, true)),
            (
                "closest first",
                MatchSettings {
                    order: Some(Order::Closest),
                    ..plain()
                },
            ),
        ],
        Method::Mahalanobis => vec![("once", ratio(1, false)), ("reused", ratio(2, true))],
        Method::Optimal => vec![("pairs", plain()), ("two each", ratio(2, false))],
        Method::Weighting => vec![
            ("odds", weights(WeightKind::Odds)),
            ("entropy", weights(WeightKind::Entropy)),
            ("overlap", weights(WeightKind::Overlap)),
        ],
        _ => vec![("", plain())],
    }
}

/// The standard errors that settings allow, but the bootstrap, which is the whole design anew.
pub fn errors(settings: &MatchSettings) -> Vec<SeMethod> {
    [
        SeMethod::Matched,
        SeMethod::Lab,
        SeMethod::Cluster,
        SeMethod::Robust,
        SeMethod::Stacked,
    ]
    .into_iter()
    .filter(|&se| {
        let settings = MatchSettings {
            se,
            ..settings.clone()
        };
        settings.check().is_ok()
    })
    .collect()
}

/// People with two numbers and a place.
#[derive(Debug, Clone)]
pub struct People {
    pub x: Vec<f64>,
    pub z: Vec<f64>,
    pub place: Vec<usize>,
    pub treated: Vec<bool>,
}

const PLACES: [&str; 3] = ["north", "south", "west"];

impl People {
    /// Their design; `place` is a covariate, and what counterparts must share when `exact`.
    pub fn designed(&self, settings: &MatchSettings, exact: bool) -> Result<Design, DesignError> {
        let place = Column::category(self.place.iter().map(|&p| Some(PLACES[p])));
        let (mut frame, mut covariates) = table(vec![
            ("x", Column::Number(self.x.clone())),
            ("z", Column::Number(self.z.clone())),
            ("place", place.clone()),
        ]);
        let mut settings = settings.clone();
        if exact {
            covariates.pop();
            settings.exact = vec!["place".into()];
        } else {
            frame.remove("place");
            frame.push("place", place);
        }
        let model = PropensityParams::new();
        Design::fix(
            frame,
            self.treated.clone(),
            &covariates,
            &settings,
            model,
            1,
        )
    }

    /// The rows in another order: row i of the result is row `rows[i]` of this.
    pub fn permuted(&self, rows: &[usize]) -> People {
        People {
            x: rows.iter().map(|&r| self.x[r]).collect(),
            z: rows.iter().map(|&r| self.z[r]).collect(),
            place: rows.iter().map(|&r| self.place[r]).collect(),
            treated: rows.iter().map(|&r| self.treated[r]).collect(),
        }
    }
}
