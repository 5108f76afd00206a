//! Tables of one's own as they come: broken, odd, hostile. Each is refused with its row or column
//! and a way on, or read as what it is; none is read as something else.

use crate::kit::{Folder, Said, counterpart};

/// 300 people, 120 or so treated; `row` may change one's line.
fn table(row: impl Fn(usize, [String; 5]) -> String) -> String {
    let mut text = String::from("id,treat,age,area,y\n");
    for i in 1..=300usize {
        let hash = i.wrapping_mul(2_654_435_761) >> 7;
        let cells = [
            format!("p{i:04}"),
            u8::from(hash % 5 < 2).to_string(),
            (20 + hash % 41).to_string(),
            ["north", "south", "west"][hash % 3].to_owned(),
            u8::from(hash % 7 < 3).to_string(),
        ];
        text.push_str(&row(i, cells));
        text.push('\n');
    }
    text
}

fn sound() -> String {
    table(|_, cells| cells.join(","))
}

/// The sound table with one cell changed.
fn with_cell(at: usize, column: usize, value: &str) -> String {
    table(|i, mut cells| {
        if i == at {
            cells[column] = value.to_owned();
        }
        cells.join(",")
    })
}

fn analyse(name: &str, bytes: impl AsRef<[u8]>, flags: &[&str]) -> Said {
    let folder = Folder::new();
    let path = folder.write(name, bytes);
    analyse_path(&path, flags)
}

fn analyse_path(path: &str, flags: &[&str]) -> Said {
    let mut args = vec![
        "analyse",
        path,
        "--treatment",
        "treat",
        "--outcome",
        "y",
        "--id",
        "id",
    ];
    args.extend(flags);
    counterpart(&args)
}

#[test]
fn a_sound_table_is_analysed_whatever_its_line_ends_and_byte_order_mark() {
    let plain = analyse("t.csv", sound(), &[]).ends_with(0).json();
    let same = |text: String| {
        let report = analyse("t.csv", text, &[]).ends_with(0).json();
        assert_eq!(report["analyses"], plain["analyses"]);
    };
    same(sound().replace('\n', "\r\n"));
    same(format!("\u{feff}{}", sound()));
    same(sound() + "\n\r\n\n");
}

#[test]
fn a_file_that_is_no_table_is_told_as_what_it_is() {
    let folder = Folder::new();
    let missing = folder.path("missing.csv");
    analyse_path(&missing, &[]).refuses(3, "there is no such file");
    analyse_path(&folder.path(""), &[]).refuses(3, "it is a folder");
    analyse("t.csv", "", &[]).refuses(3, "it is empty");
    analyse("t.csv", "id,treat,age,area,y\n", &[]).refuses(3, "a header and no rows");
    analyse("t.csv", [0xff, 0xfe, 0x41, 0x00, 0x0a, 0x00], &[]).refuses(3, "UTF-8");
    analyse(
        "t.csv",
        sound()
            .replace("north", "n\u{f6}rd")
            .chars()
            .map(|c| c as u8)
            .collect::<Vec<u8>>(),
        &[],
    )
    .refuses(3, "UTF-8");
    analyse("t.csv", sound().replace(',', ";"), &[]).refuses(3, "not separated by commas");
    analyse("t.parquet", sound(), &[]).refuses(3, "not a Parquet file");
    analyse("t.parquet", "", &[]).refuses(3, "not a Parquet file");
}

#[test]
fn rows_of_another_length_are_named_and_never_shifted() {
    let longer = table(|i, cells| match i {
        17 => cells.join(",") + ",Quux",
        _ => cells.join(","),
    });
    analyse("t.csv", longer, &[]).refuses(3, "data row 17 has 6 cells where the header has 5");
    let shorter = table(|i, cells| match i {
        9 => "Quux,1".into(),
        _ => cells.join(","),
    });
    analyse("t.csv", shorter, &[])
        .refuses(3, "data row 9 has 2 cells")
        .never_says("Quux");
    let quote = with_cell(5, 3, "\"Quux");
    analyse("t.csv", quote, &[])
        .refuses(
            3,
            "a quotation mark in data row 5 is opened and never closed",
        )
        .never_says("Quux");
}

#[test]
fn a_header_with_a_column_twice_or_no_header_is_refused() {
    let twice = sound().replacen("area", "age", 1);
    analyse("t.csv", twice, &[]).refuses(1, "column `age` is named twice");
    let without = sound().split_once('\n').unwrap().1.to_owned();
    analyse("t.csv", without, &[])
        .refuses(3, "does not look like column names")
        .never_says("p0001");
    let first = "Zebedee Quux,1977-03-14,x,1,0\n";
    analyse("t.csv", first.repeat(30), &[])
        .refuses(1, "does not look like column names")
        .never_says("Quux");
}

