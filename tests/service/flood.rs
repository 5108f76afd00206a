//! One organisation sends more lists than there is room for; another sends one.

use crate::kit::{Service, folder, sample};

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_from_one_organisation_does_not_starve_another() {
    let dir = folder();
    let service = Service::start(&dir.path().join("data"));
    let loud = service.sign_in("ann@loud.org", "Loud", "charity").await;
    let quiet = service.sign_in("bob@quiet.org", "Quiet", "charity").await;
    let programme = loud.programme("Mentoring").await;
    let other = quiet.programme("Training").await;
    let flood = (0..40).map(|n| {
        let (loud, programme) = (loud.clone(), programme.clone());
        tokio::spawn(async move {
            let answer = loud.upload(&programme, &n.to_string(), sample()).await;
            let answer = answer.unwrap();
            let retry = answer.headers().get("retry-after").cloned();
            let status = answer.status().as_u16();
            (
                status,
                retry,
                answer.json::<serde_json::Value>().await.unwrap(),
            )
        })
    });
    let (mut accepted, mut refused) = (Vec::new(), 0);
    for sent in flood.collect::<Vec<_>>() {
        let (status, retry, told) = sent.await.unwrap();
        match status {
            202 => accepted.push(told["id"].as_str().unwrap().to_owned()),
            503 => {
                assert!(retry.is_some() && told["hint"].is_string(), "{told}");
                refused += 1;
            }
            _ => panic!("{status} {told}"),
        }
    }
    assert!(
        accepted.len() >= 16 && refused > 0,
        "{} of 40",
        accepted.len()
    );

    let (status, told) = quiet.submit(&other, "one", sample()).await;
    assert_eq!(status, 202, "there is room for others: {told}");
    let mut waiting = 0;
    for id in &accepted {
        let now = loud.json(&format!("submissions/{id}")).await;
        waiting += u32::from(now["state"] == "received");
    }
    assert!(waiting >= 6, "only {waiting} of the flood wait");
    quiet.end_of(told["id"].as_str().unwrap()).await;
    let mut still = 0;
    for id in &accepted {
        let now = loud.json(&format!("submissions/{id}")).await;
        still += u32::from(now["state"] == "received");
    }
    // Turns go round: those that were being worked through, and one more at each place, came first.
    assert!(
        still + 4 >= waiting && still > 0,
        "{still} of {waiting} still wait"
    );
    for id in accepted {
        let ended = loud.end_of(&id).await;
        assert_eq!(ended["state"], "awaiting_release", "{ended}");
    }
}
