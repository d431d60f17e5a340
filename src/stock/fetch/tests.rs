use std::path::{Path, PathBuf};
use std::time::Duration;

use super::server::{Asked, Reply, Server};
use super::*;
use crate::library::FileError;
use crate::recipe::sha256_of;

const COMMIT: &str = "39593d5650112b4cc580433f6b0435385882d819";

/// Bytes that differ from place to place.
fn large() -> Vec<u8> {
    (0..3_000_000u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect()
}

/// `git hash-object` of `{}`.
const CONFIG_NAME: &str = "9e26dfeeb6e641a33dae4961196235bdb965b21b";

/// The list of a repository with one large file and one small one.
fn list() -> Reply {
    let body = large();
    let list = serde_json::json!({
        "sha": COMMIT,
        "siblings": [
            {"rfilename": "config.json", "blobId": CONFIG_NAME, "size": 2},
            {"rfilename": "model.safetensors", "blobId": "0".repeat(40), "size": body.len(),
             "lfs": {"sha256": sha256_of(&[&body]), "size": body.len(), "pointerSize": 130}},
        ],
    });
    Reply::ok(serde_json::to_vec(&list).unwrap())
}

/// A server of that repository; `large_file` answers for the large one.
fn server(large_file: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Server {
    Server::new(move |asked, before| {
        if asked.path.starts_with("/api/models/org/name/revision/main") {
            return list();
        }
        match asked.path.rsplit('/').next() {
            Some("config.json") => Reply::ok("{}"),
            Some("model.safetensors") => large_file(asked, before),
            _ => Reply::status(404),
        }
    })
}

/// A cache of its own, and what gets models into it.
struct Desk {
    folder: tempfile::TempDir,
    source: HuggingFace,
}

impl Desk {
    fn new(server: &Server) -> Self {
        Self::with_token(server, None)
    }

    fn with_token(server: &Server, token: Option<&str>) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            source: HuggingFace::new(&server.url, token.and_then(Token::new)),
        }
    }

    fn downloader(&self) -> Downloader<'_> {
        let mut downloader = Downloader::new(&self.source, self.folder.path());
        downloader.patience = Patience {
            first: Duration::from_millis(1),
            longest: Duration::from_millis(4),
            most_tries: 4,
        };
        downloader
    }

    fn get(&self) -> Result<Fetched, GetError> {
        self.downloader()
            .get(&wish(), &Control::default(), &mut |_| ())
    }

    fn repo(&self) -> PathBuf {
        self.folder.path().join("models--org--name")
    }

    fn large_file(&self) -> PathBuf {
        self.repo()
            .join("snapshots")
            .join(COMMIT)
            .join("model.safetensors")
    }

    fn incomplete(&self) -> PathBuf {
        let name = format!("{}.incomplete", sha256_of(&[&large()]));
        self.repo().join("blobs").join(name)
    }

    /// The model is there, whole, and nothing else.
    fn assert_whole(&self, fetched: &Result<Fetched, GetError>) {
        let snapshot = self.repo().join("snapshots").join(COMMIT);
        assert_eq!(fetched, &Ok(Fetched::Whole(snapshot.clone())));
        assert!(std::fs::read(self.large_file()).unwrap() == large());
        assert_eq!(std::fs::read(snapshot.join("config.json")).unwrap(), b"{}");
        assert!(!self.incomplete().exists());
    }
}

fn wish() -> Wish {
    Wish::of(RepoName::parse("org/name").unwrap())
}

fn ranges(server: &Server) -> Vec<Option<u64>> {
    let asked = server.asked().into_iter();
    let large = asked.filter(|asked| asked.path.ends_with("model.safetensors"));
    large.map(|asked| asked.range).collect()
}

