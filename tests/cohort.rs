//! The cohort reader and `counterpart check` against files as charities send them: more bad ones
//! than good ones.

#[path = "cohort/kit.rs"]
mod kit;

#[path = "cohort/books.rs"]
mod books;
#[path = "cohort/hostile.rs"]
mod hostile;

#[path = "cohort/command.rs"]
mod command;
#[path = "cohort/confined.rs"]
mod confined;
#[path = "cohort/ethnicity.rs"]
mod ethnicity;
#[path = "cohort/files.rs"]
mod files;
#[path = "cohort/foreign.rs"]
mod foreign;
#[path = "cohort/headings.rs"]
mod headings;
#[path = "cohort/hostile_books.rs"]
mod hostile_books;
#[path = "cohort/hostile_text.rs"]
mod hostile_text;
#[path = "cohort/likeness.rs"]
mod likeness;
#[path = "cohort/mapping.rs"]
mod mapping;
#[path = "cohort/of_list.rs"]
mod of_list;
#[path = "cohort/people.rs"]
mod people;
#[path = "cohort/privacy.rs"]
mod privacy;
#[path = "cohort/problems.rs"]
mod problems;
#[path = "cohort/templates.rs"]
mod templates;
#[path = "cohort/workbooks.rs"]
mod workbooks;
