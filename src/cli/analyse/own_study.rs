//! The study that the flags amount to.

use super::flags::Args;
use super::outcome::{OutcomeFlag, outcome_spec};
use crate::cli::Failure;
use crate::numeric::frame::Column;
use crate::register::own_table::Table;
use crate::study::{
    AnalysisSpec, Caliper, Covariate, CovariateKind, DisclosureMode, DisclosurePolicy,
    MatchSettings, Method, Order, PenaltyChoice, PropensitySettings, SeMethod, Study, TableSpec,
    Words,
};
use std::collections::BTreeMap;

impl Args {
    /// The covariates named, else every column that is left, except one that names people.
    fn covariates_of(&self, table: &Table) -> Result<Vec<String>, Failure> {
        let (names, others): (Vec<String>, Vec<String>) = match self.covariates.is_empty() {
            true => {
                let taken = [&self.scores, &self.sampling_weights];
                let free = |c: &&String| !taken.iter().any(|t| t.as_ref() == Some(*c));
                table.design.names().iter().filter(free).cloned().collect()
            }
            false => self.covariates.clone(),
        }
        .into_iter()
        .partition(|c| names_rows(table.design.get(c)) && !self.category.contains(c));
        match names.first() {
            Some(column) if !self.covariates.is_empty() => Err(Failure::refused(
                format!(
                    "`{column}` holds text that differs in most rows: it names people, and is nothing to match on"
                ),
                "take it out of --covariates; if it names the rows, say so with --id",
            )),
            _ => {
                for column in names {
                    eprintln!(
                        "left out: `{column}`, text that differs in most rows; if it names the rows, say so with --id"
                    );
                }
                Ok(others)
            }
        }
    }

    fn matching(&self) -> MatchSettings {
        let default = MatchSettings::new(Method::from(self.method));
        MatchSettings {
            caliper: self.caliper.unwrap_or(Caliper::Default),
            caliper_scale: self.caliper_scale.into(),
            ratio: self.ratio,
            replace: self.replace || default.replace,
            order: self.order.map(Order::from),
            exact: self.exact.clone(),
            common_support: self.common_support.into(),
            kernel: self.kernel.into(),
            weights: self.weights.into(),
            subclasses: self.subclasses,
            columns: self.match_on.clone(),
            cutpoints: self.cutpoints.iter().cloned().collect(),
            se: self.se.map_or(default.se, SeMethod::from),
            replicates: self.replicates,
            ..default
        }
    }

    fn propensity(&self) -> PropensitySettings {
        PropensitySettings {
            penalty: match self.ridge {
                Some(alpha) => PenaltyChoice::Ridge(alpha),
                None => self.penalty.into(),
            },
            backward: self.backward,
            scores: self.scores.clone(),
            score_scale: self.score_scale.into(),
            sampling_weights: self.sampling_weights.clone(),
        }
    }

    /// A sub-group a flag.
    fn analyses(&self) -> Vec<AnalysisSpec> {
        self.subgroup
            .iter()
            .map(|(column, value)| AnalysisSpec {
                completed: None,
                each_site: false,
                id: format!("{column}-{value}"),
                title: format!("{column} = {value}"),
                only: BTreeMap::from([(column.clone(), vec![value.clone()])]),
                pool: BTreeMap::new(),
                pool_shares: Vec::new(),
            })
            .collect()
    }

    /// The study that the flags amount to.
    pub fn study_of(&self, table: &Table) -> Result<Study, Failure> {
        let covariates = self.covariates_of(table)?;
        let covariates = covariates
            .into_iter()
            .map(|column| {
                let text = matches!(table.design.get(&column), Some(Column::Category { .. }));
                let category = text || self.category.contains(&column);
                let spline = self.spline.iter().find(|s| s.0 == column).map(|s| s.1);
                let square = self.square.contains(&column);
                if let Some(rule) = bent(category, square, spline.is_some()) {
                    return Err(Failure {
                        message: format!("`{column}` {rule}"),
                        hint: Some("take it out of --square or --spline".into()),
                        code: 2,
                    });
                }
                Ok(Covariate {
                    label: column.clone(),
                    kind: if category {
                        CovariateKind::Category
                    } else {
                        CovariateKind::Number
                    },
                    square,
                    spline,
                    column,
                })
            })
            .collect::<Result<_, _>>()?;
        let outcomes = self
            .outcome
            .iter()
            .enumerate()
            .map(|(i, text)| outcome_spec(OutcomeFlag::parse(text)?, i == 0, table))
            .chain(self.placebo.iter().map(|text| {
                let mut spec = outcome_spec(OutcomeFlag::parse(text)?, false, table)?;
                spec.placebo = true;
                Ok(spec)
            }))
            .collect::<Result<_, Failure>>()?;
        let matching = self.matching();
        matching.check().map_err(|(setting, rule)| Failure {
            message: format!("--{}: {rule}", setting.replace('_', "-")),
            hint: Some("`counterpart analyse --help` says what belongs together".into()),
            code: 2,
        })?;
        Ok(Study {
            id: "own-table".into(),
            title: "Analysis of a table".into(),
            domain: "general".into(),
            words: Words {
                support: "the treatment".into(),
                event: "row".into(),
                ..Words::default()
            },
            eligibility: Default::default(),
            index_event: Default::default(),
            linkage: Default::default(),
            covariates,
            propensity: self.propensity(),
            matching,
            analyses: self.analyses(),
            outcomes,
            disclosure: DisclosurePolicy {
                mode: DisclosureMode::None,
                ..DisclosurePolicy::default()
            },
            table: Some(TableSpec {
                treatment: self.treatment.clone().unwrap_or_default(),
                id: self.id.clone(),
            }),
            digest: String::new(),
        })
    }
}

/// Why a column cannot be bent like this.
fn bent(category: bool, square: bool, spline: bool) -> Option<&'static str> {
    match (category, square, spline) {
        (true, true, _) => Some("is a category; only numbers have squares"),
        (true, _, true) => Some("is a category; only numbers have splines"),
        (_, true, true) => Some("cannot have both a square and a spline"),
        _ => None,
    }
}

/// Text that differs in most rows names people, and is nothing to match on.
fn names_rows(column: Option<&Column>) -> bool {
    match column {
        Some(Column::Category { codes, levels }) => {
            levels.len() > 20 && 2 * levels.len() > codes.len()
        }
        _ => false,
    }
}
