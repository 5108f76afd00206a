//! A department's own tables made into a register, and its index, as people meet them.

use crate::kit::{Folder, Said, counterpart};
use polars::prelude::*;
use serde_json::Value;

const PERSONS: &str = "person_id,forename,surname,dob,sex,postcode,pnc_id,prison_number\n\
    7,Ann,Quux,1980-02-01,F,M1 1AE,03/1234567Q,A1234BC\n\
    9,Bo,Zapp,31/02/1981,M,,,\n\
    7,Anne,Quux-Lee,19800201,F,,,\n\
    12,Cy,Wibble,unknown,,SW1A 1AA,79/163001C,X\n";

const EVENTS: &str = "person_id;event_date;sentence;cost;again;grade\n\
    7;2020-01-31;prison;12,5;1;1\n9;01/03/2021;fine;3;0;2\n";

fn import(folder: &Folder, persons: &str, more: &[&str]) -> Said {
    let out = folder.path("register");
    let mut args = vec!["register", "import", "--persons", persons, "--out", &out];
    args.extend(more);
    counterpart(&args)
}

fn imported(persons: impl AsRef<[u8]>) -> (Folder, Said) {
    let folder = Folder::new();
    let file = folder.write("persons.csv", persons);
    let said = import(&folder, &file, &["--json"]);
    (folder, said)
}

/// Refused, with nothing left behind and nothing of the file repeated.
#[track_caller]
fn refused(persons: impl AsRef<[u8]>, code: i32, rule: &str) {
    let (folder, said) = imported(persons);
    said.refuses(code, rule);
    said.never_says("Quux").never_says("persons.csv");
    assert!(!std::path::Path::new(&folder.path("register")).exists());
}

fn describe(folder: &Folder) -> Value {
    let register = folder.path("register");
    let said = counterpart(&["register", "check", &register, "--json"]);
    said.ends_with(0);
    said.json()
}

fn column(folder: &Folder, name: &str) -> Column {
    let file = std::fs::File::open(folder.path("register/persons.parquet")).unwrap();
    let frame = ParquetReader::new(file).finish().unwrap();
    frame.column(name).unwrap().clone()
}

#[test]
fn persons_alone_make_a_register_that_people_can_be_found_in() {
    let (folder, said) = imported(PERSONS);
    said.ends_with(0)
        .says("no events (people can be found")
        .never_says("Quux");
    let summary = said.json();
    for (name, count) in [
        ("people", 3),
        ("records", 4),
        ("aliases", 1),
        ("dob_in_no_calendar", 1),
        ("dob_unreadable", 1),
    ] {
        assert_eq!(summary[name], count, "{name}");
    }
    let register = describe(&folder);
    assert_eq!(register["linkage_index"], "fresh");
    assert_eq!(register["events_table"], false);
    assert_eq!(register["persons"], 3);
    assert_eq!(column(&folder, "dob_digits").null_count(), 3);
    let digits = column(&folder, "dob_digits");
    assert_eq!(digits.u32().unwrap().get(1), Some(19_810_231));
    let page = counterpart(&["register", "describe", &folder.path("register")]);
    assert!(page.stdout.contains("(no events table"));
}

#[test]
fn every_way_of_writing_a_csv_makes_the_same_persons() {
    let with = |delimiter: &str| PERSONS.replace(',', delimiter);
    let (folder, said) = imported(PERSONS);
    said.ends_with(0);
    let bytes = std::fs::read(folder.path("register/persons.parquet")).unwrap();
    let index = std::fs::read(folder.path("register/linkage.index")).unwrap();
    for text in [
        with(";"),
        with("\t"),
        with("|"),
        format!("\u{feff}{PERSONS}"),
        PERSONS.replace('\n', "\r\n"),
        PERSONS.replace("person_id,forename", " Person ID ,\"First Name\""),
        PERSONS.replace("Quux,", "\"Quux\" ,"),
        PERSONS.replace("31/02/1981", "31.02.1981"),
        format!("{PERSONS}\n\n"),
    ] {
        let (folder, said) = imported(text);
        said.ends_with(0);
        assert!(std::fs::read(folder.path("register/persons.parquet")).unwrap() == bytes);
        assert!(std::fs::read(folder.path("register/linkage.index")).unwrap() == index);
    }
}

