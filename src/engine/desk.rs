//! The engine's desk: the thread that owns the queue and knows every job's state. It never waits
//! for anything but messages, so it always answers at once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, select};

use super::clerk::{Done, Errand, Target};
use super::keeper::StockRequest;
use super::lessons::{LessonFate, Lessons, Stopping};
use super::likeness::LikenessRequest;
use super::memory::peak_memory;
use super::outbox::Outbox;
use super::protocol::{Event, Failure, Figures, JobId, Request, Selection, Stage};
use super::queue::Queue;
use super::rankings::Rankings;
use super::reshape::Reshaping;
use super::runner::{Ending, LessonEnding};
use super::selector::Search;
use super::worker::{Assignment, Report, Work};
use crate::library::Existing;
use crate::pipelines::{CancelToken, Wish};
use crate::raster::Pixels;

/// Called after each event, so that a sleeping window looks at it.
pub type Waker = Box<dyn Fn() + Send>;

/// The desk's ends of all channels.
pub(super) struct Ports {
    pub(super) requests: Receiver<Request>,
    pub(super) events: Sender<Event>,
    pub(super) assignments: Sender<Assignment>,
    pub(super) reports: Receiver<Report>,
    pub(super) errands: Sender<Errand>,
    pub(super) done: Receiver<Done>,
    pub(super) searches: Sender<Search>,
    pub(super) reshapings: Sender<Reshaping>,
    pub(super) stock: Sender<StockRequest>,
    pub(super) wake: Waker,
}

pub(super) struct Desk {
    ports: Ports,
    queue: Queue,
    running: Option<Running>,
    rankings: Rankings,
    /// Bytes a picture may hold in memory, where somebody told.
    memory: Option<u64>,
    /// Lessons that go on while there is no job, the first of them first.
    lessons: Lessons,
    /// Pictures that are not written yet, and what to tell once they are.
    saving: BTreeMap<JobId, Saving>,
    /// Events nobody took yet, oldest first.
    outbox: Outbox,
    /// Errands the clerk has no room for yet, oldest first.
    errands: VecDeque<Errand>,
    /// The newest search asked for, and nothing once it is not wanted any more.
    searching: Option<Searching>,
    /// That search, until the thread that does it has an end of the one before.
    search: Option<Search>,
}

/// A search that waits or is under way.
struct Searching {
    number: u64,
    /// The picture it looks at.
    image: Weak<Pixels>,
    /// Ends it.
    token: CancelToken,
}

struct Running {
    job: JobId,
    /// Of what makes pictures.
    target: Option<Target>,
    token: CancelToken,
}

#[derive(Default)]
struct Saving {
    pictures: usize,
    took: Duration,
    /// The terminal event, once the inference thread is through.
    ended: Option<Ended>,
}

struct Ended {
    ending: Result<Ending, Failure>,
    stages: Vec<(Stage, Duration)>,
}

impl Desk {
    pub(super) fn new(ports: Ports) -> Self {
        Self {
            ports,
            queue: Queue::default(),
            running: None,
            rankings: Rankings::default(),
            memory: None,
            lessons: Lessons::default(),
            saving: BTreeMap::new(),
            outbox: Outbox::default(),
            errands: VecDeque::new(),
            searching: None,
            search: None,
        }
    }

    /// Works until the other side is gone; then ends the running job and lets finished pictures
    /// reach the disk.
    pub(super) fn run(mut self) {
        // Channels that are never ready, for when there is nothing to send.
        let (no_event, _no_event_kept_open) = bounded(0);
        let (no_errand, _no_errand_kept_open) = bounded(0);
        let (no_search, _no_search_kept_open) = bounded(0);
        loop {
            self.start_next();
            let events = if self.outbox.is_empty() {
                &no_event
            } else {
                &self.ports.events
            };
            let errands = if self.errands.is_empty() {
                &no_errand
            } else {
                &self.ports.errands
            };
            let searches = if self.search.is_some() {
                &self.ports.searches
            } else {
                &no_search
            };
            select! {
                recv(self.ports.requests) -> request => match request {
                    Ok(request) => self.handle(request),
                    Err(_) => break,
                },
                recv(self.ports.reports) -> report => match report {
                    Ok(report) => self.hear(report),
                    Err(_) => break,
                },
                recv(self.ports.done) -> done => match done {
                    Ok(done) => self.file_done(done),
                    Err(_) => break,
                },
                send(events, first(self.outbox.waiting())) -> sent => {
                    if sent.is_err() {
                        break;
                    }
                    (self.ports.wake)();
                }
                send(errands, first(&mut self.errands)) -> sent => {
                    if sent.is_err() {
                        log::error!("the file thread has ended");
                        break;
                    }
                }
                send(searches, newest(&mut self.search)) -> sent => {
                    if sent.is_err() {
                        self.tell_not_searched();
                    }
                }
            }
        }
        self.close();
    }

