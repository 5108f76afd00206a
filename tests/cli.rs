//! The command line as people meet it: the real binary, its two streams, its exit codes.

#[path = "cli/analyse.rs"]
mod analyse;
#[path = "cli/bootstrap.rs"]
mod bootstrap;
#[path = "cli/compare.rs"]
mod compare;
#[path = "cli/doubt.rs"]
mod doubt;
#[path = "cli/evaluate.rs"]
mod evaluate;
#[path = "cli/faces.rs"]
mod faces;
#[path = "cli/kinds.rs"]
mod kinds;
#[path = "cli/kit.rs"]
mod kit;
#[path = "cli/link.rs"]
mod link;
#[path = "cli/linkage_settings.rs"]
mod linkage_settings;
#[path = "cli/methods.rs"]
mod methods;
#[path = "cli/of_list.rs"]
mod of_list;
#[path = "cli/page.rs"]
mod page;
#[path = "cli/privacy.rs"]
mod privacy;
#[path = "cli/quality.rs"]
mod quality;
#[path = "cli/register_import.rs"]
mod register_import;
#[path = "cli/registers.rs"]
mod registers;
#[path = "cli/releases.rs"]
mod releases;
#[path = "cli/studies.rs"]
mod studies;
#[path = "cli/tables.rs"]
mod tables;
#[path = "cli/usage.rs"]
mod usage;
#[path = "cli/weighting.rs"]
mod weighting;
