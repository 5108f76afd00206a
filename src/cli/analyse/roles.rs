//! Which columns are what.

use super::flags::Args;
use super::outcome::OutcomeFlag;
use crate::cli::Failure;
use crate::cohort::Field;
use crate::register::own_table::{Roles, column_names, require};
use crate::study::Study;

impl Args {
    /// Which columns are what, from the study or the flags.
    pub fn roles(&self, study: Option<&Study>) -> Result<Roles, Failure> {
        if let Some(study) = study {
            let table = study.table.as_ref().ok_or_else(|| {
                Failure::refused(
                    "the study has no [table] part, so it cannot be run on a table",
                    "add [table] with treatment = \"COLUMN\", or use `counterpart evaluate` with a register",
                )
            })?;
            return Ok(Roles {
                treatment: table.treatment.clone(),
                design: Some(crate::register::event_columns(study)),
                outcomes: crate::register::outcome_columns(study),
                id: table.id.clone(),
            });
        }
        let mut outcomes = Vec::new();
        for text in self.outcome.iter().chain(&self.placebo) {
            let flag = OutcomeFlag::parse(text)?;
            outcomes.push(flag.column);
            outcomes.extend(flag.other);
        }
        // clap requires --treatment when there is no study.
        let treatment = self.treatment.clone().unwrap_or_default();
        self.refuse_clashes(&outcomes, &treatment)?;
        self.refuse_unknown()?;
        let have = column_names(&self.table).map_err(super::unusable)?;
        let id = self
            .id
            .clone()
            .or_else(|| have.iter().find(|n| *n == "id").cloned());
        let design = match self.covariates.is_empty() {
            true => {
                let others = [
                    &outcomes,
                    &Vec::from_iter(id.clone()),
                    &vec![treatment.clone()],
                ];
                let free = |c: &String| others.iter().all(|names| !names.contains(c));
                self.unasked(have.into_iter().filter(free).collect())
            }
            false => Some(
                self.covariates
                    .iter()
                    .chain(&self.exact)
                    .chain(&self.match_on)
                    .chain(&self.scores)
                    .chain(&self.sampling_weights)
                    .chain(self.subgroup.iter().map(|s| &s.0))
                    .cloned()
                    .collect::<std::collections::BTreeSet<_>>()
                    .into_iter()
                    .collect(),
            ),
        };
        Ok(Roles {
            treatment,
            design,
            outcomes,
            id,
        })
    }

    /// The covariates when none is named: every column free for it, `None`; but for those that say
    /// who somebody is, as a covariate's levels stand in the report.
    fn unasked(&self, free: Vec<String>) -> Option<Vec<String>> {
        let chosen = [&self.exact, &self.category, &self.square];
        let (names, others): (Vec<String>, Vec<String>) = free.into_iter().partition(|column| {
            Field::of_heading(column).is_some_and(Field::identifies)
                && !chosen.iter().any(|flag| flag.contains(column))
        });
        if names.is_empty() {
            return None;
        }
        eprintln!(
            "left out, as they seem to say who somebody is: {}; name covariates with --covariates",
            names.join(", ")
        );
        // A column without a name is the row number that some programs write.
        Some(
            others
                .into_iter()
                .filter(|c| !c.trim().is_empty())
                .collect(),
        )
    }

    /// Every column has one role.
    fn refuse_clashes(&self, outcomes: &[String], treatment: &str) -> Result<(), Failure> {
        let refuse = |message: String, hint: &str| {
            Err(Failure {
                message,
                hint: Some(hint.into()),
                code: 2,
            })
        };
        for column in self.covariates.iter().chain(&self.exact) {
            if outcomes.contains(column) || column == treatment {
                return refuse(
                    format!("`{column}` cannot be matched on: it is the treatment or an outcome"),
                    "take it out of --covariates and --exact",
                );
            }
            if Some(column) == self.id.as_ref() {
                return refuse(
                    format!("`{column}` cannot be matched on: --id says it names the rows"),
                    "take it out of --covariates and --exact",
                );
            }
        }
        if outcomes.iter().any(|o| o == treatment) {
            return refuse(
                format!("`{treatment}` cannot be both the treatment and an outcome"),
                "name another column with --outcome",
            );
        }
        if let Some(id) = &self.id
            && (id == treatment || outcomes.contains(id))
        {
            return refuse(
                format!("`{id}` cannot name the rows: it is the treatment or an outcome"),
                "name another column with --id",
            );
        }
        let main: Vec<&str> = self
            .outcome
            .iter()
            .chain(&self.placebo)
            .map(|o| o.split(':').next().unwrap_or_default())
            .collect();
        for (flag, names) in [
            ("--outcome", main),
            (
                "--covariates",
                self.covariates.iter().map(String::as_str).collect(),
            ),
        ] {
            if let Some(twice) = (1..names.len()).find(|&i| names[..i].contains(&names[i])) {
                return refuse(
                    format!("{flag} names `{}` twice", names[twice]),
                    "name every column once",
                );
            }
        }
        Ok(())
    }

    /// A column that the table does not have is refused whichever flag names it.
    fn refuse_unknown(&self) -> Result<(), Failure> {
        let named = self.id.iter().chain(&self.exact);
        let bent = self.spline.iter().map(|s| &s.0);
        let others = self
            .match_on
            .iter()
            .chain(&self.scores)
            .chain(&self.sampling_weights)
            .chain(self.subgroup.iter().map(|s| &s.0))
            .chain(bent);
        for column in named
            .chain(&self.category)
            .chain(&self.square)
            .chain(others)
        {
            require(&self.table, column).map_err(super::unusable)?;
        }
        let listed = |c: &String| self.covariates.is_empty() || self.covariates.contains(c);
        match self
            .category
            .iter()
            .chain(&self.square)
            .find(|c| !listed(c))
        {
            Some(column) => Err(Failure {
                message: format!("`{column}` is in --category or --square but not in --covariates"),
                hint: Some("add it to --covariates too".into()),
                code: 2,
            }),
            None => Ok(()),
        }
    }
}
