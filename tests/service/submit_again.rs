//! Connections that break under `counterpart submit`: the list comes once, whatever happens.

use crate::proxy::{Fault, Proxy};
use crate::submit::{LIST, Lab, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_list_whose_upload_is_cut_is_sealed_anew_and_comes_once() {
    let lab = Lab::open().await;
    let proxy = Proxy::before(&lab.service.address, Fault::Cut).await;
    let out = lab.path("out");
    let more = ["--wait", "--out", out.to_str().unwrap()];
    lab.submit(LIST, &proxy.address, &more)
        .ends_with(0)
        .says("trying again in")
        .says("It is of this list");
    // The first ends it, the second finds the key used up, the third has another.
    assert!(proxy.uploads() >= 2);
    let all = lab.submissions().await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["id"], json(&out.join("receipt.json"))["id"]);
    let names = std::fs::read_dir(&out).unwrap();
    let left = names.filter(|n| n.as_ref().unwrap().path().extension().unwrap() == "part");
    assert_eq!(left.count(), 0, "no receipt of a key that was not used");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_answer_is_lost_the_same_request_finds_its_submission() {
    for (flags, has_salt) in [
        (&["--wait", "--json"][..], true),
        (&["--plain", "--wait", "--json"], false),
    ] {
        let lab = Lab::open().await;
        let proxy = Proxy::before(&lab.service.address, Fault::AnswerLost).await;
        let done = lab.submit(LIST, &proxy.address, flags);
        done.ends_with(0);
        let told: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
        assert_eq!(proxy.uploads(), 2);
        let all = lab.submissions().await;
        assert_eq!(all.len(), 1);
        assert_eq!(all[0]["id"], told["id"]);
        assert_eq!(told["certificate"]["holds"], true);
        // Sealed, the salt came with the key; plain, it was told once, to nobody.
        assert_eq!(told["salt"].is_string(), has_salt);
        assert_eq!(told["certificate"]["is_of_this_list"], has_salt);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_full_is_asked_again_when_it_says() {
    let lab = Lab::open().await;
    let proxy = Proxy::before(&lab.service.address, Fault::Busy).await;
    lab.submit(LIST, &proxy.address, &[])
        .ends_with(0)
        .says("every place is taken; trying again in 1 s");
    assert_eq!(proxy.uploads(), 2);
    assert_eq!(lab.submissions().await.len(), 1);
    // Who has no patience is told what the service says.
    let proxy = Proxy::before(&lab.service.address, Fault::Busy).await;
    lab.submit(LIST, &proxy.address, &["--retry-for", "0"])
        .ends_with(3)
        .says("error: not at the moment: every place is taken\nhint: wait");
    assert_eq!(lab.submissions().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_service_is_gone_for_good_that_is_said_and_the_receipt_is_kept() {
    let lab = Lab::open().await;
    let proxy = Proxy::before(&lab.service.address, Fault::AllCut).await;
    let out = lab.path("out");
    let more = ["--out", out.to_str().unwrap(), "--retry-for", "0"];
    lab.submit(LIST, &proxy.address, &more)
        .ends_with(3)
        .says("whether the list was taken in is not known (submission ")
        .says("before you send the list again");
    assert!(json(&out.join("receipt.json"))["salt"].is_string());
    let nobody = "http://127.0.0.1:9";
    lab.submit(LIST, nobody, &["--retry-for", "0"])
        .ends_with(3)
        .says("nothing listens at that address")
        .never_says("os error");
    assert_eq!(lab.submissions().await.len(), 0);
}
