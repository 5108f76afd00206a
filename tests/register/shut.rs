//! Types that hold people cannot be printed, serialised or copied.

use std::fmt::{Debug, Display};
use std::marker::PhantomData;

/// Says whether a type has a trait: an inherent constant, there only when it has, hides the
/// trait's constant of the same name.
macro_rules! has {
    ($type:ty: $bound:path) => {{
        struct Probe<T>(PhantomData<T>);
        #[allow(dead_code)]
        trait Otherwise {
            const HAS: bool = false;
        }
        impl<T> Otherwise for Probe<T> {}
        #[allow(dead_code)]
        impl<T: $bound> Probe<T> {
            const HAS: bool = true;
        }
        let _ = Probe::<$type>(PhantomData);
        Probe::<$type>::HAS
    }};
}

macro_rules! assert_shut {
    ($($type:ty),+ $(,)?) => {$(
        assert!(!has!($type: Debug), "{} prints", stringify!($type));
        assert!(!has!($type: Display), "{} displays", stringify!($type));
        assert!(!has!($type: serde::Serialize), "{} serialises", stringify!($type));
        assert!(!has!($type: ToString), "{} becomes text", stringify!($type));
    )+};
}

#[test]
fn the_probe_tells_the_traits_a_type_has_from_those_it_lacks() {
    assert!(has!(u32: Debug) && has!(u32: Display) && has!(u32: serde::Serialize));
    assert!(!has!(Vec<u32>: Display) && !has!(std::time::Instant: serde::Serialize));
}

#[test]
fn people_cannot_be_printed_displayed_or_serialised() {
    assert_shut!(
        counterpart::custody::Personal,
        counterpart::custody::PersonalDate,
        counterpart::cohort::Participant,
        counterpart::identity::Identity,
        counterpart::identity::Record<'static>,
        counterpart::identity::Dob,
        counterpart::register::RegisterIndex,
        counterpart::linkage::Link,
        counterpart::linkage::Links,
        counterpart::linkage::Looked,
        counterpart::linkage::Found,
        counterpart::linkage::Scored,
    );
}

#[test]
fn people_are_not_copied_by_accident() {
    assert!(!has!(counterpart::custody::Personal: Clone));
    assert!(!has!(counterpart::cohort::Participant: Clone));
    assert!(!has!(counterpart::register::RegisterIndex: Clone));
    assert!(!has!(counterpart::identity::Identity: Clone));
}
