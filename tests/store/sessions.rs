//! Signing in, sessions, tokens, waits.

use crate::kit::*;
use counterpart::service::model::Role;
use counterpart::service::store::{LoginError, StoreError, TokenKind};

on_both!(
    a_session_lasts_until_it_ends,
    a_wrong_password_and_an_unknown_email_are_told_alike,
    failures_make_the_next_attempt_wait_longer_each_time,
    many_guesses_at_once_are_counted_each,
    a_token_is_its_owners_to_revoke,
    a_new_password_ends_what_the_old_one_opened,
    what_has_ended_is_forgotten,
);

const HOUR: i64 = 3_600_000;

async fn a_session_lasts_until_it_ends(world: World) {
    let store = world.store().await;
    let a = account(&store, "a@x.org", "A", Role::Charity).await;
    let (who, session) = store.login("A@x.org", PASSWORD).await.unwrap();
    assert_eq!(who, a);
    let other_node = world.store().await;
    let seen = other_node.account_of_token(session.expose()).await.unwrap();
    assert_eq!(seen.as_ref(), Some(&a));
    assert_eq!(store.account_of_token("cps_nobody").await.unwrap(), None);
    world.clock.advance_ms(12 * HOUR - 1);
    assert!(
        store
            .account_of_token(session.expose())
            .await
            .unwrap()
            .is_some()
    );
    world.clock.advance_ms(1);
    assert_eq!(
        store.account_of_token(session.expose()).await.unwrap(),
        None
    );
    let (_, second) = store.login("a@x.org", PASSWORD).await.unwrap();
    store.end_session(&by(&a), second.expose()).await.unwrap();
    assert_eq!(store.account_of_token(second.expose()).await.unwrap(), None);
    let gone = store.end_session(&by(&a), second.expose()).await;
    assert_eq!(gone.unwrap_err(), StoreError::NotFound { what: "token" });
}

async fn a_wrong_password_and_an_unknown_email_are_told_alike(world: World) {
    let store = world.store().await;
    account(&store, "a@x.org", "A", Role::Charity).await;
    for attempt in 0..7 {
        let wrong = store.login("a@x.org", "not the password").await.err();
        let unknown = store.login("nobody@x.org", "not the password").await.err();
        assert_eq!(wrong, unknown, "attempt {attempt}");
        let expected = match attempt {
            0..5 => LoginError::Refused,
            _ => LoginError::Wait { seconds: 30 },
        };
        assert_eq!(wrong, Some(expected), "attempt {attempt}");
    }
}

async fn failures_make_the_next_attempt_wait_longer_each_time(world: World) {
    let store = world.store().await;
    account(&store, "a@x.org", "A", Role::Charity).await;
    let wrong = async || store.login("a@x.org", "not the password").await.err();
    for _ in 0..5 {
        assert_eq!(wrong().await, Some(LoginError::Refused));
    }
    for seconds in [30, 60, 120] {
        // The right password is not looked at either.
        let early = store.login("a@x.org", PASSWORD).await.err();
        assert_eq!(early, Some(LoginError::Wait { seconds }));
        world
            .clock
            .advance_ms(i64::try_from(seconds).unwrap() * 1000);
        assert_eq!(wrong().await, Some(LoginError::Refused));
    }
    world.clock.advance_ms(240_000);
    assert!(store.login("a@x.org", PASSWORD).await.is_ok());
    // Success begins anew.
    for _ in 0..5 {
        assert_eq!(wrong().await, Some(LoginError::Refused));
    }
    assert_eq!(wrong().await, Some(LoginError::Wait { seconds: 30 }));
}

async fn many_guesses_at_once_are_counted_each(world: World) {
    let (one, two) = (world.store().await, world.store().await);
    account(&one, "a@x.org", "A", Role::Charity).await;
    let guesses = (0..16).map(|i| {
        let store = if i % 2 == 0 { one.clone() } else { two.clone() };
        tokio::spawn(async move { store.login("a@x.org", "not the password").await.err() })
    });
    let mut looked_at = 0;
    for guess in guesses.collect::<Vec<_>>() {
        match guess.await.unwrap().unwrap() {
            LoginError::Refused => looked_at += 1,
            LoginError::Wait { seconds } => assert_eq!(seconds, 30),
            LoginError::Store(e) => panic!("{e}"),
        }
    }
    assert_eq!(looked_at, 5);
}

async fn a_token_is_its_owners_to_revoke(world: World) {
    let store = world.store().await;
    let a = account(&store, "a@x.org", "A", Role::Charity).await;
    let b = account(&store, "b@x.org", "B", Role::Charity).await;
    let (info, token) = store
        .make_token(&by(&a), a.id, "nightly", HOUR)
        .await
        .unwrap();
    assert!(token.expose().starts_with("cpt_") && info.kind == TokenKind::Api);
    assert_eq!(
        store.tokens(a.id).await.unwrap(),
        std::slice::from_ref(&info)
    );
    assert_eq!(store.tokens(b.id).await.unwrap(), []);
    let others = store.revoke_token(&by(&b), b.id, &info.id).await;
    assert_eq!(others.unwrap_err(), StoreError::NotFound { what: "token" });
    assert!(
        store
            .account_of_token(token.expose())
            .await
            .unwrap()
            .is_some()
    );
    store.revoke_token(&by(&a), a.id, &info.id).await.unwrap();
    assert_eq!(store.account_of_token(token.expose()).await.unwrap(), None);
}

async fn a_new_password_ends_what_the_old_one_opened(world: World) {
    let store = world.store().await;
    let a = account(&store, "a@x.org", "A", Role::Charity).await;
    let (_, session) = store.login("a@x.org", PASSWORD).await.unwrap();
    for _ in 0..6 {
        let _ = store.login("a@x.org", "not the password").await;
    }
    store
        .set_password(&operator(), a.id, "another long password")
        .await
        .unwrap();
    assert_eq!(
        store.account_of_token(session.expose()).await.unwrap(),
        None
    );
    // The waits are over too: whoever keeps the machine has looked into it.
    assert!(store.login("a@x.org", PASSWORD).await.is_err());
    assert!(
        store
            .login("a@x.org", "another long password")
            .await
            .is_ok()
    );
}

async fn what_has_ended_is_forgotten(world: World) {
    let store = world.store().await;
    let a = account(&store, "a@x.org", "A", Role::Charity).await;
    store.login("a@x.org", PASSWORD).await.unwrap();
    store
        .make_token(&by(&a), a.id, "long", 100 * HOUR)
        .await
        .unwrap();
    let _ = store.login("nobody@x.org", "not the password").await;
    assert_eq!(store.forget_expired().await.unwrap(), 0);
    world.clock.advance_ms(25 * HOUR);
    assert_eq!(store.forget_expired().await.unwrap(), 2);
    assert_eq!(store.tokens(a.id).await.unwrap().len(), 1);
}
