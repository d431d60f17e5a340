//! The inference thread: takes one job at a time, and survives whatever happens to it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::guard::guarded;
use super::latest::LatestSender;
use super::likeness::{Likeness, LikenessEvent, Ranking};
use super::protocol::{
    Destination, EnlargedPart, Failure, Job, JobId, LessonStep, Losses, Note, Preview, Stage,
    Teaching,
};
use super::runner::{Ending, JobListener, LessonEnding, MadePicture, Runner, Step, WrittenPicture};
use crate::pipelines::CancelToken;
use crate::raster::Pixels;

/// Work, with the token that ends it.
#[derive(Debug)]
pub(super) struct Assignment {
    pub(super) work: Work,
    pub(super) token: CancelToken,
    /// Bytes a picture may hold in memory, where somebody told.
    pub(super) memory: Option<u64>,
}

/// What the inference thread does.
#[derive(Debug)]
pub(super) enum Work {
    Job(Box<Job>),
    Lesson(Box<Teaching>),
    Ranking(Box<Ranking>),
}

/// What the inference thread tells the desk.
#[derive(Debug)]
pub(super) enum Report {
    Stage {
        job: JobId,
        picture: u32,
        stage: Stage,
    },
    Step {
        job: JobId,
        picture: u32,
        step: Step,
    },
    Losses {
        job: JobId,
        losses: Losses,
    },
    /// A new preview lies in the slot.
    Preview,
    Note {
        job: JobId,
        note: Note,
    },
    Picture {
        job: JobId,
        picture: Box<MadePicture>,
    },
    Part(EnlargedPart),
    Likeness(LikenessEvent),
    Trial {
        job: JobId,
        pixels: Arc<Pixels>,
    },
    Written {
        job: JobId,
        picture: Box<WrittenPicture>,
    },
    Ended {
        job: JobId,
        ending: Result<Ending, Failure>,
        stages: Vec<(Stage, Duration)>,
    },
    Lesson(LessonStep),
    LessonEnded {
        job: JobId,
        ending: Result<LessonEnding, Failure>,
    },
}

/// Runs assignments until there are no more senders of them.
pub(super) fn run_worker(
    runner: &mut dyn Runner,
    assignments: &Receiver<Assignment>,
    reports: &Sender<Report>,
    previews: &LatestSender<Preview>,
) {
    for assignment in assignments {
        let Assignment {
            work,
            token,
            memory,
        } = assignment;
        runner.allow_memory(memory);
        let id = match &work {
            Work::Job(job) => job.id,
            Work::Lesson(teaching) => teaching.id,
            Work::Ranking(ranking) => ranking.id,
        };
        let mut listener = Listener {
            job: id,
            reports,
            previews,
            clock: StageClock::default(),
            is_for_sight: matches!(&work, Work::Job(job) if job.destination == Destination::Sight),
        };
        // Nothing of the runner outlives a job but models, which do not change once they are read.
        let ending = match work {
            Work::Job(job) => guarded(|| runner.run(&job, &token, &mut listener)),
            Work::Ranking(ranking) => guarded(|| runner.rank(&ranking, &token, &mut listener)),
            Work::Lesson(teaching) => {
                let ending = guarded(|| runner.teach(&teaching, &token, &mut listener));
                listener.report(Report::LessonEnded { job: id, ending });
                continue;
            }
        };
        let stages = listener.clock.finish();
        listener.report(Report::Ended {
            job: id,
            ending,
            stages,
        });
    }
}

/// Adds up the time spent in each stage.
#[derive(Debug, Default)]
struct StageClock {
    running: Option<(Stage, Instant)>,
    spent: Vec<(Stage, Duration)>,
}

impl StageClock {
    fn enter(&mut self, stage: Stage) {
        self.leave();
        self.running = Some((stage, Instant::now()));
    }

    fn leave(&mut self) {
        if let Some((stage, since)) = self.running.take() {
            let took = since.elapsed();
            match self.spent.iter_mut().find(|(known, _)| *known == stage) {
                Some((_, spent)) => *spent += took,
                None => self.spent.push((stage, took)),
            }
        }
    }

    fn finish(&mut self) -> Vec<(Stage, Duration)> {
        self.leave();
        std::mem::take(&mut self.spent)
    }
}

struct Listener<'a> {
    job: JobId,
    reports: &'a Sender<Report>,
    previews: &'a LatestSender<Preview>,
    clock: StageClock,
    /// Pictures are only looked at.
    is_for_sight: bool,
}

impl Listener<'_> {
    fn report(&self, report: Report) {
        if self.reports.send(report).is_err() {
            log::warn!("the engine ended while job {} ran", self.job.0);
        }
    }
}

impl JobListener for Listener<'_> {
    fn stage(&mut self, picture: u32, stage: Stage) {
        self.clock.enter(stage);
        self.report(Report::Stage {
            job: self.job,
            picture,
            stage,
        });
    }

    fn step(&mut self, picture: u32, step: Step) {
        self.report(Report::Step {
            job: self.job,
            picture,
            step,
        });
    }

    fn losses(&mut self, losses: Losses) {
        self.report(Report::Losses {
            job: self.job,
            losses,
        });
    }

    fn lesson(&mut self, step: LessonStep) {
        self.report(Report::Lesson(step));
    }

    fn preview(&mut self, preview: Preview) {
        self.previews.put(preview);
        self.report(Report::Preview);
    }

    fn awaits_preview(&self) -> bool {
        self.previews.is_fetched()
    }

    fn note(&mut self, note: Note) {
        self.report(Report::Note {
            job: self.job,
            note,
        });
    }

    fn part(&mut self, part: EnlargedPart) {
        self.report(Report::Part(part));
    }

    fn trial(&mut self, pixels: Pixels) {
        self.report(Report::Trial {
            job: self.job,
            pixels: Arc::new(pixels),
        });
    }

    fn score(&mut self, picture: PathBuf, likeness: Result<Likeness, Failure>) {
        self.report(Report::Likeness(LikenessEvent::Score {
            job: self.job,
            picture,
            likeness,
        }));
    }

    fn written(&mut self, picture: WrittenPicture) {
        self.clock.leave();
        self.report(Report::Written {
            job: self.job,
            picture: Box::new(picture),
        });
    }

    fn picture(&mut self, picture: MadePicture) {
        // The picture leaves for the disk; that time is not the decoder's.
        self.clock.leave();
        if self.is_for_sight {
            self.trial(picture.pixels);
            return;
        }
        self.report(Report::Picture {
            job: self.job,
            picture: Box::new(picture),
        });
    }
}
