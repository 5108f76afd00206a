//! Weighting through the binary: what is written, what is said, what is refused.

use crate::kit::{Folder, counterpart, number};

/// Two hundred people of four ages; the young take part more often.
fn table() -> String {
    let mut text = String::from("id,treat,age,y\n");
    for i in 0..200u32 {
        let age = 20 + 5 * (i % 4);
        let treat = u32::from((i / 4) % 50 < 20 - 4 * (i % 4));
        text.push_str(&format!("p{i},{treat},{age},{}\n", (i * 7 + treat) % 5 / 3));
    }
    text
}

#[test]
fn the_weights_are_written_a_row_a_person_and_add_up() {
    for weights in ["odds", "entropy", "overlap"] {
        let folder = Folder::new();
        let (path, file) = (folder.write("t.csv", table()), folder.path("w.csv"));
        let mut args = vec!["analyse", &path, "--treatment", "treat", "--outcome", "y"];
        args.extend(["--id", "id", "--method", "weighting", "--weights", weights]);
        args.extend(["--matches", &file]);
        let report = counterpart(&args).ends_with(0).json();
        let analysis = &report["analyses"][0];
        let estimand = if weights == "overlap" { "ato" } else { "att" };
        assert_eq!(analysis["design"]["estimand"], estimand);
        assert_eq!(
            analysis["outcomes"][0]["difference"]["se_method"],
            "stacked"
        );
        let participants = number(&analysis["design"]["participants_matched"]);
        let written = std::fs::read_to_string(file).unwrap();
        let mut lines = written.lines();
        assert_eq!(lines.next(), Some("id,group,weight"));
        let mut sums = [0.0, 0.0];
        let rows: Vec<Vec<&str>> = lines.map(|l| l.split(',').collect()).collect();
        for row in &rows {
            let group = ["treated", "comparison"].iter().position(|g| *g == row[1]);
            sums[group.unwrap()] += row[2].parse::<f64>().unwrap();
        }
        assert_eq!(rows.len(), 200);
        for sum in sums {
            assert!((sum - participants).abs() < 1e-9 * participants, "{sums:?}");
        }
    }
}

#[test]
fn means_that_cannot_be_reached_are_refused_by_their_column() {
    // Everybody in the pool is 20 or 25, most participants are older.
    let mut text = String::from("treat,age,y\n");
    for i in 0..120u32 {
        let treat = u32::from(i % 3 == 0);
        let age = if treat == 1 {
            20 + i % 30
        } else {
            20 + 5 * (i % 2)
        };
        text.push_str(&format!("{treat},{age},{}\n", i % 7 / 4));
    }
    let folder = Folder::new();
    let path = folder.write("t.csv", text);
    let mut args = vec!["analyse", &path, "--treatment", "treat", "--outcome", "y"];
    args.extend(["--method", "weighting", "--weights", "entropy"]);
    counterpart(&args).refuses(1, "participants' means on `age`");
}

#[test]
fn stacked_errors_are_refused_where_nothing_is_weighted() {
    let folder = Folder::new();
    let path = folder.write("t.csv", table());
    let mut args = vec!["analyse", &path, "--treatment", "treat", "--outcome", "y"];
    args.extend(["--covariates", "age", "--se", "stacked"]);
    counterpart(&args).refuses(2, "belong to method \"weighting\"");
}

/// Exact strata: each one's pool weighs what its participants count.
#[test]
fn weights_within_strata_add_up_in_each() {
    let mut text = String::from("id,treat,age,area,y\n");
    let area = |i: usize| ["north", "south", "west"][i * 7 % 11 % 3];
    for (i, line) in table().lines().skip(1).enumerate() {
        let (most, y) = line.rsplit_once(',').unwrap();
        text.push_str(&format!("{most},{},{y}\n", area(i)));
    }
    for weights in ["odds", "entropy", "overlap"] {
        let folder = Folder::new();
        let (path, file) = (folder.write("t.csv", &text), folder.path("w.csv"));
        let mut args = vec!["analyse", &path, "--treatment", "treat", "--outcome", "y"];
        args.extend(["--id", "id", "--exact", "area", "--covariates", "age,area"]);
        args.extend(["--method", "weighting", "--weights", weights]);
        args.extend(["--matches", &file]);
        counterpart(&args).ends_with(0);
        let mut sums = std::collections::BTreeMap::new();
        for line in std::fs::read_to_string(file).unwrap().lines().skip(1) {
            let row: Vec<&str> = line.split(',').collect();
            let of = area(row[0][1..].parse().unwrap());
            let sign = if row[1] == "treated" { 1.0 } else { -1.0 };
            *sums.entry(of).or_insert(0.0) += sign * row[2].parse::<f64>().unwrap();
        }
        assert_eq!(sums.len(), 3);
        assert!(sums.values().all(|s| s.abs() < 1e-9), "{weights} {sums:?}");
    }
}

#[test]
fn a_comparison_person_who_carries_much_of_the_weight_is_said() {
    let of = |treat: fn(u32) -> bool| {
        let mut text = String::from("treat,age,y\n");
        for i in 0..120u32 {
            text.push_str(&format!(
                "{},{},{}\n",
                u32::from(treat(i)),
                i % 40,
                i % 7 / 4
            ));
        }
        let folder = Folder::new();
        let path = folder.write("t.csv", text);
        let mut args = vec!["analyse", &path, "--treatment", "treat", "--outcome", "y"];
        args.extend(["--method", "weighting"]);
        let said = counterpart(&args).ends_with(0).stdout.clone();
        said.contains("heavy_weight")
    };
    // Of those aged 30 to 39 all but one took part, of the others one in ten; then four in eleven.
    assert!(of(|i| if i % 40 >= 30 { i != 39 } else { i % 10 == 0 }));
    assert!(!of(|i| i * 7 % 11 < 4));
}
