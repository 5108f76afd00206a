//! Where the service is.

use super::error::SubmitError;
use reqwest::Url;

/// The address of a service that may be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// `https://`, or `http://` on this machine; elsewhere only where `insecure` allows it.
    ///
    /// # Errors
    /// What is wrong with it, without repeating it.
    pub fn parse(text: &str, insecure: bool) -> Result<Address, SubmitError> {
        let refused = |why| Err(SubmitError::Address(why));
        let Ok(mut url) = Url::parse(text) else {
            return refused("it is no address");
        };
        if !["http", "https"].contains(&url.scheme()) {
            return refused("it must begin with https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refused("there is a user or password in it");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refused("there is a query or fragment in it");
        }
        if url.scheme() == "http" && !insecure && !is_here(&url) {
            return Err(SubmitError::Unprotected);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Address(url))
    }

    /// Of something of the API: `submissions`, ...
    pub fn of(&self, path: &str) -> String {
        format!("{self}/api/v1/{path}")
    }

    /// What is sent to it is encrypted on the way.
    pub fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

fn is_here(url: &Url) -> bool {
    // Addresses of version 6 stand in brackets.
    let host = url.host_str().unwrap_or("");
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|a| a.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_does_not_leave_the_machine_unprotected() {
        for fine in [
            "https://lab.example.org",
            "http://localhost:8080/",
            "http://127.0.0.9:80",
            "http://[::1]:1",
        ] {
            assert!(Address::parse(fine, false).is_ok(), "{fine}");
        }
        for open in [
            "http://lab.example.org",
            "http://192.168.1.2:8080",
            "http://localhost.example.org",
            "http://[::2]",
        ] {
            assert_eq!(Address::parse(open, false), Err(SubmitError::Unprotected));
            assert!(Address::parse(open, true).is_ok(), "{open}");
        }
        for wrong in [
            "lab",
            "ftp://lab.example.org",
            "https://a:b@lab.example.org",
            "https://lab.example.org/?x=1",
        ] {
            let refused = Address::parse(wrong, true);
            assert!(matches!(refused, Err(SubmitError::Address(_))), "{wrong}");
        }
    }

    #[test]
    fn the_api_is_below_it_wherever_it_is() {
        let of = |text| Address::parse(text, false).unwrap().of("sessions");
        assert_eq!(of("https://a.org"), "https://a.org/api/v1/sessions");
        assert_eq!(
            of("https://a.org/lab/"),
            "https://a.org/lab/api/v1/sessions"
        );
    }
}