    fn close(mut self) {
        self.end_search();
        if self.lessons.leave_off() {
            // What was learnt reaches the disk.
            while let Ok(report) = self.ports.reports.recv() {
                if matches!(report, Report::LessonEnded { .. }) {
                    break;
                }
            }
        }
        if let Some(running) = &self.running {
            running.token.ask(Wish::Discard);
            // Pictures that were done before the end are still saved.
            while let Ok(report) = self.ports.reports.recv() {
                match report {
                    Report::Picture { .. } | Report::Written { .. } => self.hear(report),
                    Report::Ended { .. } => break,
                    _ => {}
                }
            }
        }
        // Nobody listens any more, and the clerk must not wait for anybody.
        let Ports {
            errands,
            done,
            searches,
            ..
        } = self.ports;
        drop((done, searches));
        for errand in self.errands {
            if errands.send(errand).is_err() {
                log::error!("the file thread has ended before all pictures were written");
                break;
            }
        }
    }

    fn handle(&mut self, request: Request) {
        match request {
            Request::AllowMemory(bytes) => self.memory = bytes,
            Request::Submit(job) => {
                self.queue.push(*job);
                self.tell_queue();
                // A picture goes first.
                self.lessons.leave_off();
            }
            Request::Stop(job) => self.cancel(job, Wish::Stop),
            Request::Discard(job) => self.cancel(job, Wish::Discard),
            Request::Teach(teaching) => self.lessons.push(*teaching),
            Request::ListQuickStyles => self.send_clerk(Errand::ListQuickStyles),
            Request::ForgetQuickStyle { path } => {
                self.send_clerk(Errand::ForgetQuickStyle { path });
            }
            Request::Move { job, place } => {
                if self.queue.move_to(job, place) {
                    self.tell_queue();
                }
            }
            Request::Inspect { model, vae } => self.send_clerk(Errand::Inspect { model, vae }),
            Request::CountTokens(question) => self.send_clerk(Errand::CountTokens(question)),
            Request::SeeResult { path, room } => self.send_clerk(Errand::SeeResult { path, room }),
            Request::Open { path } => self.send_clerk(Errand::Open { path }),
            Request::SaveAs {
                pixels,
                finish,
                recipe,
                path,
                overwrite,
            } => self.send_clerk(Errand::SaveAs {
                pixels,
                finish,
                recipe,
                path,
                existing: Existing::replaced_if(overwrite),
            }),
            Request::SaveMask {
                mask,
                path,
                overwrite,
            } => self.send_clerk(Errand::SaveMask {
                mask,
                path,
                existing: Existing::replaced_if(overwrite),
            }),
            Request::Copy { pixels, finish } => self.send_clerk(Errand::Copy { pixels, finish }),
            Request::Import { pixels } => self.send_clerk(Errand::Import { pixels }),
            Request::Reshape(reshaping) => self.reshape(*reshaping),
            Request::InspectUpscaler { name } => {
                self.send_clerk(Errand::InspectUpscaler { name });
            }
            Request::ListExtras => self.send_clerk(Errand::ListExtras),
            Request::RestoreEasel => self.send_clerk(Errand::RestoreEasel),
            Request::Keep(entry) => self.send_clerk(Errand::Keep(entry)),
            Request::Recall(picture) => self.send_clerk(Errand::Recall(picture)),
            Request::ShowSmall(picture) => self.send_clerk(Errand::ShowSmall(picture)),
            Request::Select(selection) => self.search(selection),
            Request::EndSearch { number } => {
                let newest = self.searching.as_ref();
                if newest.is_some_and(|searching| searching.number == number) {
                    self.end_search();
                }
            }
            Request::ListLibrary { most } => self.send_clerk(Errand::ListLibrary { most }),
            Request::Stock(request) => self.ask_keeper(request),
            Request::Likeness(request) => self.compare(request),
            Request::SaveSettings { json } => self.send_clerk(Errand::SaveSettings { json }),
        }
    }