#[test]
fn a_wish_is_understood_with_the_revision_behind_it() {
    for (text, revision) in [
        ("org/name", "main"),
        (" org/name@v1.5 ", "v1.5"),
        ("org/name@refs/pr/3", "refs/pr/3"),
        ("https://huggingface.co/org/name", "main"),
        ("https://huggingface.co/org/name/tree/onnx/", "onnx"),
        ("https://huggingface.co/org/name@abc123", "abc123"),
    ] {
        let wish = Wish::parse(text).unwrap();
        assert_eq!(wish.repo.as_str(), "org/name", "{text}");
        assert_eq!(wish.revision, revision, "{text}");
    }
    for text in ["org/name@", "org@v1", "@v1", "org/tree/main"] {
        assert!(Wish::parse(text).is_err(), "{text}");
    }
    let known = CURATED.iter().find(|row| row.variant.is_some()).unwrap();
    let wish = Wish::parse(known.repo).unwrap();
    assert_eq!(wish.variant.as_deref(), known.variant);
}

#[test]
fn a_model_lies_in_the_cache_as_hugging_faces_own_programs_put_it_there() {
    let server = server(|asked, _| Reply::ranged(&large(), asked.range));
    let desk = Desk::new(&server);
    desk.assert_whole(&desk.get());
    let main = std::fs::read_to_string(desk.repo().join("refs/main")).unwrap();
    assert_eq!(main, COMMIT);
    #[cfg(unix)]
    {
        let link = std::fs::read_link(desk.large_file()).unwrap();
        let blob = format!("../../blobs/{}", sha256_of(&[&large()]));
        assert_eq!(link, Path::new(&blob));
    }
    assert!(desk.repo().join("blobs").join(CONFIG_NAME).is_file());
    let asked = server.asked().len();
    desk.assert_whole(&desk.get());
    assert_eq!(
        server.asked().len(),
        asked + 1,
        "nothing but the list a second time"
    );
}

#[test]
fn a_line_that_breaks_goes_on_where_it_broke() {
    let server = server(|asked, before| {
        let reply = Reply::ranged(&large(), asked.range);
        if before < 3 {
            reply.cut(700_000)
        } else {
            reply
        }
    });
    let desk = Desk::new(&server);
    desk.assert_whole(&desk.get());
    assert_eq!(
        ranges(&server),
        [None, Some(700_000), Some(1_400_000), Some(2_100_000)]
    );
}

#[test]
fn a_server_that_knows_no_ranges_begins_anew() {
    let server = server(|_, before| {
        let reply = Reply::ok(large());
        if before == 0 {
            reply.cut(700_000)
        } else {
            reply
        }
    });
    let desk = Desk::new(&server);
    desk.assert_whole(&desk.get());
    assert_eq!(ranges(&server), [None, Some(700_000)]);
}

#[test]
fn a_range_nobody_asked_for_is_not_written_into_the_file() {
    let server = server(|asked, before| match before {
        0 => Reply::ok(large()).cut(700_000),
        // As if the first bytes were missing.
        1 => Reply::ranged(&large(), asked.range.map(|from| from + 5)),
        _ => Reply::ranged(&large(), asked.range),
    });
    let desk = Desk::new(&server);
    desk.assert_whole(&desk.get());
    assert_eq!(ranges(&server), [None, Some(700_000), None]);
}

#[test]
fn a_file_of_another_length_is_refused() {
    let server = server(|asked, before| match before {
        0 => Reply::ok(large()).cut(700_000),
        _ => Reply::ranged(&[large(), large()].concat(), asked.range),
    });
    let error = Desk::new(&server).get().unwrap_err();
    assert!(matches!(error, GetError::Answer { .. }), "{error}");
}

#[test]
fn wrong_bytes_are_thrown_away_and_fetched_once_more() {
    let wrong = || {
        let mut wrong = large();
        wrong[1_000_000] ^= 1;
        wrong
    };
    let once = server(move |asked, before| {
        let body = if before == 0 { wrong() } else { large() };
        Reply::ranged(&body, asked.range)
    });
    let desk = Desk::new(&once);
    desk.assert_whole(&desk.get());
    assert_eq!(ranges(&once), [None, None]);

    let always = server(move |asked, _| Reply::ranged(&wrong(), asked.range));
    let desk = Desk::new(&always);
    let error = desk.get().unwrap_err();
    assert!(error.to_string().contains("model.safetensors"), "{error}");
    assert_eq!(ranges(&always).len(), 2);
    assert!(!desk.large_file().exists() && !desk.incomplete().exists());
}

