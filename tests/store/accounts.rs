//! Organisations, accounts, programmes.

use crate::kit::*;
use counterpart::service::model::{AccountId, Role};
use counterpart::service::store::{NewAccount, StoreError};

on_both!(
    an_account_is_known_by_its_email_however_it_is_written,
    an_organisation_is_made_once,
    what_is_no_account_is_refused,
    programmes_are_an_organisations_own,
    an_account_that_is_disabled_is_signed_out,
);

async fn an_account_is_known_by_its_email_however_it_is_written(world: World) {
    let store = world.store().await;
    let made = account(&store, " Ann@Example.ORG ", "A trust", Role::Steward).await;
    assert_eq!(made.email, "ann@example.org");
    assert_eq!(
        store.account_of_email("ANN@example.org").await.unwrap(),
        made
    );
    assert_eq!(store.account(made.id).await.unwrap(), made);
    let again = NewAccount {
        email: "ann@EXAMPLE.org",
        organisation: "Another",
        role: Role::Charity,
        password: PASSWORD,
    };
    let again = store.add_account(&operator(), &again).await;
    assert_eq!(again.unwrap_err(), StoreError::Exists { what: "account" });
    assert_eq!(store.accounts().await.unwrap(), [made]);
    let nobody = store.account(AccountId::random()).await;
    assert_eq!(
        nobody.unwrap_err(),
        StoreError::NotFound { what: "account" }
    );
}

async fn an_organisation_is_made_once(world: World) {
    let store = world.store().await;
    let a = account(&store, "a@x.org", "A trust", Role::Charity).await;
    let b = account(&store, "b@x.org", " A trust ", Role::Charity).await;
    let c = account(&store, "c@x.org", "C trust", Role::Charity).await;
    assert!(a.organisation == b.organisation && a.organisation != c.organisation);
    let kept = store.organisation(c.organisation).await.unwrap();
    assert_eq!(kept.name, "C trust");
}

async fn what_is_no_account_is_refused(world: World) {
    let store = world.store().await;
    for (email, organisation, password) in [
        ("no at", "A", PASSWORD),
        ("two@at@signs", "A", PASSWORD),
        ("@nobody", "A", PASSWORD),
        ("a@b c", "A", PASSWORD),
        ("a@b.org", "  ", PASSWORD),
        ("a@b.org", "A\nB", PASSWORD),
        ("a@b.org", "A", "too short"),
    ] {
        let new = NewAccount {
            email,
            organisation,
            role: Role::Charity,
            password,
        };
        let refused = store.add_account(&operator(), &new).await;
        assert!(
            matches!(refused, Err(StoreError::Invalid { .. })),
            "{email}"
        );
    }
    assert_eq!(store.accounts().await.unwrap(), []);
    assert_eq!(store.check_audit().await.unwrap(), Ok(0));
}

async fn programmes_are_an_organisations_own(world: World) {
    let store = world.store().await;
    let (a, b) = (home(&store, "a").await, home(&store, "b").await);
    let audit = by(&a.charity);
    let again = store
        .add_programme(&audit, a.organisation, " mentoring")
        .await;
    assert_eq!(again.unwrap_err(), StoreError::Exists { what: "programme" });
    let own = store.programmes(Some(a.organisation)).await.unwrap();
    assert!(own.len() == 1 && own[0].id == a.programme);
    assert_eq!(store.programmes(None).await.unwrap().len(), 2);
    assert_eq!(
        store.programme(b.programme).await.unwrap().organisation,
        b.organisation
    );
    assert_eq!(store.released_programmes().await.unwrap(), []);
    // Handing in under another organisation's programme finds nothing.
    let mut new = new_submission(&a, counterpart::service::model::NodeId::random());
    new.programme = b.programme;
    let refused = store.create_submission(&audit, &new).await;
    assert_eq!(
        refused.unwrap_err(),
        StoreError::NotFound { what: "programme" }
    );
}

async fn an_account_that_is_disabled_is_signed_out(world: World) {
    let store = world.store().await;
    let a = account(&store, "a@x.org", "A", Role::Charity).await;
    let (_, session) = store.login("a@x.org", PASSWORD).await.unwrap();
    let (_, token) = store
        .make_token(&by(&a), a.id, "script", 1_000_000)
        .await
        .unwrap();
    store.set_active(&operator(), a.id, false).await.unwrap();
    for dead in [&session, &token] {
        assert_eq!(store.account_of_token(dead.expose()).await.unwrap(), None);
    }
    assert!(store.login("a@x.org", PASSWORD).await.is_err());
    store.set_active(&operator(), a.id, true).await.unwrap();
    assert_eq!(
        store.account_of_token(session.expose()).await.unwrap(),
        None
    );
    assert!(store.login("a@x.org", PASSWORD).await.is_ok());
}
