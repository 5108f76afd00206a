//! The body of an upload, part after part: short fields, then one file, and nothing after it. What
//! a file is for must be known before its first byte, since no byte of it is kept here.

use crate::cohort::MAX_BYTES;
use crate::service::limits::{BESIDE_FILE, Deadline};
use crate::service::problem::{Kind, Problem};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use multer::{Constraints, Field, Multipart, SizeLimit};

/// Bytes of a field that is no file.
const MOST_FIELD: usize = 200;
/// Bytes that are read of a body whose answer is known already, so that the sender hears it.
const MOST_UNREAD: u64 = (MAX_BYTES + BESIDE_FILE) as u64;
const ORDER: &str = "send the fields study and programme (and sealed, if the file is), then the file, and nothing after it";

/// A body on its way in.
pub struct Form {
    parts: Multipart<'static>,
    deadline: Deadline,
    /// The sender waits to be asked for the body.
    waits: bool,
    /// It is a page's form, with what a page's form has besides.
    of_page: bool,
}

/// The fields before the file, as they were sent.
#[derive(Default)]
pub struct Fields {
    /// Id of a study.
    pub study: Option<String>,
    /// Id of a programme.
    pub programme: Option<String>,
    /// Id of a sealed upload.
    pub sealed: Option<String>,
    /// Reference of the data-sharing agreement.
    pub agreement: Option<String>,
    /// Name of the lawful basis.
    pub lawful_basis: Option<String>,
    /// `yes`: only to be checked.
    pub check: Option<String>,
    /// Of a page: shows that it is ours.
    pub csrf: Option<String>,
    /// Of a page: what a program sends in the header Idempotency-Key.
    pub key: Option<String>,
}

/// The file of a body, as it comes.
pub struct FilePart {
    part: Field<'static>,
    /// Read already, and not given yet.
    first: Option<Bytes>,
}

impl FilePart {
    /// The next bytes; None at the end.
    ///
    /// # Errors
    /// 400, 408, 413.
    pub async fn chunk(&mut self, deadline: Deadline) -> Result<Option<Bytes>, Problem> {
        match self.first.take() {
            Some(first) => Ok(Some(first)),
            None => chunk(&mut self.part, deadline).await,
        }
    }

    /// Whether there is nothing in it: of a page whose reader chose no file.
    ///
    /// # Errors
    /// As [`FilePart::chunk`].
    pub async fn is_empty(&mut self, deadline: Deadline) -> Result<bool, Problem> {
        while self.first.is_none() {
            match chunk(&mut self.part, deadline).await? {
                // What comes in pieces may begin with none.
                Some(bytes) if bytes.is_empty() => {}
                Some(bytes) => self.first = Some(bytes),
                None => return Ok(true),
            }
        }
        Ok(false)
    }
}

impl Form {
    /// Reads nothing yet.
    ///
    /// # Errors
    /// 413 and 415, by the headers alone.
    pub fn new(headers: &HeaderMap, body: Body, deadline: Deadline) -> Result<Form, Problem> {
        let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
        let boundary = text(header::CONTENT_TYPE).and_then(|t| multer::parse_boundary(t).ok());
        let boundary = boundary.ok_or_else(|| {
            Problem::new(
                Kind::MediaType,
                "the body must be of type multipart/form-data, with its boundary",
                ORDER,
            )
        })?;
        let length = text(header::CONTENT_LENGTH).and_then(|l| l.parse::<u64>().ok());
        if length.is_some_and(|l| l > MOST_UNREAD) {
            return Err(Problem::too_large(MAX_BYTES as u64));
        }
        let limit = SizeLimit::new().whole_stream(MOST_UNREAD);
        let limits = Constraints::new().size_limit(limit);
        let stream = body.into_data_stream();
        Ok(Form {
            parts: Multipart::with_constraints(stream, boundary, limits),
            deadline,
            waits: headers.contains_key(header::EXPECT),
            of_page: false,
        })
    }

    /// The form of a page.
    pub fn of_page(self) -> Form {
        Form {
            of_page: true,
            ..self
        }
    }

    /// The fields, and the file's part behind them.
    ///
    /// # Errors
    /// 400, 408, 413, and 422 for another order.
    pub async fn fields(&mut self) -> Result<(Fields, FilePart), Problem> {
        let mut fields = Fields::default();
        loop {
            let part = self.next().await?;
            let part = part.ok_or_else(|| order("the part `file` is missing"))?;
            let place = match part.name() {
                Some("file") if fields.study.is_some() && fields.programme.is_some() => {
                    return Ok((fields, FilePart { part, first: None }));
                }
                Some("file") => {
                    return Err(order("`study` and `programme` must come before the file"));
                }
                Some("study") => &mut fields.study,
                Some("programme") => &mut fields.programme,
                Some("sealed") => &mut fields.sealed,
                Some("agreement") => &mut fields.agreement,
                Some("lawful_basis") => &mut fields.lawful_basis,
                Some("check") => &mut fields.check,
                Some("csrf") if self.of_page => &mut fields.csrf,
                Some("key") if self.of_page => &mut fields.key,
                _ => return Err(order("there is a part that is not known here")),
            };
            if place.is_some() {
                return Err(order("a field stands there twice"));
            }
            *place = Some(short(part, self.deadline).await?);
        }
    }

    async fn next(&mut self) -> Result<Option<Field<'static>>, Problem> {
        self.waits = false;
        let next = self.deadline.of(self.parts.next_field()).await?;
        next.map_err(|e| garbled(&e))
    }

    /// Nothing comes after the file, and the body is whole.
    ///
    /// # Errors
    /// 400, 408, 413, 422.
    pub async fn ended(&mut self) -> Result<(), Problem> {
        match self.next().await? {
            None => Ok(()),
            Some(_) => Err(order("the file must be the last part")),
        }
    }

    /// Reads what is left and forgets it: who is still sending would not hear the answer.
    pub async fn drain(mut self) {
        if self.waits {
            return;
        }
        while let Ok(Some(mut part)) = self.next().await {
            while let Ok(Ok(Some(_))) = self.deadline.of(part.chunk()).await {}
        }
    }
}

async fn chunk(part: &mut Field<'static>, deadline: Deadline) -> Result<Option<Bytes>, Problem> {
    deadline.of(part.chunk()).await?.map_err(|e| garbled(&e))
}

async fn short(mut part: Field<'static>, deadline: Deadline) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(more) = chunk(&mut part, deadline).await? {
        bytes.extend_from_slice(&more);
        if bytes.len() > MOST_FIELD {
            return Err(order(
                "a field other than the file is longer than 200 bytes",
            ));
        }
    }
    String::from_utf8(bytes).map_err(|_| order("a field is not UTF-8"))
}

fn order(detail: &'static str) -> Problem {
    Problem::unprocessable(detail, ORDER)
}

fn garbled(e: &multer::Error) -> Problem {
    match e {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => {
            Problem::too_large(MAX_BYTES as u64)
        }
        _ => Problem::bad_request(
            "the body ended too early, or is not multipart/form-data",
            "send it again, whole; nothing of it was kept",
        ),
    }
}
