//! The lessons that wait for a moment in which there is no job.

use std::collections::VecDeque;

use super::protocol::{Failure, JobId, Lesson, Teaching};
use super::runner::LessonEnding;
use crate::pipelines::{CancelToken, Wish};

/// The first one goes on, the others come after it.
#[derive(Debug, Default)]
pub(super) struct Lessons {
    waiting: VecDeque<Teaching>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    token: CancelToken,
    /// People ended it, and no job that goes first.
    is_stopped: bool,
}

/// What came of asking for a lesson's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopping {
    /// There is no such lesson.
    Unknown,
    /// It waited, and is no more.
    Waited,
    /// It will tell.
    Asked,
}

/// What came of a lesson that left off.
#[derive(Debug)]
pub(super) enum LessonFate {
    /// It goes on in a while.
    Waits,
    Learnt,
    Stopped,
    Failed(Failure),
}

impl Lessons {
    pub(super) fn push(&mut self, teaching: Teaching) {
        self.waiting.push_back(teaching);
    }

    pub(super) const fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// The lesson to go on with, if there is one.
    pub(super) fn go_on(&mut self) -> Option<(Teaching, CancelToken)> {
        let teaching = self.waiting.front()?.clone();
        let token = CancelToken::new();
        self.running = Some(Running {
            token: token.clone(),
            is_stopped: false,
        });
        Some((teaching, token))
    }

    /// Asks the running lesson to make room; `false` if there is none.
    pub(super) fn leave_off(&self) -> bool {
        if let Some(running) = &self.running {
            running.token.ask(Wish::Stop);
        }
        self.running.is_some()
    }

    /// Ends a lesson for good.
    pub(super) fn stop(&mut self, id: JobId) -> Stopping {
        let is_first = self.waiting.front().is_some_and(|first| first.id == id);
        if let (Some(running), true) = (&mut self.running, is_first) {
            running.is_stopped = true;
            running.token.ask(Wish::Stop);
            return Stopping::Asked;
        }
        let before = self.waiting.len();
        self.waiting.retain(|teaching| teaching.id != id);
        if self.waiting.len() < before {
            Stopping::Waited
        } else {
            Stopping::Unknown
        }
    }

    /// The running lesson has left off.
    pub(super) fn ended(&mut self, ending: Result<LessonEnding, Failure>) -> LessonFate {
        let stopped = self
            .running
            .take()
            .is_some_and(|running| running.is_stopped);
        let fate = match ending {
            Ok(LessonEnding::Paused(path)) if !stopped => {
                if let Some(first) = self.waiting.front_mut() {
                    first.lesson = Lesson::Unfinished(path);
                }
                return LessonFate::Waits;
            }
            Ok(LessonEnding::Paused(_)) => LessonFate::Stopped,
            Ok(LessonEnding::Learnt) => LessonFate::Learnt,
            Err(failure) => LessonFate::Failed(failure),
        };
        self.waiting.pop_front();
        fate
    }
}
