//! Hugging Face, or whoever speaks as it does, over HTTP.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use ureq::http::{Response, StatusCode, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::source::{ContentName, Listing, Opened, RemoteFile, Source, stays_inside};
use super::token::Token;
use super::{GetError, RepoName};

/// Where repositories are, unless `HF_ENDPOINT` says otherwise.
const ENDPOINT: &str = "https://huggingface.co";
/// Addresses an answer may send us to, one after the other.
const MOST_REDIRECTS: u32 = 6;
/// Bytes of a list of files, at most.
const LONGEST_LIST: u64 = 32 << 20;
/// A connection that is silent for long is renewed; so is every one, after this time.
const RENEWED: Duration = Duration::from_mins(1);
const ANSWER: Duration = Duration::from_secs(30);

/// Hugging Face over HTTP.
#[derive(Debug)]
pub struct HuggingFace {
    agent: Agent,
    endpoint: String,
    token: Option<Token>,
}

impl HuggingFace {
    /// As the environment of the person who runs this process says.
    pub fn of_this_user() -> Self {
        let endpoint = std::env::var("HF_ENDPOINT").ok();
        let endpoint = endpoint.filter(|endpoint| !endpoint.trim().is_empty());
        Self::new(
            endpoint.as_deref().unwrap_or(ENDPOINT),
            Token::of_this_user(),
        )
    }

    pub fn new(endpoint: &str, token: Option<Token>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .user_agent(concat!("afterimage/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            // A token goes to its own host alone, so they are followed here.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(ANSWER))
            .timeout_recv_response(Some(ANSWER))
            .timeout_recv_body(Some(RENEWED))
            .build();
        Self {
            agent: Agent::new_with_config(config),
            endpoint: endpoint.trim().trim_end_matches('/').to_owned(),
            token,
        }
    }

    /// Whether there is a token, wherever it comes from.
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// The answer at the end of all redirects.
    fn get(&self, url: &str, offset: u64) -> Result<Response<Body>, GetError> {
        let mut url = url.to_owned();
        for _ in 0..MOST_REDIRECTS {
            let mut request = self.agent.get(&url);
            if let Some(token) = self.token.as_ref().filter(|_| self.is_ours(&url)) {
                request = request.header("Authorization", token.header());
            }
            if offset > 0 {
                request = request.header("Range", format!("bytes={offset}-"));
            }
            let answer = request.call().map_err(|error| GetError::Line {
                host: host_of(&url),
                reason: error.to_string(),
            })?;
            if !answer.status().is_redirection() {
                return Ok(answer);
            }
            let to = header(&answer, "location").unwrap_or_default();
            let next = joined(&url, &to);
            if url.starts_with("https:") && !next.starts_with("https:") {
                return Err(unusable(&url, "it leads to a connection others can read"));
            }
            url = next;
        }
        Err(unusable(&url, "it leads from address to address"))
    }

    /// Whether an address is the endpoint's own.
    fn is_ours(&self, url: &str) -> bool {
        origin(url).is_some_and(|own| Some(own) == origin(&self.endpoint))
    }

    /// What an answer that is none means.
    fn refusal(
        &self,
        url: &str,
        (repo, revision): (&RepoName, &str),
        answer: &Response<Body>,
    ) -> GetError {
        let code = header(answer, "x-error-code").unwrap_or_default();
        let (repo, endpoint) = (repo.to_string(), self.endpoint.clone());
        match (answer.status(), code.as_str()) {
            (StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT, _) => busy(url, answer),
            (status, _) if status.is_server_error() => busy(url, answer),
            (_, "RevisionNotFound") => GetError::NoRevision {
                repo,
                revision: revision.to_owned(),
            },
            (StatusCode::NOT_FOUND, _) | (_, "RepoNotFound") => {
                GetError::NoRepository { repo, endpoint }
            }
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) if self.token.is_some() => {
                GetError::NotAllowed { repo, endpoint }
            }
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => {
                GetError::NeedsToken { repo, endpoint }
            }
            (status, _) => unusable(url, &format!("status {}", status.as_u16())),
        }
    }
}

/// What the list of a repository's files says.
#[derive(Deserialize)]
struct ListAnswer {
    sha: String,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sibling {
    rfilename: String,
    blob_id: Option<String>,
    size: Option<u64>,
    lfs: Option<Lfs>,
}

/// A file that git itself does not hold.
#[derive(Deserialize)]
struct Lfs {
    sha256: String,
    size: u64,
}

impl Source for HuggingFace {
    fn list(&self, repo: &RepoName, revision: &str) -> Result<Listing, GetError> {
        let revision_part = in_address(revision, false);
        let url = format!(
            "{}/api/models/{repo}/revision/{revision_part}?blobs=true",
            self.endpoint
        );
        let mut answer = self.get(&url, 0)?;
        if !answer.status().is_success() {
            return Err(self.refusal(&url, (repo, revision), &answer));
        }
        let body = answer
            .body_mut()
            .with_config()
            .limit(LONGEST_LIST)
            .read_to_vec();
        let body = body.map_err(|error| GetError::Line {
            host: host_of(&url),
            reason: error.to_string(),
        })?;
        let list: ListAnswer =
            serde_json::from_slice(&body).map_err(|error| unusable(&url, &error.to_string()))?;
        let is_commit =
            list.sha.len() == 40 && list.sha.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_commit {
            return Err(unusable(&url, "it names no commit"));
        }
        let files = list.siblings.into_iter().filter_map(file);
        Ok(Listing {
            commit: list.sha,
            files: files.collect(),
        })
    }

