//! The sample register: invented people, in this program.

/// Names of its files, and what is in them.
pub const REGISTER: [(&str, &[u8]); 3] = [
    (
        "persons.parquet",
        include_bytes!("../../sample_data/register/persons.parquet"),
    ),
    (
        "events.parquet",
        include_bytes!("../../sample_data/register/events.parquet"),
    ),
    (
        "register.toml",
        include_bytes!("../../sample_data/register/register.toml"),
    ),
];
