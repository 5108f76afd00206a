//! Which settings belong together.

use super::{Caliper, CaliperScale, Kernel, MatchSettings, Method, Order, SeMethod};

/// The setting at fault, and the rule with the way out.
type Fault = (&'static str, String);

impl MatchSettings {
    /// Refuses combinations that mean nothing; the pair is the setting at fault and the rule.
    ///
    /// # Errors
    /// The name of the setting, and the rule with the way out.
    pub fn check(&self) -> Result<(), Fault> {
        self.check_caliper()?;
        self.check_counts()?;
        self.check_replace()?;
        self.check_se()?;
        let own = [
            ("kernel", self.kernel != Kernel::default(), Method::Kernel),
            ("subclasses", self.subclasses != 5, Method::Subclass),
            ("cutpoints", !self.cutpoints.is_empty(), Method::Cem),
            (
                "weights",
                self.weights != Default::default(),
                Method::Weighting,
            ),
        ];
        for (setting, set, method) in own {
            if set && self.method != method {
                let rule = format!(
                    "`{setting}` belongs to method \"{}\"; leave it out",
                    method.as_str()
                );
                return Err((setting, rule));
            }
        }
        if !self.columns.is_empty() && !self.method.matches_on_columns() {
            return fault(
                "columns",
                "`columns` belongs to exact, cem and mahalanobis; for other methods name what must agree in `exact`",
            );
        }
        for (column, cuts) in &self.cutpoints {
            if cuts.iter().any(|c| !c.is_finite()) || cuts.windows(2).any(|w| w[0] >= w[1]) {
                let rule =
                    format!("`cutpoints` of `{column}` must be finite numbers in ascending order");
                return Err(("cutpoints", rule));
            }
        }
        Ok(())
    }

    fn check_caliper(&self) -> Result<(), Fault> {
        if let Caliper::Width(w) = self.caliper
            && !(w.is_finite() && w > 0.0)
        {
            return fault("caliper", "`caliper` must be a finite number above 0");
        }
        if matches!(self.method, Method::Radius | Method::Kernel) && self.caliper == Caliper::None {
            return fault(
                "caliper",
                "radius and kernel matching need a caliper; give a width or \"search\"",
            );
        }
        if !self.method.takes_caliper()
            && matches!(self.caliper, Caliper::Width(_) | Caliper::Search)
        {
            let rule = format!(
                "method \"{}\" knows no caliper; leave it out",
                self.method.as_str()
            );
            return Err(("caliper", rule));
        }
        if self.caliper == Caliper::Search && self.caliper_scale != CaliperScale::LpSd {
            return fault(
                "caliper",
                "the caliper search works on the lp-sd scale; leave the scale out",
            );
        }
        Ok(())
    }

    fn check_counts(&self) -> Result<(), Fault> {
        let many = matches!(
            self.method,
            Method::Nearest | Method::Mahalanobis | Method::Optimal
        );
        if !many && self.ratio != 1 {
            return fault(
                "ratio",
                "`ratio` belongs to nearest-neighbour and optimal matching; the other methods find their own numbers",
            );
        }
        if self.ratio == 0 || self.ratio > 1000 {
            return fault("ratio", "`ratio` must be from 1 to 1000 neighbours");
        }
        if !(2..=100).contains(&self.subclasses) {
            return fault("subclasses", "`subclasses` must be from 2 to 100");
        }
        if !(10..=100_000).contains(&self.replicates) {
            return fault("replicates", "`replicates` must be from 10 to 100000");
        }
        Ok(())
    }

    fn check_replace(&self) -> Result<(), Fault> {
        match self.method {
            Method::Radius | Method::Kernel if !self.replace => {
                return fault(
                    "replace",
                    "radius and kernel matching always reuse the pool; leave `replace` out",
                );
            }
            Method::Nearest | Method::Mahalanobis | Method::Radius | Method::Kernel => {}
            _ if self.replace => {
                return fault(
                    "replace",
                    "`replace` belongs to nearest-neighbour matching; leave it out",
                );
            }
            _ => {}
        }
        if self.order.is_some() && !self.method.takes_replace() {
            return fault("order", "`order` belongs to nearest-neighbour matching");
        }
        if self.replace && self.order == Some(Order::Closest) {
            return fault(
                "order",
                "with replacement the order changes nothing; leave `order` out",
            );
        }
        Ok(())
    }

    fn check_se(&self) -> Result<(), Fault> {
        let without_sets = matches!(
            self.method,
            Method::Radius | Method::Kernel | Method::Weighting
        );
        if self.se == SeMethod::Cluster && without_sets {
            return fault(
                "se",
                "clustered standard errors need matched sets; with radius, kernel and weighting use \"matched\", \"robust\" or \"lab\" (for weighting also \"stacked\")",
            );
        }
        if self.se == SeMethod::Stacked && self.method != Method::Weighting {
            return fault(
                "se",
                "stacked standard errors are those of estimated weights, and belong to method \"weighting\"; use \"matched\"",
            );
        }
        if self.se == SeMethod::Bootstrap {
            let nearest = self.method.takes_replace() && self.replace;
            if nearest {
                return fault(
                    "se",
                    "the bootstrap is not valid for nearest-neighbour matching with replacement (Abadie & Imbens 2008); use \"matched\"",
                );
            }
        }
        Ok(())
    }
}

fn fault(setting: &'static str, rule: &str) -> Result<(), Fault> {
    Err((setting, rule.to_owned()))
}