    fn open(
        &self,
        repo: &RepoName,
        commit: &str,
        file: &RemoteFile,
        offset: u64,
    ) -> Result<Opened, GetError> {
        let path = in_address(&file.path, true);
        let url = format!("{}/{repo}/resolve/{commit}/{path}", self.endpoint);
        let answer = self.get(&url, offset)?;
        let start = match answer.status() {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT => {
                let range = header(&answer, "content-range");
                let range = range.as_deref().and_then(parse_range);
                let (start, total) = range.ok_or_else(|| unusable(&url, "a range that is none"))?;
                if total.is_some_and(|total| total != file.bytes) {
                    return Err(unusable(&url, "the file has another length than was told"));
                }
                start
            }
            _ => return Err(self.refusal(&url, (repo, commit), &answer)),
        };
        Ok(Opened {
            start,
            bytes: Box::new(answer.into_body().into_reader()),
        })
    }
}

/// A file whose name and content are sound; others cannot be got.
fn file(sibling: Sibling) -> Option<RemoteFile> {
    let (content, bytes) = match (sibling.lfs, sibling.blob_id) {
        (Some(lfs), _) => (ContentName::Sha256(lfs.sha256), lfs.size),
        (None, Some(blob)) => (ContentName::Git(blob), sibling.size?),
        (None, None) => return None,
    };
    let sound = content.is_sound() && stays_inside(&sibling.rfilename);
    sound.then_some(RemoteFile {
        path: sibling.rfilename,
        bytes,
        content,
    })
}

/// First byte and whole length of `bytes 5-9/10`; the length may be unknown.
fn parse_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    let total = total.trim().parse().ok();
    (first <= last).then_some((first, total))
}

fn header(answer: &Response<Body>, name: &str) -> Option<String> {
    let value = answer.headers().get(name)?;
    value.to_str().ok().map(str::to_owned)
}

/// Scheme, host and port.
fn origin(url: &str) -> Option<(String, String, Option<u16>)> {
    let uri: Uri = url.parse().ok()?;
    let scheme = uri.scheme_str()?.to_lowercase();
    Some((scheme, uri.host()?.to_lowercase(), uri.port_u16()))
}

fn host_of(url: &str) -> String {
    let uri: Option<Uri> = url.parse().ok();
    uri.and_then(|uri| uri.host().map(str::to_owned))
        .unwrap_or_else(|| url.to_owned())
}

/// An address as one that was found at another is meant.
fn joined(base: &str, to: &str) -> String {
    if to.contains("://") {
        return to.to_owned();
    }
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    if let Some(path) = to.strip_prefix("//") {
        return format!("{scheme}://{path}");
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if to.starts_with('/') {
        return format!("{scheme}://{host}{to}");
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{scheme}://{host}/{folder}/{to}")
}

/// A name as a part of an address.
fn in_address(name: &str, keep_slashes: bool) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const PART: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~');
    const PATH: &AsciiSet = &PART.remove(b'/');
    utf8_percent_encode(name, if keep_slashes { PATH } else { PART }).to_string()
}

/// Another try may go better.
fn busy(url: &str, answer: &Response<Body>) -> GetError {
    GetError::Line {
        host: host_of(url),
        reason: format!("status {}", answer.status().as_u16()),
    }
}

fn unusable(url: &str, reason: &str) -> GetError {
    GetError::Answer {
        host: host_of(url),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_joined_as_browsers_do() {
        let base = "https://a.b/c/d?e";
        assert_eq!(joined(base, "https://x/y"), "https://x/y");
        assert_eq!(joined(base, "/y"), "https://a.b/y");
        assert_eq!(joined(base, "//x/y"), "https://x/y");
        assert_eq!(joined(base, "y"), "https://a.b/c/y");
        assert_eq!(in_address("a b/ü.txt", true), "a%20b/%C3%BC.txt");
        assert_eq!(in_address("refs/pr/1", false), "refs%2Fpr%2F1");
    }

    #[test]
    fn ranges_are_understood_and_nonsense_is_none() {
        assert_eq!(parse_range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(parse_range("bytes 5-9/*"), Some((5, None)));
        for text in ["", "bytes */10", "bytes 9-5/10", "5-9/10"] {
            assert_eq!(parse_range(text), None, "{text}");
        }
    }

    #[test]
    fn what_cannot_become_a_name_on_disk_is_left_out() {
        let sibling = |path: &str, hash: &str| Sibling {
            rfilename: path.to_owned(),
            blob_id: Some(hash.to_owned()),
            size: Some(1),
            lfs: None,
        };
        let hash = "ce013625030ba8dba906f756967f9e9ca394464a";
        assert!(file(sibling("a/b.json", hash)).is_some());
        assert!(file(sibling("../b.json", hash)).is_none());
        assert!(file(sibling("b.json", "../../b")).is_none());
    }
}