    /// Only the newest search is of use: it waits for the one before to end, and nothing else does.
    fn search(&mut self, selection: Selection) {
        let image = Arc::downgrade(&selection.image);
        if let Some(before) = &self.searching {
            // Of the same picture, what was learnt is of use.
            let wish = if Weak::ptr_eq(&image, &before.image) {
                Wish::Stop
            } else {
                Wish::Discard
            };
            before.token.ask(wish);
        }
        let token = CancelToken::new();
        self.searching = Some(Searching {
            number: selection.number,
            image,
            token: token.clone(),
        });
        self.search = Some(Search { selection, token });
    }

    /// Nobody waits for what is searched.
    fn end_search(&mut self) {
        self.search = None;
        if let Some(searching) = self.searching.take() {
            searching.token.ask(Wish::Discard);
        }
    }

    fn tell_not_searched(&mut self) {
        if let Some(Searching { number, .. }) = self.searching.take() {
            let message = "the thread that finds things has ended".to_owned();
            self.tell(Event::Selected {
                number,
                mask: Err(Failure::Panicked { message }),
            });
        }
    }

    fn reshape(&mut self, reshaping: Reshaping) {
        let number = reshaping.number;
        // There is room for all, unless the thread has ended: the easel asks for one at a time.
        if self.ports.reshapings.try_send(reshaping).is_err() {
            let message = "work on a mask could not be begun".to_owned();
            self.tell(Event::Reshaped {
                number,
                result: Err(Failure::Panicked { message }),
            });
        }
    }

    fn compare(&mut self, request: LikenessRequest) {
        match request {
            LikenessRequest::List => self.send_clerk(Errand::ListClips),
            LikenessRequest::SetAside(pictures) => self.send_clerk(Errand::SetAside(pictures)),
            LikenessRequest::Rank(ranking) => {
                self.rankings.push(*ranking);
                self.lessons.leave_off();
            }
        }
    }

    fn ask_keeper(&self, request: StockRequest) {
        // There is room for all people ask, unless the thread has ended.
        if self.ports.stock.try_send(request).is_err() {
            log::error!("nobody keeps the models any more");
        }
    }

    fn cancel(&mut self, job: JobId, wish: Wish) {
        match &self.running {
            Some(running) if running.job == job => running.token.ask(wish),
            _ => match self.lessons.stop(job) {
                Stopping::Unknown => {
                    if self.rankings.remove(job) {
                        self.tell(Event::Cancelled { job });
                    } else if self.queue.remove(job).is_some() {
                        self.tell(Event::Cancelled { job });
                        self.tell_queue();
                    }
                }
                Stopping::Waited => self.end_lesson(Event::Cancelled { job }),
                Stopping::Asked => {}
            },
        }
    }

    fn start_next(&mut self) {
        // The last job's pictures reach the disk first: a reader never sees two jobs at once, and
        // the wait is that of one file.
        if self.running.is_some() || self.lessons.is_running() || !self.saving.is_empty() {
            return;
        }
        if let Some(ranking) = self.rankings.next() {
            self.assign(ranking.id, None, Work::Ranking(Box::new(ranking)));
            return;
        }
        let Some(job) = self.queue.next() else {
            self.go_on_with_lessons();
            return;
        };
        self.tell_queue();
        self.tell(Event::Started {
            job: job.id,
            recipe: Box::new(job.recipe.clone()),
            count: job.count,
        });
        let target = Some(Target::of(&job));
        self.assign(job.id, target, Work::Job(Box::new(job)));
    }

    /// There is nothing else to do.
    fn go_on_with_lessons(&mut self) {
        let Some((teaching, token)) = self.lessons.go_on() else {
            return;
        };
        let id = teaching.id;
        let work = Work::Lesson(Box::new(teaching));
        if !self.give((work, token)) {
            let failure = Failure::Panicked {
                message: "the inference thread has ended".to_owned(),
            };
            self.hear_lesson_ended(id, Err(failure));
        }
    }

    fn hear_lesson_ended(&mut self, job: JobId, ending: Result<LessonEnding, Failure>) {
        let event = match self.lessons.ended(ending) {
            LessonFate::Waits => {
                self.tell(Event::LessonWaits { job });
                return;
            }
            LessonFate::Learnt => Event::Finished {
                job,
                figures: Figures {
                    stages: Vec::new(),
                    peak_memory: peak_memory(),
                },
            },
            LessonFate::Stopped => Event::Cancelled { job },
            LessonFate::Failed(failure) => Event::Failed { job, failure },
        };
        self.end_lesson(event);
    }

    /// The terminal event, and what there is now.
    fn end_lesson(&mut self, event: Event) {
        self.tell(event);
        self.send_clerk(Errand::ListQuickStyles);
    }

