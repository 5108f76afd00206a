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
