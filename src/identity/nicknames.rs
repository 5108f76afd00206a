//! Which forenames stand for one another: Bill for William, Siân for Jane, Gosia for Małgorzata.
//!
//! Well known facts, compiled for this program. A name may stand for several others (Alex), and
//! belongs to all their groups. Spellings that merely sound alike are the phonetic code's to find.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A group a line: the full name first, then the names that stand for it.
const GROUPS: &str = include_str!("nicknames.txt");

/// Names to groups, and groups to their names.
struct Table {
    of: HashMap<&'static str, Vec<u16>>,
    /// The full name first.
    names: Vec<Vec<&'static str>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        of: HashMap::new(),
        names: Vec::new(),
    };
    for line in GROUPS.lines().filter(|l| !l.starts_with('#')) {
        let names: Vec<&str> = line.split_whitespace().collect();
        // Some hundreds of lines.
        let group = table.names.len() as u16;
        for name in &names {
            table.of.entry(name).or_default().push(group);
        }
        table.names.push(names);
    }
    table
});

/// The groups a part of a forename (as [`super::name_parts`] gives it) belongs to, most usual
/// first; none when it has no other form here.
pub fn nickname_groups(part: &str) -> &'static [u16] {
    TABLE.of.get(part).map_or(&[], Vec::as_slice)
}

/// The first of [`nickname_groups`].
pub fn nickname_group(part: &str) -> Option<u16> {
    nickname_groups(part).first().copied()
}

/// Every name that may stand for a part of a forename, itself among them; none when it is in no
/// group. A name may come twice.
pub fn others(part: &str) -> impl Iterator<Item = &'static str> {
    let groups = nickname_groups(part).iter();
    groups
        .flat_map(|&group| &TABLE.names[usize::from(group)])
        .copied()
}

/// Can the two be names of one person? Equal names that are in no group cannot be told here.
///
/// ```
/// use counterpart::identity::nicknames::same_group;
/// assert!(same_group("bill", "william") && same_group("alex", "sandra"));
/// assert!(!same_group("bill", "mary"));
/// ```
pub fn same_group(a: &str, b: &str) -> bool {
    let b = nickname_groups(b);
    nickname_groups(a).iter().any(|group| b.contains(group))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::name_parts;

    #[test]
    fn the_table_is_written_as_names_are_compared() {
        for line in GROUPS.lines().filter(|l| !l.starts_with('#')) {
            let names: Vec<&str> = line.split_whitespace().collect();
            assert!(names.len() > 1, "a group of one: {line}");
            for name in &names {
                assert_eq!(name_parts(name), *name, "{line}");
                let times = names.iter().filter(|n| *n == name).count();
                assert_eq!(times, 1, "{name} twice in: {line}");
            }
        }
        assert!(TABLE.names.len() >= 200, "{} groups", TABLE.names.len());
    }

    #[test]
    fn every_name_finds_its_full_name_and_no_name_was_left_out() {
        for line in GROUPS.lines().filter(|l| !l.starts_with('#')) {
            let mut names = line.split_whitespace();
            let full = names.next().unwrap();
            for name in names {
                assert!(same_group(name, full), "{name} and {full}");
                assert!(same_group(full, name), "{full} and {name}");
            }
        }
    }

    #[test]
    fn a_name_of_several_people_belongs_to_several_groups() {
        assert!(nickname_groups("alex").len() > 1);
        assert!(same_group("alex", "alexander") && same_group("alex", "alexandra"));
        assert!(!same_group("alexander", "sandra"));
        assert_eq!(nickname_group("xyzzy"), None);
        assert!(others("alex").any(|name| name == "sandra") && others("xyzzy").next().is_none());
    }
}
