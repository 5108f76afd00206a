//! The whole product of route, role, tenant and state, against rules said in other words.

use counterpart::service::model::{AccountId, OrganisationId, Role, State};
use counterpart::service::permissions::{Decision, Reach, Route, Subject, may, reach};
use counterpart::service::store::Account;

/// Every case: route, role, whether it is the account's own organisation's, state.
fn every_case(mut check: impl FnMut(Route, Role, bool, State, Decision)) {
    let (own, other) = (OrganisationId::random(), OrganisationId::random());
    let mut cases = 0;
    for &route in Route::ALL {
        for role in Role::ALL {
            for mine in [true, false] {
                for state in State::ALL {
                    let organisation = if mine { own } else { other };
                    let subject = Subject::Submission {
                        organisation,
                        state,
                    };
                    check(
                        route,
                        role,
                        mine,
                        state,
                        may(route, &account(role, own), subject),
                    );
                    cases += 1;
                }
            }
        }
    }
    assert_eq!(cases, Route::ALL.len() * 5 * 2 * 6);
}

fn account(role: Role, organisation: OrganisationId) -> Account {
    Account {
        id: AccountId::random(),
        email: "x@example.org".into(),
        organisation,
        role,
        active: true,
    }
}

fn is_open(route: Route) -> bool {
    matches!(
        route,
        Route::SeePortal
            | Route::Operations
            | Route::SeeOpenData
            | Route::OpenSession
            | Route::SeeLedger
    )
}

/// About one submission, so that whose it is and how it stands matters.
fn is_about_one(route: Route) -> bool {
    matches!(
        route,
        Route::SeeSubmission
            | Route::ReadReport
            | Route::ReadFindings
            | Route::ReadCertificate
            | Route::Withdraw
            | Route::Decide
            | Route::Publish
            | Route::ResolveIncident
    )
}

#[test]
fn a_charity_never_sees_anything_of_another_organisation() {
    every_case(|route, role, mine, state, decision| {
        if matches!(role, Role::Charity | Role::Researcher) && !mine && is_about_one(route) {
            assert_ne!(decision, Decision::Allow, "{route:?} {state:?}");
            assert_ne!(
                decision,
                Decision::NotNow,
                "{route:?} {state:?} tells that it is there"
            );
        }
    });
}

#[test]
fn an_auditor_never_sees_a_report_nor_a_submission() {
    every_case(|route, role, _, _, decision| {
        let telling = [
            Route::ReadReport,
            Route::ReadFindings,
            Route::SeeSubmission,
            Route::ListSubmissions,
            Route::ListProgrammes,
        ];
        if role == Role::Auditor && telling.contains(&route) {
            assert_eq!(decision, Decision::Forbidden, "{route:?}");
        }
    });
}

#[test]
fn nobody_reads_an_unreleased_finding_but_a_steward() {
    every_case(|route, role, mine, state, decision| {
        if !matches!(route, Route::ReadReport | Route::ReadFindings) || decision != Decision::Allow
        {
            return;
        }
        let fine = state == State::Released
            || state == State::AwaitingRelease
                && role == Role::Steward
                && route == Route::ReadFindings;
        assert!(fine, "{route:?} {role:?} {mine} {state:?}");
    });
}

#[test]
fn a_commissioner_meets_only_what_is_released() {
    every_case(|route, role, _, state, decision| {
        if role == Role::Commissioner && is_about_one(route) && state != State::Released {
            assert!(
                matches!(decision, Decision::Hidden | Decision::Forbidden),
                "{route:?}"
            );
        }
    });
}

#[test]
fn only_a_steward_decides_and_only_where_it_waits() {
    every_case(|route, role, _, state, decision| {
        let expected = match (route, role, state) {
            (Route::Decide, Role::Steward, State::AwaitingRelease)
            | (Route::ResolveIncident, Role::Steward, State::Incident) => Decision::Allow,
            (Route::Decide | Route::ResolveIncident, Role::Steward, _) => Decision::NotNow,
            (Route::Decide | Route::ResolveIncident, _, _) => Decision::Forbidden,
            _ => return,
        };
        assert_eq!(decision, expected, "{route:?} {role:?} {state:?}");
    });
}

#[test]
fn a_charity_has_the_use_of_its_own() {
    let mut used = 0;
    every_case(|route, role, mine, state, decision| {
        if role != Role::Charity || !mine {
            return;
        }
        let expected = match (route, state) {
            (Route::SeeSubmission, _) => Decision::Allow,
            (Route::ReadReport, State::Released) => Decision::Allow,
            (Route::ReadReport, _) => Decision::NotNow,
            (Route::ReadCertificate, State::AwaitingRelease | State::Released | State::Erased) => {
                Decision::Allow
            }
            (Route::ReadCertificate, _) => Decision::NotNow,
            (Route::Withdraw, State::Erased | State::Incident) => Decision::NotNow,
            (Route::Withdraw, _) => Decision::Allow,
            _ => return,
        };
        used += 1;
        assert_eq!(decision, expected, "{route:?} {state:?}");
    });
    assert_eq!(used, 4 * 6);
}

#[test]
fn what_a_role_may_not_do_at_all_is_refused_before_anything_is_looked_up() {
    let own = OrganisationId::random();
    every_case(|route, role, _, _, decision| {
        let before = may(route, &account(role, own), Subject::Nothing);
        // A 403 depends on the role alone: it tells nothing about the thing asked for.
        assert_eq!(
            before == Decision::Forbidden,
            decision == Decision::Forbidden
        );
        assert!(
            matches!(before, Decision::Allow | Decision::Forbidden),
            "{route:?}"
        );
        assert_eq!(reach(route, role).is_none(), is_open(route), "{route:?}");
    });
}

#[test]
fn the_trail_and_the_incidents_are_for_stewards_and_auditors() {
    for role in Role::ALL {
        for route in [Route::ReadAudit, Route::ListIncidents] {
            let all = matches!(role, Role::Steward | Role::Auditor);
            let expected = if all { Reach::All } else { Reach::No };
            assert_eq!(reach(route, role), Some(expected), "{route:?} {role:?}");
        }
        for route in [Route::Submit, Route::SealUpload, Route::MakeProgramme] {
            let hands_in = matches!(role, Role::Charity | Role::Researcher);
            let expected = if hands_in {
                Reach::Organisation
            } else {
                Reach::No
            };
            assert_eq!(reach(route, role), Some(expected), "{route:?} {role:?}");
        }
        for route in [
            Route::CloseSession,
            Route::ListTokens,
            Route::MakeToken,
            Route::RevokeToken,
        ] {
            assert_eq!(reach(route, role), Some(Reach::Own));
        }
    }
}

#[test]
fn a_disabled_account_may_do_nothing_but_what_all_may() {
    let own = OrganisationId::random();
    for &route in Route::ALL {
        for role in Role::ALL {
            let mut account = account(role, own);
            account.active = false;
            let expected = match is_open(route) {
                true => Decision::Allow,
                false => Decision::Forbidden,
            };
            assert_eq!(may(route, &account, Subject::Nothing), expected);
            assert_eq!(may(route, &account, Subject::Of(own)), expected);
        }
    }
}