#[test]
fn a_small_file_is_checked_too() {
    let server = Server::new(|asked, _| match asked.path.rsplit('/').next() {
        Some("config.json") => Reply::ok("[]"),
        Some("model.safetensors") => Reply::ok(large()),
        _ => list(),
    });
    let error = Desk::new(&server).get().unwrap_err();
    let expected = GetError::WrongBytes {
        file: "config.json".to_owned(),
    };
    assert_eq!(error, expected);
}

#[test]
fn a_token_goes_to_its_own_host_alone() {
    let elsewhere = Server::new(|asked, _| Reply::ranged(&large(), asked.range));
    let moved = elsewhere.url.clone();
    let own = Server::new(move |asked, _| {
        if asked.path.starts_with("/api/") {
            return list();
        }
        match asked.path.as_str() {
            "/moved/model.safetensors" => {
                Reply::status(302).header("Location", &format!("{moved}/cdn?signed=1"))
            }
            path if path.ends_with("config.json") => Reply::ok("{}"),
            _ => Reply::status(307).header("Location", "/moved/model.safetensors"),
        }
    });
    let desk = Desk::with_token(&own, Some("hf_secret"));
    desk.assert_whole(&desk.get());
    let to_own = own.asked();
    assert!(
        to_own
            .iter()
            .all(|asked| asked.token.as_deref() == Some("Bearer hf_secret"))
    );
    let there = elsewhere.asked();
    assert!(!there.is_empty() && there.iter().all(|asked| asked.token.is_none()));
    assert!(!format!("{:?}", desk.source).contains("secret"));
}

#[test]
fn a_ring_of_addresses_ends() {
    let server = server(|_, _| Reply::status(302).header("Location", "/a/model.safetensors"));
    let error = Desk::new(&server).get().unwrap_err();
    assert!(matches!(error, GetError::Answer { .. }), "{error}");
    assert!(ranges(&server).len() < 10);
}

#[test]
fn what_is_not_for_everybody_says_what_to_do() {
    let gated = || server(|_, _| Reply::status(401).header("X-Error-Code", "GatedRepo"));
    let error = Desk::new(&gated()).get().unwrap_err();
    assert!(matches!(error, GetError::NeedsToken { .. }), "{error}");
    assert!(error.to_string().contains("/org/name"), "{error}");
    let refused = server(|_, _| Reply::status(403).header("X-Error-Code", "GatedRepo"));
    let error = Desk::with_token(&refused, Some("hf_secret"))
        .get()
        .unwrap_err();
    assert!(matches!(error, GetError::NotAllowed { .. }), "{error}");
    assert!(!error.to_string().contains("secret"));
}

#[test]
fn what_is_not_there_is_named() {
    let nothing = Server::new(|_, _| Reply::status(404));
    let error = Desk::new(&nothing).get().unwrap_err();
    assert!(matches!(error, GetError::NoRepository { .. }), "{error}");
    let revision =
        Server::new(|_, _| Reply::status(404).header("X-Error-Code", "RevisionNotFound"));
    let error = Desk::new(&revision).get().unwrap_err();
    assert!(matches!(error, GetError::NoRevision { .. }), "{error}");
    // So private ones look to strangers.
    let private = Server::new(|_, _| Reply::status(401).header("X-Error-Code", "RepoNotFound"));
    let error = Desk::new(&private).get().unwrap_err();
    assert!(matches!(error, GetError::NoRepository { .. }), "{error}");
}

#[test]
fn a_server_that_is_busy_is_asked_again_and_one_that_stays_so_is_given_up() {
    let busy = server(|asked, before| match before {
        0 => Reply::status(503),
        1 => Reply::status(429),
        _ => Reply::ranged(&large(), asked.range),
    });
    let desk = Desk::new(&busy);
    desk.assert_whole(&desk.get());
    let always = server(|_, _| Reply::status(500));
    let error = Desk::new(&always).get().unwrap_err();
    assert!(matches!(error, GetError::Line { .. }), "{error}");
    assert_eq!(ranges(&always).len(), 4);
}

