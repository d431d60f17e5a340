//! What is under way when nobody waits for it any more.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::desk::{Desk, Ports};
use super::likeness::Ranking;
use super::protocol::*;
use super::reshape::{Reshape, Reshaping};
use super::runner::{Ending, JobListener, LessonEnding, Runner};
use super::selector::Search;
use super::{Engine as _, EngineHandle, EngineOptions};
use crate::pipelines::{CancelToken, Wish};
use crate::raster::{Extent, Ink, Pixels, TiledMask};

/// Requests of a test.
const MOST: usize = 1000;

fn picture(side: u32) -> Arc<Pixels> {
    let extent = Extent::new(side, side);
    Arc::new(Pixels::from_rgba(extent, vec![255; extent.area() * 4]).unwrap())
}

/// The desk, with a test in place of the thread that finds things.
struct Alone {
    requests: Sender<Request>,
    events: Receiver<Event>,
    searches: Receiver<Search>,
    /// Ends of channels that nothing goes through here.
    _open: Box<dyn std::any::Any>,
}

impl Alone {
    fn new() -> Self {
        let (requests, request_receiver) = bounded(MOST);
        let (event_sender, events) = bounded(MOST);
        let (assignments, assignment_receiver) = bounded(1);
        let (report_sender, reports) = bounded(1);
        let (errands, errand_receiver) = bounded(1);
        let (done_sender, done) = bounded(1);
        let (search_sender, searches) = bounded(0);
        let (reshapings, reshaping_receiver) = bounded(1);
        let (stock, stock_receiver) = bounded(1);
        let ports = Ports {
            requests: request_receiver,
            events: event_sender,
            assignments,
            reports,
            errands,
            done,
            searches: search_sender,
            reshapings,
            stock,
            wake: Box::new(|| {}),
        };
        let desk = std::thread::Builder::new();
        desk.spawn(|| Desk::new(ports).run()).unwrap();
        Self {
            requests,
            events,
            searches,
            _open: Box::new((
                assignment_receiver,
                report_sender,
                errand_receiver,
                done_sender,
                reshaping_receiver,
                stock_receiver,
            )),
        }
    }

    fn select(&self, number: u64, image: &Arc<Pixels>) {
        let selection = Selection {
            number,
            image: Arc::clone(image),
            hint: Hint::Point { x: 0, y: 0 },
        };
        self.requests.send(Request::Select(selection)).unwrap();
    }

    /// Takes searches as the thread would, up to the one of a number.
    fn until(&self, number: u64) -> Search {
        loop {
            let search = self.searches.recv_timeout(Duration::from_secs(20));
            let search = search.expect("the search is handed over");
            if search.selection.number == number {
                return search;
            }
        }
    }
}

#[test]
fn a_search_nobody_waits_for_any_more_is_ended_and_no_other() {
    let desk = Alone::new();
    let (gone, next) = (picture(1), picture(1));
    desk.select(1, &gone);
    let first = desk.until(1);
    for number in [1, 7] {
        desk.requests.send(Request::EndSearch { number }).unwrap();
    }
    desk.select(2, &next);
    let second = desk.until(2);
    // Also the look at a picture, which a newer search for the same would have let go on.
    assert_eq!(first.token.wish(), Wish::Discard);
    desk.requests
        .send(Request::EndSearch { number: 1 })
        .unwrap();
    desk.select(3, &next);
    desk.until(3);
    assert_eq!(second.token.wish(), Wish::Stop);
}

#[test]
fn the_newest_search_is_done_however_many_came_while_one_was_under_way() {
    let desk = Alone::new();
    let image = picture(1);
    for number in 1..=MOST as u64 {
        desk.select(number, &image);
    }
    assert_eq!(desk.until(MOST as u64).token.wish(), Wish::GoOn);
}

#[test]
fn a_search_that_nobody_can_do_is_answered() {
    let mut desk = Alone::new();
    desk.searches = crossbeam_channel::never();
    desk.select(5, &picture(1));
    let event = desk.events.recv_timeout(Duration::from_secs(20)).unwrap();
    let Event::Selected {
        number: 5,
        mask: Err(Failure::Panicked { message }),
    } = event
    else {
        panic!("{event:?}")
    };
    assert!(message.contains("has ended"), "{message}");
}

/// Nothing is drawn here.
struct Idle;

impl Runner for Idle {
    fn run(
        &mut self,
        _job: &Job,
        _token: &CancelToken,
        _listener: &mut dyn JobListener,
    ) -> Result<Ending, Failure> {
        Ok(Ending::Finished)
    }

    fn rank(
        &mut self,
        _: &Ranking,
        _: &CancelToken,
        _: &mut dyn JobListener,
    ) -> Result<Ending, Failure> {
        panic!("nothing is compared")
    }

    fn teach(
        &mut self,
        _: &Teaching,
        _: &CancelToken,
        _: &mut dyn JobListener,
    ) -> Result<LessonEnding, Failure> {
        panic!("no lesson is asked for")
    }
}

/// Fine lines as high as the picture: some seconds of work.
fn long_work(image: &Arc<Pixels>) -> Reshape {
    let Extent { width, height } = image.extent();
    let corners = (0..4000).map(|at| {
        let x = at as f32 * width as f32 / 4000.0;
        [x, if at % 2 == 0 { 0.0 } else { height as f32 }]
    });
    Reshape::Polygon {
        corners: corners.collect(),
        ink: Ink::FULL,
    }
}

#[test]
fn closing_the_studio_does_not_wait_for_work_on_a_mask() {
    let folder = tempfile::tempdir().unwrap();
    let options = EngineOptions {
        pictures: folder.path().join("pictures"),
        settings_file: folder.path().join("settings.json"),
        easel: folder.path().join("easel"),
        models: folder.path().join("models"),
    };
    let idle = || Box::new(Idle) as Box<dyn Runner>;
    let engine = EngineHandle::start_with(idle, options, Box::new(|| {})).unwrap();
    let (small, image) = (picture(8), picture(500));
    let under_way = Arc::downgrade(&image);
    let ask = |number: u64, image: Arc<Pixels>, how: Reshape| {
        let mask = TiledMask::empty(image.extent());
        let state = EaselState { image, mask };
        let reshaping = Box::new(Reshaping { number, state, how });
        engine.send(Request::Reshape(reshaping)).unwrap();
    };
    ask(1, small, Reshape::Change(super::MaskChange::Invert));
    let long = long_work(&image);
    ask(2, image, long);
    // Once the first is done, nothing is before the second.
    while !matches!(engine.next_event(), Some(Event::Reshaped { number: 1, .. })) {}
    drop(engine);
    assert!(under_way.upgrade().is_some(), "it was waited for");
}
