//! A server of a few repositories that misbehaves as told.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a server of tests: its threads share one list"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What somebody asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) range: Option<u64>,
    pub(super) token: Option<String>,
}

/// What is answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// The line goes dead after so many bytes of the body.
    pub(super) cut: Option<usize>,
}

impl Reply {
    pub(super) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            body: body.into(),
            ..Self::default()
        }
    }

    pub(super) fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn cut(mut self, after: usize) -> Self {
        self.cut = Some(after);
        self
    }

    /// A whole content as a server that knows ranges gives it.
    pub(super) fn ranged(body: &[u8], range: Option<u64>) -> Self {
        let Some(from) = range else {
            return Self::ok(body);
        };
        let range = format!("bytes {from}-{}/{}", body.len() - 1, body.len());
        let mut reply = Self::ok(&body[from as usize..]).header("Content-Range", &range);
        reply.status = 206;
        reply
    }
}

type Answers = dyn Fn(&Asked, usize) -> Reply + Send + Sync;

/// A server on a port of its own. It ends with the process.
pub(super) struct Server {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Answers with what `answers` gives for a request, and how many of the same path came before.
    pub(super) fn new(answers: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answers, log): (Arc<Answers>, _) = (Arc::new(answers), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, log) = (Arc::clone(&answers), Arc::clone(&log));
                std::thread::spawn(move || serve(stream, &*answers, &log));
            }
        });
        Self { url, asked }
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, answers: &Answers, log: &Mutex<Vec<Asked>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let mut asked = Asked {
        path: first.split(' ').nth(1).unwrap().to_owned(),
        range: None,
        token: None,
    };
    for line in lines {
        let line = line.unwrap();
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        match name.to_lowercase().as_str() {
            "range" => {
                let from = value
                    .trim()
                    .trim_start_matches("bytes=")
                    .trim_end_matches('-');
                asked.range = Some(from.parse().unwrap());
            }
            "authorization" => asked.token = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let before = {
        let mut log = log.lock().unwrap();
        let before = log.iter().filter(|other| other.path == asked.path).count();
        log.push(asked.clone());
        before
    };
    let reply = answers(&asked, before);
    let mut head = format!(
        "HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n",
        reply.status,
        reply.body.len()
    );
    for (name, value) in &reply.headers {
        head = format!("{head}{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    let sent = reply.cut.unwrap_or(reply.body.len());
    let body = &reply.body[..sent];
    // Whoever asked may have had enough.
    drop(
        stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(body)),
    );
}