#[test]
fn nobody_at_the_other_end_is_told_after_a_while() {
    let desk = Desk {
        folder: tempfile::tempdir().unwrap(),
        source: HuggingFace::new("http://127.0.0.1:1", None),
    };
    let error = desk.get().unwrap_err();
    assert!(matches!(error, GetError::Line { .. }), "{error}");
}

#[test]
fn what_finds_no_room_is_not_begun() {
    let server = server(|asked, _| Reply::ranged(&large(), asked.range));
    let desk = Desk::new(&server);
    let mut downloader = desk.downloader();
    downloader.room = |_| Some(2_000_000);
    let error = downloader
        .get(&wish(), &Control::default(), &mut |_| ())
        .unwrap_err();
    assert!(
        matches!(
            error,
            GetError::File(FileError::NoRoom {
                needed: 3_000_002,
                ..
            })
        ),
        "{error}"
    );
    assert_eq!(ranges(&server).len(), 0);
    // What has come already needs no room.
    std::fs::create_dir_all(desk.incomplete().parent().unwrap()).unwrap();
    std::fs::write(desk.incomplete(), &large()[..1_500_000]).unwrap();
    downloader
        .get(&wish(), &Control::default(), &mut |_| ())
        .unwrap();
    assert_eq!(ranges(&server), [Some(1_500_000)]);
}

/// Asks for an end once a third has come.
fn halted(desk: &Desk, halt: Halt) {
    let control = Control::default();
    let asking = control.clone();
    let fetched = desk.downloader().get(&wish(), &control, &mut |progress| {
        assert_eq!(progress.total, 3_000_002);
        if progress.done > 1_000_000 {
            asking.ask(halt);
        }
    });
    assert_eq!(fetched, Ok(Fetched::Halted(halt)));
}

#[test]
fn what_is_paused_goes_on_after_a_restart() {
    let server = server(|asked, _| Reply::ranged(&large(), asked.range));
    let desk = Desk::new(&server);
    halted(&desk, Halt::Pause);
    let kept = desk.incomplete().metadata().unwrap().len();
    assert!(kept > 900_000 && kept < 3_000_000, "{kept}");
    // Nothing is left of the first run but its files.
    desk.assert_whole(&desk.get());
    assert_eq!(ranges(&server), [None, Some(kept)]);
}

#[test]
fn what_is_cancelled_leaves_nothing_half() {
    let server = server(|asked, _| Reply::ranged(&large(), asked.range));
    let desk = Desk::new(&server);
    halted(&desk, Halt::Cancel);
    assert!(!desk.incomplete().exists() && !desk.large_file().exists());
}

#[test]
fn a_pause_does_not_wait_for_a_connection_that_does_not_come_back() {
    let server = server(|_, before| match before {
        0 => Reply::ok(large()).cut(700_000),
        _ => Reply::status(503),
    });
    let desk = Desk::new(&server);
    let mut downloader = desk.downloader();
    downloader.patience.first = Duration::from_mins(10);
    downloader.patience.longest = Duration::from_mins(10);
    let control = Control::default();
    let asking = control.clone();
    let fetched = downloader.get(&wish(), &control, &mut |progress| {
        if progress.waits {
            asking.ask(Halt::Pause);
        }
    });
    assert_eq!(fetched, Ok(Fetched::Halted(Halt::Pause)));
    assert_eq!(desk.incomplete().metadata().unwrap().len(), 700_000);
}

#[test]
fn two_programs_do_not_fetch_the_same_at_once() {
    let server = server(|asked, _| Reply::ranged(&large(), asked.range));
    let desk = Desk::new(&server);
    let locks = desk.folder.path().join(".locks/models--org--name");
    std::fs::create_dir_all(&locks).unwrap();
    let path = locks.join(format!("{}.lock", sha256_of(&[&large()])));
    let held = std::fs::File::create(path).unwrap();
    held.lock().unwrap();
    let downloader = desk.downloader();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| downloader.get(&wish(), &Control::default(), &mut |_| ()));
        std::thread::sleep(Duration::from_millis(300));
        assert!(!waiting.is_finished());
        assert_eq!(ranges(&server).len(), 0);
        held.unlock().unwrap();
        desk.assert_whole(&waiting.join().unwrap());
    });
}
