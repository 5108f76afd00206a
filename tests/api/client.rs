//! A client as a program that uses the API would be written, and answers as tests look at them.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use std::net::SocketAddr;

#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    address: SocketAddr,
    token: Option<String>,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn of(response: reqwest::Response) -> Answer {
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|v| v.to_str().unwrap())
    }

    /// A problem document of this status that says what to do next; gives its kind.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        let body = self.json();
        assert_eq!(body["status"], status);
        for field in ["title", "detail", "hint"] {
            assert!(
                body[field].as_str().is_some_and(|t| !t.is_empty()),
                "{field}: {self:?}"
            );
        }
        let kind = body["type"].as_str().unwrap();
        kind.strip_prefix("/api/v1/problems#").unwrap().to_owned()
    }
}

/// An upload as it is usually made.
#[derive(Clone)]
pub struct Upload {
    pub study: String,
    pub programme: String,
    pub file: Vec<u8>,
    pub key: Option<String>,
}

impl Client {
    pub fn new(address: SocketAddr, token: Option<&str>) -> Client {
        Client {
            http: reqwest::Client::new(),
            address,
            token: token.map(str::to_owned),
        }
    }

    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method, format!("http://{}{path}", self.address));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::of(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Status and bytes.
    pub async fn get_bytes(&self, path: &str) -> (u16, Vec<u8>) {
        let answer = self.request(Method::GET, path).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.bytes().await.unwrap().to_vec())
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body))
            .await
    }

    pub fn uploading(&self, upload: &Upload) -> RequestBuilder {
        let form = Form::new()
            .text("study", upload.study.clone())
            .text("programme", upload.programme.clone())
            .part(
                "file",
                Part::bytes(upload.file.clone()).file_name("list.csv"),
            );
        let mut headers = HeaderMap::new();
        if let Some(key) = &upload.key {
            let name = HeaderName::from_static("idempotency-key");
            headers.insert(name, HeaderValue::from_str(key).unwrap());
        }
        self.request(Method::POST, "/api/v1/submissions")
            .headers(headers)
            .multipart(form)
    }

    pub async fn upload(&self, upload: &Upload) -> Answer {
        self.send(self.uploading(upload)).await
    }
}

impl Client {
    /// Nobody listens there any more.
    pub async fn is_gone(address: SocketAddr) -> bool {
        tokio::net::TcpStream::connect(address).await.is_err()
    }
}