#[test]
fn a_treatment_is_0_or_1_and_the_row_is_named_not_the_value() {
    for value in ["2", "", "0.5", "-1"] {
        analyse("t.csv", with_cell(11, 1, value), &[]).refuses(1, "data row 11 is neither 0 nor 1");
    }
    analyse("t.csv", with_cell(11, 1, "Quux"), &[])
        .refuses(1, "data row 11")
        .never_says("Quux");
    let words = table(|_, mut cells| {
        cells[1] = if cells[1] == "1" { "yes" } else { "no" }.into();
        cells.join(",")
    });
    analyse("t.csv", words, &[]).refuses(1, "must hold 0 and 1, but holds text");
    let everybody = table(|_, mut cells| {
        cells[1] = "1".into();
        cells.join(",")
    });
    analyse("t.csv", everybody, &[]).refuses(1, "300 participants and 0 others");
}

#[test]
fn an_outcome_with_a_slip_names_the_row_not_the_value() {
    analyse("t.csv", with_cell(43, 4, "Zebedee Quux"), &[])
        .refuses(1, "column `y` holds numbers, but data row 43")
        .never_says("Quux");
    analyse("t.csv", with_cell(43, 4, ""), &[]).refuses(1, "outcome `y` is blank for");
    analyse("t.csv", with_cell(44, 2, "inf"), &[]).refuses(1, "row 44: is infinite");
    analyse("t.csv", with_cell(43, 4, "7"), &["--outcome", "age:binary"])
        .refuses(1, "outcome `age`");
}

#[test]
fn an_outcome_the_same_for_everybody_is_a_finding_in_itself() {
    let flat = table(|_, mut cells| {
        cells[4] = "0".into();
        cells.join(",")
    });
    let report = analyse("t.csv", flat, &[]).ends_with(0).json();
    let y = &report["analyses"][0]["outcomes"][0];
    assert!(y["difference"].is_null());
    assert!(
        y["suppressed"]
            .as_str()
            .unwrap()
            .contains("the same for everybody")
    );
}

#[test]
fn a_column_that_is_not_there_is_answered_with_those_that_are() {
    let have = "it has: id, treat, age, area, y";
    for flags in [
        ["--covariates", "age,nope"],
        ["--exact", "nope"],
        ["--category", "nope"],
        ["--square", "nope"],
        ["--outcome", "nope"],
        ["--outcome", "age:count:nope"],
    ] {
        analyse("t.csv", sound(), &flags)
            .refuses(1, "has no column `nope`")
            .says(have);
    }
    for (treatment, id) in [("nope", "id"), ("treat", "nope")] {
        let folder = Folder::new();
        let path = folder.write("t.csv", sound());
        let args = [
            "analyse",
            &path,
            "--treatment",
            treatment,
            "--id",
            id,
            "--outcome",
            "y",
        ];
        counterpart(&args)
            .refuses(1, "has no column `nope`")
            .says(have);
    }
}

#[test]
fn a_column_has_one_role() {
    for (flags, message) in [
        (["--covariates", "age,y"], "`y` cannot be matched on"),
        (
            ["--covariates", "age,treat"],
            "`treat` cannot be matched on",
        ),
        (["--covariates", "age,id"], "`id` cannot be matched on"),
        (["--exact", "y"], "`y` cannot be matched on"),
        (["--exact", "id"], "`id` cannot be matched on"),
        (["--outcome", "treat"], "`treat` cannot be both"),
        (["--outcome", "id"], "`id` cannot name the rows"),
        (["--outcome", "y:binary"], "--outcome names `y` twice"),
        (
            ["--covariates", "age,age"],
            "--covariates names `age` twice",
        ),
        (["--square", "area"], "`area` is a category"),
    ] {
        analyse("t.csv", sound(), &flags).refuses(2, message);
    }
}

#[test]
fn settings_that_mean_nothing_are_refused_by_their_rule() {
    for (flags, message) in [
        (
            vec!["--caliper", "0"],
            "a number above 0, `none` or `search`",
        ),
        (
            vec!["--caliper", "-1"],
            "a number above 0, `none` or `search`",
        ),
        (
            vec!["--caliper", "abc"],
            "a number above 0, `none` or `search`",
        ),
        (
            vec!["--caliper", "nan"],
            "a number above 0, `none` or `search`",
        ),
        (
            vec!["--caliper", "none"],
            "radius and kernel matching need a caliper",
        ),
        (
            vec!["--method", "foo"],
            "must be one of: radius, kernel, nearest",
        ),
        (vec!["--ridge", "-1"], "must be a number above 0"),
        (vec!["--ridge", "0"], "must be a number above 0"),
        (vec!["--ratio", "-1"], "must be a whole number"),
        (vec!["--ratio", "2"], "belongs to nearest-neighbour"),
        (
            vec!["--method", "nearest", "--ratio", "0"],
            "from 1 to 1000",
        ),
        (vec!["--se", "cluster"], "need matched sets"),
        (vec!["--seed", "-1"], "must be a whole number"),
        (vec!["--covariates", "age,"], "a column name is empty"),
        (vec!["--outcome", "age:often"], "there is no kind `often`"),
        (
            vec!["--outcome", "age:duration"],
            "a duration needs the 0/1 column",
        ),
        (
            vec!["--method", "nearest", "--replace", "--order", "closest"],
            "with replacement the order changes nothing",
        ),
    ] {
        analyse("t.csv", sound(), &flags).refuses(2, message);
    }
}

