//! The portal's pages, through HTTP: who may open which, forms that are ours alone, cookies, policies.

use crate::client::Answer;
use crate::kit::{Home, Options, PASSWORD, TestApp, clean_list};
use counterpart::service::api::Settings as Answers;
use counterpart::service::model::{Role, State, SubmissionId};
use counterpart::service::permissions::{Decision, Route, Subject, may, reach};
use counterpart::service::portal::PLACES;
use counterpart::service::store::Account;
use reqwest::multipart::{Form, Part};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder};

/// A browser with the cookies of one session.
struct Browser {
    http: reqwest::Client,
    base: String,
    cookie: Option<String>,
    csrf: String,
}

impl Browser {
    fn visitor(app: &TestApp) -> Browser {
        Browser {
            http: reqwest::Client::builder()
                .redirect(Policy::none())
                .build()
                .unwrap(),
            base: app.url(""),
            cookie: None,
            csrf: String::new(),
        }
    }

    /// Signed in without the form, which has tests of its own.
    async fn of(app: &TestApp, account: &Account) -> Browser {
        let (_, token) = app.store.login(&account.email, PASSWORD).await.unwrap();
        let mut browser = Browser::visitor(app);
        browser.cookie = Some(format!("counterpart={}", token.expose()));
        browser.csrf = csrf_of(&browser.get("/").await.text);
        browser
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let request = request.header("accept", "text/html");
        match &self.cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        }
    }

    async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::of(request.send().await.unwrap()).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, path);
        self.send(form(request, fields)).await
    }

    /// As the upload's own form sends it.
    async fn upload(&self, home: &Home, key: &str, file: Vec<u8>) -> Answer {
        let part = Part::bytes(file).file_name("list.csv");
        let form = Form::new()
            .text("csrf", self.csrf.clone())
            .text("key", key.to_owned())
            .text("programme", home.programme.to_string())
            .text("study", "reoffending")
            .text("agreement", "DSA 1")
            .text("lawful_basis", "public_task")
            .text("sealed", "")
            .text("check", "no")
            .part("file", part);
        let request = self.request(Method::POST, "/submissions").multipart(form);
        self.send(request).await
    }
}

/// A form as a browser sends it.
fn form(request: RequestBuilder, fields: &[(&str, &str)]) -> RequestBuilder {
    let escaped = |text: &str| -> String { text.bytes().map(|b| format!("%{b:02X}")).collect() };
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    request
        .header("content-type", "application/x-www-form-urlencoded")
        .body(pairs.join("&"))
}

/// The token in a page's forms.
fn csrf_of(page: &str) -> String {
    let at = page.split("name=\"csrf\" value=\"").nth(1);
    at.and_then(|rest| rest.split('"').next())
        .unwrap_or("")
        .to_owned()
}

async fn people(app: &TestApp, home: &str) -> Vec<(Account, Browser)> {
    let mut people = Vec::new();
    for role in Role::ALL {
        let email = format!("{role:?}@{home}.example.org");
        let account = app.account(&email, home, role).await;
        let browser = Browser::of(app, &account).await;
        people.push((account, browser));
    }
    people
}

/// The status that the table asks for; None where it lets the request through.
fn told(decision: Decision) -> Option<u16> {
    match decision {
        Decision::Allow => None,
        Decision::Hidden => Some(404),
        Decision::Forbidden => Some(403),
        Decision::NotNow => Some(409),
    }
}

/// A place with everything filled in.
fn address(path: &str, id: SubmissionId) -> String {
    let file = match path {
        _ if path.starts_with("/assets/") => return "/assets/none.css".into(),
        _ if path.starts_with("/studies/") => {
            return "/studies/reoffending/empty-list.csv".into();
        }
        _ if path.contains("/problems/") => "problems.csv",
        _ => "report.json",
    };
    path.replace("{id}", &id.to_string())
        .replace("{file}", file)
}

