//! Who may do what: one table of routes and roles. The API's only door asks it; a test walks the
//! whole product of route, role, tenant and state.

use super::model::{OrganisationId, Role, State};
use super::store::Account;

macro_rules! routes {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// What can be asked for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Route { $($(#[$doc])* $name),* }

        impl Route {
            /// All of them.
            pub const ALL: &[Route] = &[$(Route::$name),*];
        }
    };
}

routes!(
    /// The portal's open pages: what this is, how lists are erased, what numbers can show; its styles.
    SeePortal,
    /// Health, readiness, metrics, the OpenAPI document.
    Operations,
    /// What providers have published.
    SeeOpenData,
    /// Sign in.
    OpenSession,
    /// Checkpoints, entries and consistency proofs of the ledger: digests only.
    SeeLedger,
    /// Sign out.
    CloseSession,
    /// List one's own sessions and tokens.
    ListTokens,
    /// Make an API token for oneself.
    MakeToken,
    /// End one's own token.
    RevokeToken,
    /// Studies and their settings.
    SeeStudies,
    /// The register's dictionary.
    SeeRegister,
    /// List programmes.
    ListProgrammes,
    /// Make a programme.
    MakeProgramme,
    /// Ask for a key to seal an upload with.
    SealUpload,
    /// Hand in a list.
    Submit,
    /// List submissions.
    ListSubmissions,
    /// Where one stands, its steps, its progress as it goes.
    SeeSubmission,
    /// The report.
    ReadReport,
    /// The findings, also before their release.
    ReadFindings,
    /// The erasure certificate.
    ReadCertificate,
    /// Erase now.
    Withdraw,
    /// Approve or refuse a release.
    Decide,
    /// Publish one's own released report, or take it back.
    Publish,
    /// Put released reports side by side.
    Compare,
    /// The register of data-sharing agreements.
    SeeAgreements,
    /// Put an agreement into the register.
    MakeAgreement,
    /// Sign an agreement for one's side, or end it.
    SignAgreement,
    /// The audit trail.
    ReadAudit,
    /// Incidents.
    ListIncidents,
    /// Resolve an incident.
    ResolveIncident,
);

/// How far a role reaches on a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Not at all.
    No,
    /// Its own account's.
    Own,
    /// Its organisation's.
    Organisation,
    /// Anybody's that is released.
    Released,
    /// Everything.
    All,
}

use Reach::{All, No, Organisation, Own, Released};

/// How far each role reaches; None where nobody needs to have signed in.
pub const fn reach(route: Route, role: Role) -> Option<Reach> {
    let [charity, commissioner, steward, researcher, auditor] = match route {
        Route::SeePortal
        | Route::Operations
        | Route::SeeOpenData
        | Route::OpenSession
        | Route::SeeLedger => {
            return None;
        }
        Route::CloseSession | Route::ListTokens | Route::MakeToken | Route::RevokeToken => {
            [Own, Own, Own, Own, Own]
        }
        Route::SeeStudies | Route::SeeRegister => [All, All, All, All, All],
        Route::ListProgrammes => [Organisation, Released, All, Organisation, No],
        Route::MakeProgramme => [Organisation, No, No, Organisation, No],
        Route::SealUpload | Route::Submit => [Organisation, No, No, Organisation, No],
        Route::ListSubmissions | Route::SeeSubmission => {
            [Organisation, Released, All, Organisation, No]
        }
        Route::ReadReport => [Organisation, Released, All, Organisation, No],
        Route::ReadFindings => [No, No, All, No, No],
        Route::ReadCertificate => [Organisation, Released, All, Organisation, All],
        Route::Withdraw => [Organisation, No, All, Organisation, No],
        Route::Decide => [No, No, All, No, No],
        Route::Publish => [Organisation, No, No, Organisation, No],
        Route::Compare => [No, Released, All, No, No],
        Route::SeeAgreements => [Organisation, No, All, Organisation, All],
        Route::MakeAgreement => [Organisation, No, No, Organisation, No],
        Route::SignAgreement => [Organisation, No, All, Organisation, No],
        Route::ReadAudit | Route::ListIncidents => [No, No, All, No, All],
        Route::ResolveIncident => [No, No, All, No, No],
    };
    Some(match role {
        Role::Charity => charity,
        Role::Commissioner => commissioner,
        Role::Steward => steward,
        Role::Researcher => researcher,
        Role::Auditor => auditor,
    })
}

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Nothing in particular: a list, a document. Lists are cut to the role's [`reach`].
    Nothing,
    /// An organisation's: a programme.
    Of(OrganisationId),
    /// A submission.
    Submission {
        /// Whose it is.
        organisation: OrganisationId,
        /// Where it stands.
        state: State,
    },
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Yes.
    Allow,
    /// Nobody may know that there is such a thing: 404, as for one that is not.
    Hidden,
    /// The role may not do this to anything: 403, told before anything is looked up.
    Forbidden,
    /// One's own, but not as it stands now: 409.
    NotNow,
}

/// Whether an account may do this. Ask with [`Subject::Nothing`] before anything is looked up, so
/// that a forbidden role learns nothing, then with the thing itself.
pub fn may(route: Route, account: &Account, subject: Subject) -> Decision {
    let Some(reach) = reach(route, account.role) else {
        return Decision::Allow;
    };
    if !account.active || reach == No {
        return Decision::Forbidden;
    }
    let (organisation, state) = match subject {
        Subject::Nothing => return Decision::Allow,
        Subject::Of(organisation) => (organisation, None),
        Subject::Submission {
            organisation,
            state,
        } => (organisation, Some(state)),
    };
    let reached = match reach {
        No => false,
        All => true,
        Own | Organisation => organisation == account.organisation,
        Released => state == Some(State::Released),
    };
    match (reached, state) {
        (false, _) => Decision::Hidden,
        (true, Some(state)) if !fits(route, state) => Decision::NotNow,
        (true, _) => Decision::Allow,
    }
}

/// Whether a route makes sense where a submission stands.
pub const fn fits(route: Route, state: State) -> bool {
    match route {
        Route::ReadReport | Route::Publish => matches!(state, State::Released),
        Route::ReadFindings => matches!(state, State::AwaitingRelease | State::Released),
        Route::ReadCertificate => state.is_certified(),
        Route::Withdraw => !matches!(state, State::Erased | State::Incident),
        Route::Decide => matches!(state, State::AwaitingRelease),
        Route::ResolveIncident => matches!(state, State::Incident),
        _ => true,
    }
}