#[test]
fn results_never_write_over_the_table_and_bad_places_are_told() {
    let folder = Folder::new();
    let path = folder.write("t.csv", sound());
    analyse_path(&path, &["--matches", &path]).refuses(1, "would overwrite the table");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), sound());
    let nowhere = folder.path("no/such/folder.csv");
    analyse_path(&path, &["--matches", &nowhere]).refuses(3, "does not exist");
    analyse_path(&path, &["--out", &path]).refuses(3, "there is a file of that name");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), sound());
}

#[test]
fn text_that_names_people_is_no_covariate() {
    let named = table(|i, mut cells| {
        cells[3] = format!("Zebedee Quux {i}");
        cells.join(",")
    });
    let said = analyse("t.csv", &named, &[]);
    said.ends_with(0)
        .says("left out: `area`")
        .never_says("Quux");
    analyse("t.csv", &named, &["--covariates", "age,area"])
        .refuses(1, "`area` holds text that differs in most rows")
        .never_says("Quux");
}

#[test]
fn a_row_number_without_a_name_is_no_covariate() {
    let plain = analyse("t.csv", sound(), &[]).ends_with(0).json();
    let mut lines = sound().lines().map(str::to_owned).collect::<Vec<_>>();
    for (i, line) in lines.iter_mut().enumerate() {
        let number = if i == 0 { String::new() } else { i.to_string() };
        *line = format!("{number},{line}");
    }
    let report = analyse("t.csv", lines.join("\n"), &[]).ends_with(0).json();
    assert_eq!(report["analyses"], plain["analyses"]);
}

#[test]
fn numbers_as_spreadsheets_show_them_are_no_categories() {
    for (cell, column) in [
        ("\"1,234\"", 2),
        ("\"23,5\"", 2),
        ("£20", 2),
        ("40 %", 2),
        ("£20", 4),
    ] {
        let dressed = table(|_, mut cells| {
            cells[column] = cell.to_owned();
            cells.join(",")
        });
        analyse("t.csv", dressed, &[])
            .refuses(
                1,
                "holds numbers with a comma, a currency or a percent sign",
            )
            .says("data row 1)");
    }
}

#[test]
fn a_table_with_nothing_to_match_on_says_what_is_missing() {
    let bare: String = sound()
        .lines()
        .map(|l| {
            let cells: Vec<&str> = l.split(',').collect();
            format!("{},{},{}\n", cells[0], cells[1], cells[4])
        })
        .collect();
    analyse("t.csv", bare, &[])
        .refuses(1, "no covariates")
        .says("how the people were before");
}

#[test]
fn a_covariate_that_tells_the_groups_apart_is_named() {
    let apart = table(|_, mut cells| {
        cells[2] = (if cells[1] == "1" { 70 } else { 20 }).to_string();
        cells.join(",")
    });
    analyse("t.csv", &apart, &[])
        .refuses(1, "`age` tells them apart perfectly")
        .says("--penalty firth");
}

#[test]
fn damaged_parquet_is_an_error_and_never_a_panic_or_a_value() {
    let folder = Folder::new();
    let path = folder.path("t.parquet");
    counterpart(&["synth", "trial", "--people", "60", "--out", &path]).ends_with(0);
    let sound = std::fs::read(&path).unwrap();
    let args = [
        "analyse",
        &path,
        "--treatment",
        "treat",
        "--outcome",
        "reoffended",
    ];
    let mut refused = 0;
    for k in 1..40 {
        let mut damaged = sound.clone();
        let at = k * sound.len() / 40;
        let end = (at + 40).min(sound.len());
        damaged[at..end].iter_mut().for_each(|b| *b ^= 0x5a);
        std::fs::write(&path, &damaged).unwrap();
        let said = counterpart(&args);
        // A change may hit a column nobody asked for.
        if said.code != 0 {
            refused += 1;
            assert!(said.code == 1 || said.code == 3, "{}", said.stderr);
            said.never_says("panicked")
                .never_says("fault in the program");
        }
    }
    assert!(refused > 5, "only {refused}");
}