#[test]
fn parquet_makes_the_same_index_as_csv() {
    let (csv, said) = imported(PERSONS.replace("31/02/1981", "").replace("unknown", ""));
    said.ends_with(0);
    let folder = Folder::new();
    let days = Series::new("Dob".into(), [Some(3_683i32), None, Some(3_683), None]);
    let text = |name: &str, all: [&str; 4]| Series::new(name.into(), all).into_column();
    let mut frame = DataFrame::new_infer_height(vec![
        Series::new("person_id".into(), [7i64, 9, 7, 12]).into_column(),
        text("forename", ["Ann", "Bo", "Anne", "Cy"]),
        text("surname", ["Quux", "Zapp", "Quux-Lee", "Wibble"]),
        days.cast(&DataType::Date).unwrap().into_column(),
        text("sex", ["F", "M", "F", ""]),
        text("postcode", ["M1 1AE", "", "", "SW1A 1AA"]),
        text("pnc_id", ["03/1234567Q", "", "", "79/163001C"]),
        text("prison_number", ["A1234BC", "", "", "X"]),
    ])
    .unwrap();
    let path = folder.path("persons.parquet");
    ParquetWriter::new(std::fs::File::create(&path).unwrap())
        .finish(&mut frame)
        .unwrap();
    import(&folder, &path, &[]).ends_with(0);
    let read = |f: &Folder, name: &str| std::fs::read(f.path(name)).unwrap();
    assert!(read(&folder, "register/persons.parquet") == read(&csv, "register/persons.parquet"));
    assert!(read(&folder, "register/linkage.index") == read(&csv, "register/linkage.index"));
}

#[test]
fn latin_letters_in_another_encoding_are_read() {
    let mut bytes = b"person_id,forename,surname\n1,Se".to_vec();
    bytes.extend([0xE1, b'n']);
    bytes.extend(b",Quux\n");
    let (folder, said) = imported(bytes);
    said.ends_with(0);
    let forename = column(&folder, "forename");
    assert_eq!(forename.str().unwrap().get(0), Some("Seán"));
}

#[test]
fn ids_that_are_texts_are_numbered_in_their_order_and_kept() {
    let (folder, said) =
        imported("person_id,forename,surname\nrec-2,A,B\n10,C,D\nrec-2,E,F\n007,G,H\n");
    said.ends_with(0).says("person ids are texts");
    assert_eq!(said.json()["people"], 3);
    let keys = column(&folder, "person_id");
    let keys: Vec<u64> = keys.u64().unwrap().iter().flatten().collect();
    assert_eq!(keys, [3, 2, 3, 1]);
    let ids = column(&folder, "external_id");
    assert_eq!(ids.str().unwrap().get(3), Some("007"));
    assert_eq!(describe(&folder)["persons"], 3);
}

