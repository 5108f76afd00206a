//! The cohort reader and `counterpart check` against files as charities send them: more bad ones
//! than good ones.

#[path = "cohort/kit.rs"]
mod kit;

#[path = "cohort/command.rs"]
mod command;
#[path = "cohort/files.rs"]
mod files;
#[path = "cohort/headings.rs"]
mod headings;
#[path = "cohort/mapping.rs"]
mod mapping;
#[path = "cohort/people.rs"]
mod people;
#[path = "cohort/privacy.rs"]
mod privacy;
#[path = "cohort/problems.rs"]
mod problems;
#[path = "cohort/templates.rs"]
mod templates;
