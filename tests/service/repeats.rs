//! Whoever hands in nearly the same people again gets no second answer to subtract from the first.

use crate::kit::{Service, User, folder, sample};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A folder of studies: the usual one, with other rules of disclosure.
fn studies(dir: &Path, rules: &[(&str, &str)]) -> PathBuf {
    let folder = dir.join("studies");
    std::fs::create_dir_all(&folder).unwrap();
    let mut study = std::fs::read_to_string("models/reoffending.toml").unwrap();
    for (rule, other) in rules {
        assert!(study.contains(rule), "{rule}");
        study = study.replace(rule, other);
    }
    std::fs::write(folder.join("reoffending.toml"), study).unwrap();
    std::fs::copy("models/linkage.toml", folder.join("linkage.toml")).unwrap();
    folder
}

/// Rows of the sample list, with its headings.
fn rows(which: std::ops::Range<usize>) -> Vec<u8> {
    let text = String::from_utf8(sample()).unwrap();
    let mut lines = text.lines();
    let mut list = format!("{}\n", lines.next().unwrap());
    for line in lines.skip(which.start).take(which.len()) {
        list += line;
        list.push('\n');
    }
    list.into_bytes()
}

async fn end_of(charity: &User, programme: &str, key: &str, list: Vec<u8>) -> Value {
    let (id, _) = charity.insist(programme, key, list).await;
    charity.end_of(&id).await
}

async fn counted(service: &Service, what: &str) -> u64 {
    let url = format!("{}/metrics", service.address);
    let answer = service.client.get(url).send().await.unwrap();
    let text = answer.text().await.unwrap();
    let line = text
        .lines()
        .find_map(|l| l.strip_prefix(&format!("counterpart_{what} ")));
    line.unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_steward_nearly_the_same_people_are_refused_and_others_are_not() {
    let dir = folder();
    let studies = studies(dir.path(), &[("approval = true", "approval = false")]);
    let flags = ["--studies", studies.to_str().unwrap()];
    let service = Service::with(&dir.path().join("data"), &flags);
    let first = service.sign_in("a@hand.org", "Hand", "charity").await;
    let other = service.sign_in("b@help.org", "Help", "charity").await;
    let mine = first.programme("Mentoring").await;
    let theirs = other.programme("Mentoring").await;
    let lists = [
        ("one half", rows(0..500), true),
        ("the same again", rows(0..500), false),
        ("minus one", rows(1..500), false),
        ("plus one", rows(0..501), false),
        ("the other half", rows(500..1000), true),
        ("both halves", rows(0..1000), false),
        ("half of each", rows(250..750), true),
    ];
    for (n, (what, list, passes)) in lists.into_iter().enumerate() {
        // Whoever asks: the record is of the register's people.
        let (charity, programme) = [(&first, &mine), (&other, &theirs)][n % 2];
        let end = end_of(charity, programme, &format!("list-{n}"), list).await;
        match passes {
            true => assert_eq!(end["state"], "released", "{what}: {end}"),
            false => {
                assert_eq!(end["state"], "erased", "{what}: {end}");
                assert_eq!(end["problem"]["code"], "near_repeat", "{what}: {end}");
                let told = end["problem"].to_string();
                assert!(!told.contains("Hand") && !told.contains("Help"));
            }
        }
    }
    assert_eq!(counted(&service, "releases").await, 3);
    assert_eq!(counted(&service, "near_repeats").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_formal_study_gives_noised_counts_until_the_budget_of_the_records_is_spent() {
    let dir = folder();
    let formal = ("mode = \"controlled\"", "mode = \"formal\"\nuses = 2");
    let studies = studies(dir.path(), &[formal]);
    let flags = ["--studies", studies.to_str().unwrap()];
    let service = Service::with(&dir.path().join("data"), &flags);
    let charity = service.sign_in("a@hand.org", "Hand", "charity").await;
    let steward = service.sign_in("s@moj.org", "Ministry", "steward").await;
    let programme = charity.programme("Mentoring").await;
    for n in 0..2 {
        let end = end_of(&charity, &programme, &format!("list-{n}"), sample()).await;
        // The charity sees no difference between the first and the near repeat.
        assert_eq!(end["state"], "awaiting_release", "{end}");
        assert!(!end.to_string().contains("near"), "{end}");
        let id = end["id"].as_str().unwrap();
        let (status, report) = steward.get(&format!("submissions/{id}/findings")).await;
        assert_eq!(status, 200, "{report}");
        assert!(report.contains("discrete Laplace"));
        // Who decides is told.
        let seen = steward.json(&format!("submissions/{id}")).await;
        assert_eq!(seen["near_repeat"], n > 0, "{seen}");
    }
    assert_eq!(counted(&service, "near_repeats").await, 1);
    let spent = end_of(&charity, &programme, "list-2", sample()).await;
    assert_eq!(spent["problem"]["code"], "too_few_found", "{spent}");
    assert_eq!(counted(&service, "releases").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_record_and_answer_a_release_counts_once_or_never() {
    let dir = folder();
    let studies = studies(dir.path(), &[("approval = true", "approval = false")]);
    let flags = ["--studies", studies.to_str().unwrap()];
    let data = dir.path().join("data");
    let mut service = Service::with(&data, &flags);
    let password = service.account("a@hand.org", "Hand", "charity");
    let charity = service.signed_in("a@hand.org", &password).await;
    let programme = charity.programme("Mentoring").await;
    let (id, _) = charity.insist(&programme, "list-0", sample()).await;
    // Told as the worker begins to write what is on record by then.
    charity.reaches(&id, "writing").await;
    service.kill();
    let service = Service::with(&data, &flags);
    let charity = service.signed_in("a@hand.org", &password).await;
    let first = charity.end_of(&id).await;
    let released = u64::from(first["state"] == "released");
    assert_eq!(counted(&service, "releases").await, released, "{first}");
    let again = end_of(&charity, &programme, "list-1", sample()).await;
    match released {
        0 => assert_eq!(again["state"], "released", "{again}"),
        _ => assert_eq!(again["problem"]["code"], "near_repeat", "{again}"),
    }
    assert_eq!(counted(&service, "releases").await, 1);
}