    fn assign(&mut self, job: JobId, target: Option<Target>, work: Work) {
        let token = CancelToken::new();
        self.running = Some(Running {
            job,
            target,
            token: token.clone(),
        });
        if !self.give((work, token)) {
            self.running = None;
            self.tell(Event::Failed {
                job,
                failure: Failure::Panicked {
                    message: "the inference thread has ended".to_owned(),
                },
            });
        }
    }

    /// Gives work to the inference thread; tells whether it is there.
    fn give(&self, (work, token): (Work, CancelToken)) -> bool {
        let memory = self.memory;
        let assignment = Assignment {
            work,
            token,
            memory,
        };
        self.ports.assignments.send(assignment).is_ok()
    }

    fn hear(&mut self, report: Report) {
        match report {
            Report::Stage {
                job,
                picture,
                stage,
            } => self.tell(Event::Stage {
                job,
                picture,
                stage,
            }),
            Report::Step { job, picture, step } => self.tell(Event::Step {
                job,
                picture,
                step: step.done,
                steps: step.steps,
                took: step.took,
            }),
            Report::Losses { job, losses } => self.tell(Event::Losses { job, losses }),
            Report::Lesson(step) => self.tell(Event::Lesson(step)),
            Report::LessonEnded { job, ending } => self.hear_lesson_ended(job, ending),
            Report::Preview => (self.ports.wake)(),
            Report::Note { job, note } => self.tell(Event::Note { job, note }),
            Report::Picture { job, picture } => {
                let Some(target) = self
                    .running
                    .as_ref()
                    .and_then(|running| running.target.clone())
                else {
                    log::error!("a picture came from job {}, which does not run", job.0);
                    return;
                };
                self.saving.entry(job).or_default().pictures += 1;
                self.tell(Event::Stage {
                    job,
                    picture: picture.picture,
                    stage: Stage::Save,
                });
                self.send_clerk(Errand::SavePicture {
                    job,
                    picture,
                    target,
                });
            }
            Report::Part(part) => self.tell(Event::Part(part)),
            Report::Likeness(event) => self.tell(Event::Likeness(event)),
            Report::Trial { job, pixels } => self.tell(Event::Trial { job, pixels }),
            Report::Written { job, picture } => {
                self.saving.entry(job).or_default().pictures += 1;
                self.send_clerk(Errand::TellWritten { job, picture });
            }
            Report::Ended {
                job,
                ending,
                stages,
            } => {
                self.running = None;
                self.saving.entry(job).or_default().ended = Some(Ended { ending, stages });
                self.end_if_saved(job);
            }
        }
    }

    fn file_done(&mut self, done: Done) {
        match done {
            Done::Event(event) => self.tell(event),
            Done::Picture { event, job, took } => {
                self.tell(event);
                if let Some(saving) = self.saving.get_mut(&job) {
                    saving.pictures -= 1;
                    saving.took += took;
                }
                self.end_if_saved(job);
            }
        }
    }

    /// A job's last event comes after all its pictures.
    fn end_if_saved(&mut self, job: JobId) {
        let through = |saving: &Saving| saving.pictures == 0 && saving.ended.is_some();
        if !self.saving.get(&job).is_some_and(through) {
            return;
        }
        let Some(Saving {
            took,
            ended: Some(Ended { ending, mut stages }),
            ..
        }) = self.saving.remove(&job)
        else {
            return;
        };
        stages.push((Stage::Save, took));
        self.tell(match ending {
            Ok(Ending::Finished) => Event::Finished {
                job,
                figures: Figures {
                    stages,
                    peak_memory: peak_memory(),
                },
            },
            Ok(Ending::Cancelled) => Event::Cancelled { job },
            Err(failure) => Event::Failed { job, failure },
        });
    }

    fn send_clerk(&mut self, errand: Errand) {
        self.errands.push_back(errand);
    }

    fn tell_queue(&mut self) {
        let waiting = self.queue.waiting();
        self.tell(Event::Queue(waiting));
    }

    /// Events wait in the outbox.
    fn tell(&mut self, event: Event) {
        self.outbox.put(event);
    }
}

#[expect(
    clippy::expect_used,
    reason = "selected only while there is something to send"
)]
fn first<T>(waiting: &mut VecDeque<T>) -> T {
    waiting.pop_front().expect("something to send")
}

#[expect(clippy::expect_used, reason = "selected only while there is one")]
fn newest<T>(waiting: &mut Option<T>) -> T {
    waiting.take().expect("something to send")
}
