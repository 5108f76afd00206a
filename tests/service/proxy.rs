//! What stands between a sender and the service: it keeps every byte that goes through, and may fail.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What goes wrong with the first upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The connection is cut within the list.
    Cut,
    /// It arrives, and the answer is lost.
    AnswerLost,
    /// It is told to come back.
    Busy,
    /// And with all that come after it.
    AllCut,
}

pub struct Proxy {
    pub address: String,
    seen: Arc<Mutex<Vec<u8>>>,
    uploads: Arc<AtomicUsize>,
}

impl Proxy {
    pub async fn before(service: &str, fault: Fault) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let uploads = Arc::new(AtomicUsize::new(0));
        let service = service.trim_start_matches("http://").to_owned();
        let (kept, counted) = (seen.clone(), uploads.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (service, kept, counted) = (service.clone(), kept.clone(), counted.clone());
                tokio::spawn(async move {
                    // A connection that ends early is what is wanted.
                    let _ = pass(client, &service, &kept, &counted, fault).await;
                });
            }
        });
        Proxy {
            address,
            seen,
            uploads,
        }
    }

    /// Every byte that went through, either way.
    pub fn seen(&self) -> Vec<u8> {
        self.seen.lock().unwrap().clone()
    }

    /// Uploads that were begun.
    pub fn uploads(&self) -> usize {
        self.uploads.load(Ordering::SeqCst)
    }
}

async fn pass(
    mut client: TcpStream,
    service: &str,
    kept: &Mutex<Vec<u8>>,
    counted: &AtomicUsize,
    fault: Fault,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        if client.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let is_upload = head.starts_with(b"POST /api/v1/submissions ");
    let first = is_upload && counted.fetch_add(1, Ordering::SeqCst) == 0;
    let fault = match fault {
        Fault::AllCut if is_upload => Fault::Cut,
        fault if first => fault,
        _ => Fault::None,
    };
    if fault == Fault::Busy {
        return busy(&mut client, head).await;
    }
    let mut server = TcpStream::connect(service).await?;
    kept.lock().unwrap().extend_from_slice(&head);
    server.write_all(&head).await?;
    if fault == Fault::Cut {
        let mut some = vec![0; 2_000];
        let n = client.read(&mut some).await?;
        return server.write_all(&some[..n]).await;
    }
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = async {
        let mut bytes = vec![0; 1 << 16];
        loop {
            let n = from_client.read(&mut bytes).await?;
            kept.lock().unwrap().extend_from_slice(&bytes[..n]);
            to_server.write_all(&bytes[..n]).await?;
            if n == 0 {
                return Ok::<_, std::io::Error>(());
            }
        }
    };
    let down = async {
        let mut bytes = vec![0; 1 << 16];
        loop {
            let n = from_server.read(&mut bytes).await?;
            if n == 0 || fault == Fault::AnswerLost {
                return Ok::<_, std::io::Error>(());
            }
            kept.lock().unwrap().extend_from_slice(&bytes[..n]);
            to_client.write_all(&bytes[..n]).await?;
        }
    };
    // The service ends each connection.
    tokio::select! {
        done = down => done,
        Err(e) = up => Err(e),
    }
}

/// Reads the request to its end and refuses it.
async fn busy(client: &mut TcpStream, mut request: Vec<u8>) -> std::io::Result<()> {
    let text = String::from_utf8_lossy(&request).to_lowercase();
    let head = text.find("\r\n\r\n").unwrap() + 4;
    let length = text
        .lines()
        .find_map(|l| l.strip_prefix("content-length: "));
    let length: usize = length.unwrap().parse().unwrap();
    while request.len() < head + length {
        client.read_buf(&mut request).await?;
    }
    let body = r#"{"type":"x","title":"not at the moment","status":503,"detail":"every place is taken","hint":"wait","retry_after":1}"#;
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\nretry-after: 1\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    client.write_all(answer.as_bytes()).await
}
