//! The jobs that wait.

use std::collections::VecDeque;

use super::protocol::{Job, JobId, Waiting};

/// First come, first served, unless people say otherwise.
#[derive(Debug, Default)]
pub(super) struct Queue {
    jobs: VecDeque<Job>,
}

impl Queue {
    pub(super) fn push(&mut self, job: Job) {
        self.jobs.push_back(job);
    }

    pub(super) fn next(&mut self) -> Option<Job> {
        self.jobs.pop_front()
    }

    /// Takes a job out; `None` if it does not wait.
    pub(super) fn remove(&mut self, id: JobId) -> Option<Job> {
        let place = self.jobs.iter().position(|job| job.id == id)?;
        self.jobs.remove(place)
    }

    /// Moves a job to `place`, or to the end where there are fewer; `false` if it does not wait.
    pub(super) fn move_to(&mut self, id: JobId, place: usize) -> bool {
        match self.remove(id) {
            Some(job) => {
                self.jobs.insert(place.min(self.jobs.len()), job);
                true
            }
            None => false,
        }
    }

    pub(super) fn waiting(&self) -> Vec<Waiting> {
        self.jobs
            .iter()
            .map(|job| Waiting {
                job: job.id,
                recipe: job.recipe.clone(),
                count: job.count,
            })
            .collect()
    }
}
