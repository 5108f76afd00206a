//! The register of agreements, and what is published.

use crate::kit::*;
use counterpart::service::agreement::Basis;
use counterpart::service::model::Role;
use counterpart::service::sharing::{Side, Standing, Terms};
use counterpart::service::states::Event;
use counterpart::service::store::StoreError;
use jiff::civil::date;

on_both!(
    an_agreement_is_kept_signed_and_ended_once,
    only_what_is_released_is_published_and_goes_with_it,
);

pub fn terms(reference: &str) -> Terms {
    Terms {
        reference: reference.into(),
        parties: "both".into(),
        purpose: "to learn".into(),
        lawful_basis: Basis::PublicTask,
        fields: vec!["dob".into(), "surname".into()],
        retention: "until the answer is there".into(),
        starts: date(2026, 1, 1),
        ends: date(2026, 12, 31),
    }
}

async fn an_agreement_is_kept_signed_and_ended_once(world: World) {
    let store = world.store().await;
    let (own, other) = (home(&store, "a").await, home(&store, "b").await);
    let audit = by(&own.charity);
    let organisation = own.charity.organisation;
    let made = store
        .add_sharing(&audit, organisation, &terms("DSA 1"))
        .await
        .unwrap();
    let again = store
        .add_sharing(&audit, organisation, &terms("DSA 1"))
        .await;
    assert!(matches!(again, Err(StoreError::Exists { .. })));
    // Another organisation may call its own the same.
    store
        .add_sharing(
            &by(&other.charity),
            other.charity.organisation,
            &terms("DSA 1"),
        )
        .await
        .unwrap();
    let day = date(2026, 6, 1);
    let standing = async || store.sharing(made.id).await.unwrap().standing(day);
    assert!(matches!(standing().await, Standing::Unsigned(_)));
    let sign = async |side, by: &str| store.sign_sharing(&audit, made.id, side, by).await.unwrap();
    sign(Side::Provider, "ann@x.org").await;
    sign(Side::Provider, "bob@x.org").await;
    assert_eq!(standing().await, Standing::Unsigned(vec![Side::Department]));
    sign(Side::Department, "stew@x.org").await;
    assert_eq!(standing().await, Standing::Live);
    let kept = store.sharing(made.id).await.unwrap();
    assert_eq!(kept.terms, terms("DSA 1"));
    let signed: Vec<&str> = kept.signatures.iter().map(|s| s.by.as_str()).collect();
    assert_eq!(
        signed,
        ["stew@x.org", "ann@x.org"],
        "the first signature of a side stays"
    );
    store.end_sharing(&audit, made.id).await.unwrap();
    assert_eq!(standing().await, Standing::Ended);
    let first = store.sharing(made.id).await.unwrap().ended_at;
    store.end_sharing(&audit, made.id).await.unwrap();
    assert_eq!(store.sharing(made.id).await.unwrap().ended_at, first);
    assert_eq!(store.all_sharing(None).await.unwrap().len(), 2);
    assert_eq!(
        store.all_sharing(Some(organisation)).await.unwrap().len(),
        1
    );
}

async fn only_what_is_released_is_published_and_goes_with_it(world: World) {
    let store = world.store().await;
    let home = home(&store, "a").await;
    let steward = account(&store, "s@x.org", "Department", Role::Steward).await;
    let id = waiting(&store, &home).await;
    let audit = by(&home.charity);
    let early = store.publish(&audit, id, "we help", "[]").await;
    assert!(matches!(early, Err(StoreError::Invalid { .. })));
    store
        .move_submission(&by(&steward), id, Event::Approve)
        .await
        .unwrap();
    store.publish(&audit, id, "we help", "[]").await.unwrap();
    store
        .publish(&audit, id, "we help people", "[1]")
        .await
        .unwrap();
    let all = store.publications().await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(
        (all[0].provider_says.as_str(), all[0].results.as_str()),
        ("we help people", "[1]")
    );
    assert_eq!(store.publication(id).await.unwrap().as_ref(), all.first());
    store
        .move_submission(&audit, id, Event::Withdraw)
        .await
        .unwrap();
    assert!(
        store.publications().await.unwrap().is_empty(),
        "it goes with the report"
    );
}