#[test]
fn undescribed_columns_of_events_are_shut_and_described_ones_are_not() {
    let folder = Folder::new();
    let persons = folder.write("p.csv", PERSONS);
    let events = folder.write("e.csv", EVENTS);
    let said = import(&folder, &persons, &["--events", &events, "--json"]);
    said.ends_with(0)
        .says("nobody described sentence, cost, again, grade");
    let register = describe(&folder);
    assert_eq!(register["events"], 2);
    assert_eq!(register["cut_off"], "2021-03-01");
    let kind = |register: &Value, name: &str| {
        let columns = register["columns"].as_array().unwrap().clone();
        let of = columns
            .into_iter()
            .find(|c| c["table"] == "events" && c["name"] == name);
        let of = of.unwrap();
        format!(
            "{} {}",
            of["kind"].as_str().unwrap(),
            of["role"].as_str().unwrap()
        )
    };
    for (name, held) in [
        ("sentence", "category outcome"),
        ("cost", "category outcome"),
        ("again", "flag outcome"),
        ("grade", "number outcome"),
    ] {
        assert_eq!(kind(&register, name), held, "{name}");
    }
    let dictionary = folder.write(
        "d.toml",
        "title = \"t\"\nsource = \"s\"\nmade = \"2024-01-01\"\ncut_off = \"2023-12-31\"\nsynthetic = true\n\
         columns = [{ table = \"events\", name = \"grade\", label = \"Grade\", kind = \"category\", role = \"covariate\" }]\n",
    );
    let more = [
        "--events",
        &events,
        "--dictionary",
        &dictionary,
        "--replace",
    ];
    import(&folder, &persons, &more)
        .ends_with(0)
        .says("nobody described sentence, cost, again:");
    let register = describe(&folder);
    assert_eq!(kind(&register, "grade"), "category covariate");
    assert_eq!(register["cut_off"], "2023-12-31");
    // Without the events, the old ones go.
    import(&folder, &persons, &["--replace"]).ends_with(0);
    assert_eq!(describe(&folder)["events_table"], false);
}

#[test]
fn a_register_that_is_there_is_not_overwritten() {
    let (folder, said) = imported(PERSONS);
    said.ends_with(0);
    let persons = folder.path("persons.csv");
    import(&folder, &persons, &[]).refuses(1, "there is a register in that folder already");
    let broken = folder.write("broken.csv", "person_id\n1\n");
    import(&folder, &broken, &["--replace"]).refuses(1, "no column `forename`");
    assert_eq!(describe(&folder)["persons"], 3);
    import(&folder, &persons, &["--replace"]).ends_with(0);
    let left = std::fs::read_dir(folder.path("register")).unwrap().count();
    assert_eq!(left, 3);
}

#[cfg(unix)]
#[test]
fn what_is_written_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, said) = imported(PERSONS);
    said.ends_with(0);
    for name in ["", "persons.parquet", "register.toml", "linkage.index"] {
        let path = std::path::PathBuf::from(folder.path("register")).join(name);
        let mode = path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}

#[test]
fn persons_files_that_cannot_serve_are_refused_with_the_place() {
    refused("", 3, "it is empty");
    refused("person_id,forename,surname\n", 3, "no rows");
    refused(
        "1,Quux,Quux\n2,Quux,Quux\n",
        1,
        "is the first line the headings?",
    );
    refused(
        "forename,surname\nQuux,Quux\n",
        1,
        "no column `person_id`; known of its headings: forename, surname",
    );
    refused(
        "person_id,forename,surname,Surname\n1,a,Quux,c\n",
        1,
        "columns 3 and 4 are both `surname`",
    );
    refused(
        "person_id,forename,surname\n1,a,b\n2,Quux\n",
        1,
        "line 3: it has 2 cells where the headings have 3",
    );
    refused(
        "person_id,forename,surname\n1,a,b\n,Quux,c\n",
        1,
        "line 3, column `person_id`: it is blank",
    );
    refused(
        "person_id,forename,surname\n1,\"Quux,b\n2,a,b\n",
        3,
        "in line 2 is opened and never closed",
    );
    refused(
        b"person_id,forename,surname\n1,\0Quux,b\n",
        3,
        "line 2 holds a byte",
    );
    refused(b"PK\x03\x04Quux", 3, "a workbook or an archive");
    refused(b"\xFF\xFEQ\0u\0u\0x\0", 3, "UTF-16");
    refused(
        format!("person_id,forename,surname\n1,{},b\n", "Quux".repeat(2_000)),
        1,
        "line 2, column 2: the cell has 8000 bytes",
    );
    refused(
        format!("person_id{}\n1\n", ",Quux".repeat(3_000)),
        1,
        "it has 3001 columns",
    );
}