async fn ask(browser: &Browser, method: &str, path: &str, id: SubmissionId) -> Answer {
    let address = address(path, id);
    match method {
        // May go on for as long as the list is there: what it says first is enough.
        "get" if path.ends_with("/events") => {
            let response = browser.request(Method::GET, &address).send().await.unwrap();
            Answer {
                status: response.status().as_u16(),
                headers: response.headers().clone(),
                text: String::new(),
            }
        }
        "get" => browser.get(&address).await,
        _ => {
            let fields = [
                ("csrf", browser.csrf.as_str()),
                ("decision", "approve"),
                ("reason", "checked"),
                ("resolution", "looked into"),
                ("study", "no-such"),
                ("programme", "no-such"),
            ];
            browser.post(&address, &fields).await
        }
    }
}

/// About one submission, by its id.
fn is_about_one(path: &str) -> bool {
    path.contains("{id}") && !path.starts_with("/studies/")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_about_a_list_asks_the_table() {
    let app = TestApp::start().await;
    let own = app.home("own").await;
    app.home("other").await;
    let mut asked = 0;
    for home in ["own", "other"] {
        for (account, browser) in people(&app, home).await {
            for state in State::ALL {
                let shared = app.standing(&own, state).await;
                for &(method, path, route) in PLACES.iter().filter(|p| is_about_one(p.1)) {
                    let id = match method {
                        "post" => app.standing(&own, state).await,
                        _ => shared,
                    };
                    let subject = Subject::Submission {
                        organisation: own.account.organisation,
                        state,
                    };
                    let decision = match may(route, &account, Subject::Nothing) {
                        Decision::Allow => may(route, &account, subject),
                        no => no,
                    };
                    let answer = ask(&browser, method, path, id).await;
                    let what = format!("{method} {path}, {home} {:?}, {state:?}", account.role);
                    let elsewhere = route == Route::Withdraw && method == "post";
                    match told(decision) {
                        Some(status) => assert_eq!(answer.status, status, "{what}"),
                        // Its worker belongs to a server that is not this one.
                        None if elsewhere && state.has_worker() => {
                            assert_eq!(answer.status, 409, "{what}");
                        }
                        None => assert!(
                            ![401, 403].contains(&answer.status) && answer.status < 500,
                            "{what}: {}",
                            answer.status
                        ),
                    }
                    asked += 1;
                }
            }
        }
    }
    let places = PLACES.iter().filter(|p| is_about_one(p.1)).count();
    assert_eq!(asked, 2 * 5 * 6 * places);
    assert!(places >= 14);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_page_asks_the_role_alone_and_visitors_are_asked_to_sign_in() {
    let app = TestApp::start().await;
    let id = SubmissionId::random();
    let others = || PLACES.iter().filter(|p| !is_about_one(p.1));
    for (account, browser) in people(&app, "own").await {
        for &(method, path, route) in others().filter(|p| p.1 != "/sign-out") {
            let answer = ask(&browser, method, path, id).await;
            let what = format!("{method} {path}, {:?}", account.role);
            let open = reach(route, account.role).is_none();
            match told(may(route, &account, Subject::Nothing)) {
                Some(status) => assert_eq!(answer.status, status, "{what}"),
                // Signed in already; styles that are not there.
                None if open => assert!(answer.status < 500, "{what}: {}", answer.status),
                None => assert!(
                    ![401, 403].contains(&answer.status) && answer.status < 500,
                    "{what}: {}",
                    answer.status
                ),
            }
        }
    }
    let visitor = Browser::visitor(&app);
    for &(method, path, route) in PLACES {
        let answer = ask(&visitor, method, path, id).await;
        let open = reach(route, Role::Charity).is_none() && method == "get";
        match open {
            true => assert!([200, 404].contains(&answer.status), "{path}"),
            false => {
                assert_eq!(answer.status, 303, "{method} {path}: {answer:?}");
                let place = answer.header("location").unwrap();
                assert!(place.starts_with("/sign-in"), "{path}: {place}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_taken_from_our_own_page_in_the_same_session_alone() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let (one, two) = (
        Browser::of(&app, &home.account).await,
        Browser::of(&app, &home.account).await,
    );
    assert!(one.csrf != two.csrf && one.csrf.len() == 32);
    for token in ["", "0", two.csrf.as_str()] {
        let answer = one
            .post("/programmes/new", &[("csrf", token), ("name", "x")])
            .await;
        assert_eq!(answer.status, 403, "{token}");
        let mut stolen = Browser::of(&app, &home.account).await;
        stolen.csrf = token.into();
        let answer = stolen.upload(&home, "k1", clean_list()).await;
        assert_eq!(answer.status, 403, "{token}");
    }
    for (site, status) in [
        ("cross-site", 403),
        ("same-site", 403),
        ("same-origin", 303),
    ] {
        let fields = [("csrf", one.csrf.as_str()), ("name", site)];
        let request = one.request(Method::POST, "/programmes/new");
        let request = form(request, &fields);
        let answer = one.send(request.header("sec-fetch-site", site)).await;
        assert_eq!(answer.status, status, "{site}");
    }
    let made = app.store.programmes(None).await.unwrap();
    assert_eq!(made.len(), 2, "the home's own, and the one from our page");
    assert_eq!(
        app.keeper.charged.load(std::sync::atomic::Ordering::SeqCst),
        0,
        "no worker was started"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_sets_one_cookie_that_script_cannot_read_and_signing_out_ends_it() {
    for (behind_proxy, name, secure) in [
        (false, "counterpart", false),
        (true, "__Host-counterpart", true),
    ] {
        let answers = Answers {
            behind_proxy,
            ..Answers::default()
        };
        let options = Options {
            answers,
            ..Options::default()
        };
        let app = TestApp::with(options).await;
        let home = app.home("own").await;
        let mut browser = Browser::visitor(&app);
        let page = browser.get("/sign-in?next=/programmes").await;
        let visit = page.header("set-cookie").unwrap();
        assert!(visit.contains("SameSite=Strict") && visit.contains("HttpOnly"));
        browser.cookie = Some(visit.split(';').next().unwrap().to_owned());
        browser.csrf = csrf_of(&page.text);
        let fields = |password: &'static str| {
            [
                ("csrf", browser.csrf.as_str()),
                ("email", home.account.email.as_str()),
                ("password", password),
                ("next", "/programmes"),
            ]
        };
        let send = async |password| {
            let request = browser.request(Method::POST, "/sign-in");
            browser.send(form(request, &fields(password))).await
        };
        assert_eq!(send("wrong").await.status, 422);
        let signed_in = send(PASSWORD).await;
        assert_eq!(signed_in.status, 303, "{signed_in:?}");
        assert_eq!(signed_in.header("location"), Some("/programmes"));
        let cookie = signed_in.header("set-cookie").unwrap().to_owned();
        assert!(cookie.starts_with(&format!("{name}=cps_")), "{name}");
        for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(cookie.contains(part), "{part}");
        }
        assert_eq!(cookie.contains("; Secure"), secure);
        browser.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        let page = browser.get("/programmes").await;
        assert_eq!(page.status, 200);
        let csrf = csrf_of(&page.text);
        let out = browser.post("/sign-out", &[("csrf", &csrf)]).await;
        assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
        assert_eq!(browser.get("/programmes").await.status, 303);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_an_account_is_not_told_and_a_programs_token_opens_no_page() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let mut browser = Browser::visitor(&app);
    let form = browser.get("/sign-in").await;
    let visit = form.header("set-cookie").unwrap();
    browser.cookie = Some(visit.split(';').next().unwrap().to_owned());
    let csrf = csrf_of(&form.text);
    let mut pages = Vec::new();
    for email in [home.account.email.as_str(), "nobody@example.org"] {
        let fields = [("csrf", csrf.as_str()), ("email", email), ("password", "x")];
        let answer = browser.post("/sign-in", &fields).await;
        assert_eq!(answer.status, 422);
        pages.push(answer.text.replace(email, "EMAIL"));
    }
    assert_eq!(pages[0], pages[1]);
    let program = app.signed_in(&home.account).await;
    browser.cookie = Some(format!("counterpart={}", program.token()));
    assert_eq!(browser.get("/submissions").await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_keep_to_their_policy() {
    let app = TestApp::start().await;
    let own = app.home("own").await;
    let steward = app.account("s@example.org", "d", Role::Steward).await;
    let browser = Browser::of(&app, &steward).await;
    for state in State::ALL {
        let id = app.standing(&own, state).await;
        for &(method, path, _) in PLACES.iter().filter(|p| p.0 == "get") {
            let answer = ask(&browser, method, path, id).await;
            let kind = answer.header("content-type").unwrap_or("").to_owned();
            let whole_report = path.ends_with("/read") || path.ends_with("/findings");
            if !kind.starts_with("text/html") || (whole_report && answer.status == 200) {
                continue;
            }
            let policy = answer.header("content-security-policy").unwrap();
            assert!(
                policy.contains("script-src 'self'") && !policy.contains("unsafe"),
                "{path}"
            );
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
            for inline in [
                " style=",
                " onclick=",
                "<style",
                "<script>",
                "javascript:",
                "http://",
                "https://",
            ] {
                let text = answer.text.replace("http://www.w3.org/2000/svg", "");
                assert!(!text.contains(inline), "{path} has {inline}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_handed_in_without_script_and_sent_again_it_is_the_same() {
    let app = TestApp::start().await;
    let home = app.home("own").await;
    let browser = Browser::of(&app, &home.account).await;
    let none = browser.upload(&home, "k0", Vec::new()).await;
    assert_eq!(none.status, 422);
    assert!(none.text.contains("Choose the file with your list"));
    let taken = browser.upload(&home, "k1", clean_list()).await;
    assert_eq!(taken.status, 200, "{taken:?}");
    assert!(taken.text.contains("Your secret code"));
    assert_eq!(taken.header("connection"), Some("close"));
    let link = "href=\"/submissions/";
    let id = taken
        .text
        .split(link)
        .find_map(|rest| rest.get(..32)?.parse().ok());
    let id: SubmissionId = id.unwrap();
    let again = browser.upload(&home, "k1", clean_list()).await;
    assert!(
        again.text.contains("You had sent this file before")
            && again.text.contains(&id.to_string())
    );
    let other = browser.upload(&home, "k1", b"another".to_vec()).await;
    assert_eq!(other.status, 422);
    let kept = app.store.agreement(id).await.unwrap().unwrap();
    assert_eq!(kept.reference, "DSA 1");
    app.wait_for(id, &[State::AwaitingRelease]).await;
    let page = browser.get(&format!("/submissions/{id}")).await;
    assert!(page.text.contains("Your report is written") && page.text.contains("DSA 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_a_page_for_a_browser_and_a_problem_for_a_program() {
    let app = TestApp::start().await;
    let browser = Browser::visitor(&app);
    for path in ["/nothing", "/submissions/1/2/3/4"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 404);
        assert!(page.text.contains("Page not found"));
        assert_eq!(app.visitor().get(path).await.problem(404), "not-found");
    }
    let wrong = browser.post("/erasure", &[]).await;
    assert_eq!(wrong.status, 405);
    assert!(wrong.header("allow").is_some() && wrong.text.contains("<h1"));
    assert!(!wrong.text.contains("Sign out"));
    // Whoever has signed in finds the menu there too.
    let home = app.home("menu").await;
    let browser = Browser::of(&app, &home.account).await;
    for path in ["/nothing", "/submissions/00000000000000000000000000"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.text.contains("Sign out") && page.text.contains("Your lists"));
    }
}
