//! Following a submission.

use crate::kit::TestApp;
use counterpart::service::model::State;
use reqwest::Method;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_heard_is_not_told_again() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    let id = app.standing(&home, State::Erased).await;
    for step in ["received", "started"] {
        app.store.add_step(id, step, None).await.unwrap();
    }
    let path = format!("/api/v1/submissions/{id}/events");
    let after = async |last: &'static str| {
        let request = client
            .request(Method::GET, &path)
            .header("last-event-id", last);
        client.send(request).await
    };
    let all = client.get(&path).await;
    assert_eq!(all.text.matches("event: step").count(), 2);
    assert_eq!(all.text.matches("event: state").count(), 1);
    assert!(
        all.text.contains("id: 1\n") && all.text.contains("id: 2-erased\n"),
        "{}",
        all.text
    );
    let later = after("1").await;
    assert_eq!(later.text.matches("event: step").count(), 1);
    assert!(later.text.contains("2-erased"));
    assert_eq!(
        after("2-erased").await.status,
        204,
        "nothing is left to tell"
    );
    let nonsense = after("Zebedee-Quark").await;
    assert_eq!(nonsense.text, all.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_hears_each_move_and_the_servers_end() {
    let mut app = TestApp::start().await;
    let home = app.home("own").await;
    let client = app.signed_in(&home.account).await;
    let (first, second) = (
        app.standing(&home, State::Running).await,
        app.standing(&home, State::Running).await,
    );
    let follow = |id| {
        let client = client.clone();
        tokio::spawn(async move {
            client
                .get(&format!("/api/v1/submissions/{id}/events"))
                .await
        })
    };
    let (one, two) = (follow(first), follow(second));
    tokio::time::sleep(Duration::from_millis(700)).await;
    let event = counterpart::service::states::Event::WorkerDied;
    crate::kit::close(&app.store, first, event, vec![])
        .await
        .unwrap();
    let told = one.await.unwrap();
    assert!(
        told.text.contains("\"running\"") && told.text.contains("\"worker_died\""),
        "{}",
        told.text
    );
    assert!(!two.is_finished());
    app.stop().await;
    let told = tokio::time::timeout(Duration::from_secs(20), two).await;
    assert!(told.unwrap().unwrap().text.contains("\"running\""));
}