#[test]
fn events_files_that_cannot_serve_are_refused_with_the_place() {
    let refused = |events: &str, rule: &str| {
        let folder = Folder::new();
        let persons = folder.write("p.csv", PERSONS);
        let file = folder.write("e.csv", events);
        let said = import(&folder, &persons, &["--events", &file]);
        said.refuses(1, rule).never_says("Quux");
        assert!(!std::path::Path::new(&folder.path("register")).exists());
    };
    refused("person_id,what\n7,Quux\n", "no column `event_date`");
    refused(
        "person_id,event_date\n7,2020-01-01\n8,2020-01-01\n",
        "line 3, column `person_id`: nobody in the persons file",
    );
    refused(
        "person_id,event_date\n7,Quux\n",
        "line 2, column `event_date`: it is no day",
    );
    refused("person_id,event_date\n7,2020-02-30\n", "it is no day");
    refused(
        "person_id,event_date\n7,\n",
        "it is blank; every event needs a day",
    );
    refused(
        "person_id,event_date,Postcode\n7,2020-01-01,Quux\n",
        "column 3 (`postcode`) says who somebody is",
    );
    refused(
        "person_id,event_date,x,x\n7,2020-01-01,Quux,1\n",
        "columns 3 and 4 have one name",
    );
}

#[test]
fn files_that_are_not_there_or_no_parquet_are_told() {
    let folder = Folder::new();
    import(&folder, &folder.path("Quux.csv"), &[])
        .refuses(3, "cannot read the persons file: there is no such file")
        .never_says("Quux");
    let junk = folder.write("Quux.parquet", b"PAR1 and then nothing that is");
    import(&folder, &junk, &[])
        .refuses(3, "it is not a Parquet file")
        .never_says("Quux");
    let dir = folder.path("");
    import(&folder, &dir, &[]).refuses(3, "it is a folder");
}

#[test]
fn the_index_is_made_anew_and_its_state_is_told() {
    let (folder, said) = imported(PERSONS);
    said.ends_with(0);
    let register = folder.path("register");
    let index = folder.path("register/linkage.index");
    let whole = std::fs::read(&index).unwrap();
    std::fs::remove_file(&index).unwrap();
    assert_eq!(describe(&folder)["linkage_index"], "absent");
    std::fs::write(&index, &whole[..whole.len() - 8]).unwrap();
    assert_eq!(describe(&folder)["linkage_index"], "damaged");
    let made = counterpart(&["register", "index", &register, "--json"]);
    made.ends_with(0).says("index: 3 people in 4 records");
    assert_eq!(made.json()["index_bytes"], whole.len());
    assert!(std::fs::read(&index).unwrap() == whole);
    let (other, _) = imported(PERSONS.replace("Zapp", "Other"));
    std::fs::copy(other.path("register/linkage.index"), &index).unwrap();
    assert_eq!(describe(&folder)["linkage_index"], "stale");
    counterpart(&["register", "index", &folder.path("nowhere")]).refuses(3, "no such file");
}

#[test]
fn the_index_has_the_same_bytes_on_any_number_of_threads() {
    let mut persons = String::from("person_id,forename,surname,dob,postcode\n");
    for i in 0..3_000 {
        let line = format!(
            "{i},Ann{},Quux{},{},M{} 1AE\n",
            i % 17,
            i % 211,
            19_500_101 + i,
            i % 90
        );
        persons.push_str(&line);
    }
    let made = |threads: &str| {
        let folder = Folder::new();
        let file = folder.write("p.csv", &persons);
        let out = folder.path("register");
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_counterpart"));
        command.args(["register", "import", "--persons", &file, "--out", &out]);
        crate::kit::run(command.env("RAYON_NUM_THREADS", threads)).ends_with(0);
        std::fs::read(folder.path("register/linkage.index")).unwrap()
    };
    assert!(made("1") == made("2"));
}
