//! Registers that are not there, or damaged.

use crate::kit::{Folder, Said, counterpart, evaluate_clean, root};

fn evaluate(register: &str) -> Said {
    evaluate_clean("models/reoffending.toml", register)
}

/// A copy of the sample register; `change` sees each file's name and bytes.
fn copy(change: impl Fn(&str, &mut Vec<u8>) -> bool) -> Folder {
    let folder = Folder::new();
    for name in ["register.toml", "persons.parquet", "events.parquet"] {
        let mut bytes = std::fs::read(root().join("sample_data/register").join(name)).unwrap();
        if change(name, &mut bytes) {
            folder.write(name, bytes);
        }
    }
    folder
}

#[test]
fn a_missing_register_or_file_is_named() {
    let folder = Folder::new();
    evaluate(&folder.path("nowhere")).refuses(3, "register.toml");
    for missing in ["register.toml", "persons.parquet", "events.parquet"] {
        let register = copy(|name, _| name != missing);
        evaluate(&register.path(""))
            .refuses(3, missing)
            .says("no such file");
    }
}

#[test]
fn a_damaged_file_is_named_and_nothing_of_it_is_shown() {
    for damaged in ["persons.parquet", "events.parquet"] {
        for tenth in [1, 3, 5, 7, 9] {
            let register = copy(|name, bytes| {
                if name == damaged {
                    let at = tenth * bytes.len() / 10;
                    bytes[at..at + 3000].iter_mut().for_each(|b| *b ^= 0x5a);
                }
                true
            });
            let said = evaluate(&register.path(""));
            said.never_says("panicked")
                .never_says("fault in the program");
            // Some columns are read by no study.
            if said.code != 0 {
                said.refuses(said.code, damaged);
                assert!(said.code == 3 || said.code == 1);
            }
        }
        let register = copy(|name, bytes| {
            if name == damaged {
                bytes.truncate(bytes.len() / 2);
            }
            true
        });
        evaluate(&register.path("")).refuses(3, "damaged or cut short");
    }
}

#[test]
fn describe_and_check_print_data_on_stdout_alone() {
    for what in ["describe", "check"] {
        let said = counterpart(&["register", what, "sample_data/register", "--json"]);
        assert!(said.ends_with(0).json()["columns"].is_array());
        assert_eq!(said.stderr, "");
    }
}
