//! On what ground a list is handed in: what an organisation says of it, and the service keeps beside
//! the submission.

use super::problem::Problem;
use serde::{Deserialize, Serialize};

/// Characters of a reference.
pub const MOST_REFERENCE: usize = 100;

/// An agreement to share data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// As both sides call it: a number, nobody's name.
    pub reference: String,
    /// On what ground.
    pub basis: Basis,
}

/// A lawful basis: UK GDPR, Article 6(1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(utoipa::ToSchema)]
pub enum Basis {
    /// 6(1)(f).
    LegitimateInterests,
    /// 6(1)(e).
    PublicTask,
    /// 6(1)(c).
    LegalObligation,
    /// 6(1)(a).
    Consent,
}

impl Basis {
    /// All of them, the most usual of a charity first.
    pub const ALL: [Basis; 4] = [
        Basis::LegitimateInterests,
        Basis::PublicTask,
        Basis::LegalObligation,
        Basis::Consent,
    ];

    /// One word, as it is kept and sent.
    pub const fn name(self) -> &'static str {
        match self {
            Basis::LegitimateInterests => "legitimate_interests",
            Basis::PublicTask => "public_task",
            Basis::LegalObligation => "legal_obligation",
            Basis::Consent => "consent",
        }
    }

    /// For people.
    pub const fn words(self) -> &'static str {
        match self {
            Basis::LegitimateInterests => "Legitimate interests",
            Basis::PublicTask => "Public task",
            Basis::LegalObligation => "Legal obligation",
            Basis::Consent => "Consent",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Basis> {
        Basis::ALL.into_iter().find(|b| b.name() == name)
    }
}

impl Agreement {
    /// Out of what was sent: both or neither.
    ///
    /// # Errors
    /// 422.
    pub fn of(
        reference: Option<String>,
        basis: Option<String>,
    ) -> Result<Option<Agreement>, Problem> {
        let refused = |rule: &'static str| {
            Err(Problem::unprocessable(
                rule,
                "send both `agreement` and `lawful_basis`, or neither",
            ))
        };
        let (reference, basis) = match (reference, basis) {
            (None, None) => return Ok(None),
            (Some(reference), Some(basis)) => (reference.trim().to_owned(), Basis::named(&basis)),
            _ => return refused("an agreement has a reference and a lawful basis"),
        };
        let Some(basis) = basis else {
            return refused(
                "`lawful_basis` is legitimate_interests, public_task, legal_obligation or consent",
            );
        };
        match is_reference(&reference) {
            true => Ok(Some(Agreement { reference, basis })),
            false => refused("`agreement` has 1 to 100 characters and no line break"),
        }
    }
}

/// Whether a text can be a reference.
pub fn is_reference(text: &str) -> bool {
    !text.is_empty()
        && text.chars().count() <= MOST_REFERENCE
        && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agreement_is_whole_or_not_there() {
        let of = |a: Option<&str>, b: Option<&str>| {
            Agreement::of(a.map(str::to_owned), b.map(str::to_owned))
        };
        assert_eq!(of(None, None).unwrap(), None);
        let whole = of(Some(" DSA 12 "), Some("public_task")).unwrap().unwrap();
        assert_eq!(
            (whole.reference.as_str(), whole.basis),
            ("DSA 12", Basis::PublicTask)
        );
        for (a, b) in [
            (Some("DSA"), None),
            (None, Some("consent")),
            (Some(""), Some("consent")),
            (Some("a\nb"), Some("consent")),
            (Some("DSA"), Some("because")),
        ] {
            assert_eq!(of(a, b).unwrap_err().status, 422, "{a:?} {b:?}");
        }
        let long = "x".repeat(MOST_REFERENCE + 1);
        assert!(of(Some(&long), Some("consent")).is_err());
    }

    #[test]
    fn a_basis_is_known_by_the_name_it_is_sent_with() {
        for basis in Basis::ALL {
            assert_eq!(Basis::named(basis.name()), Some(basis));
            let json = serde_json::to_value(basis).unwrap();
            assert_eq!(json, basis.name());
        }
    }
}
