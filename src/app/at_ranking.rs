//! Pictures are compared with words: the best of a run, and the strip in another order.

use std::path::{Path, PathBuf};

use egui::Context;

use super::App;
use super::ranking::{Asked, Comparing, Goal, RankHow};
use super::session::Shown;
use super::shelf::PictureId;
use super::words::{failures, of_ranking, words};
use crate::engine::{Failure, JobId, LikenessEvent, LikenessRequest, Ranked, Ranking, Request};
use crate::recipe::plain_words;

/// What people do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RankAction {
    /// The strip, by the words of its field or by the prompt.
    SortStrip,
    /// The strip as it was.
    NewestFirst,
    Stop,
    /// Who compares, by name or folder.
    Choose(String),
}

impl App {
    pub(super) fn act_on_ranking(&mut self, action: &RankAction, ctx: &Context) {
        match action {
            RankAction::SortStrip => self.sort_strip(ctx),
            RankAction::NewestFirst => self.session.shelf.newest_first(),
            RankAction::Stop => {
                if let Some(comparing) = &mut self.session.ranker.comparing {
                    comparing.ending = true;
                    let job = comparing.job;
                    self.send(Request::Stop(job));
                }
            }
            RankAction::Choose(clip) => {
                self.settings.rank.clip = Some(clip.clone());
                self.save_settings();
            }
        }
    }

    /// Asks which CLIPs there are as soon as that matters, once.
    pub(super) fn ask_about_clips(&mut self) {
        if !self.session.ranker.asked
            && self.settings.rank.needs_clips()
            && self.send(Request::Likeness(LikenessRequest::List))
        {
            self.session.ranker.asked = true;
        }
    }

    /// The pictures of a run that begins are compared once it has ended, where people want that.
    pub(super) fn rank_later(&mut self, job: JobId, count: u32) {
        let form = &self.settings.rank;
        let keep = match form.how {
            RankHow::AsTheyCome => return,
            RankHow::BestFirst => None,
            RankHow::KeepBest => Some(form.keep.max(1)),
        };
        if count > 1 {
            self.session.ranker.later.push((job, keep));
        }
    }

    /// A run has ended; one that was broken off is left as it is.
    pub(super) fn rank_now(&mut self, job: JobId, is_whole: bool, ctx: &Context) {
        let later = &mut self.session.ranker.later;
        let Some(at) = later.iter().position(|(known, _)| *known == job) else {
            return;
        };
        let (_, keep) = later.remove(at);
        let run = self.session.run.as_ref().filter(|run| run.job == job);
        if let (Some(run), true) = (run, is_whole) {
            let pictures = run.pictures.clone();
            let goal = Goal::Run {
                pictures: pictures.clone(),
                keep,
            };
            let asked = Asked {
                pictures,
                words: None,
                goal,
            };
            self.compare(asked, ctx);
        }
    }

    fn sort_strip(&mut self, ctx: &Context) {
        let form = &self.settings.form.draft;
        let words = self.settings.rank.words.trim();
        let words = if words.is_empty() {
            plain_words(&form.prompt, form.emphasis)
        } else {
            words.to_owned()
        };
        let pictures = self.session.shelf.pictures().iter();
        let pictures: Vec<_> = pictures.map(|picture| picture.id).collect();
        for id in &pictures {
            if let Some(picture) = self.session.shelf.get_mut(*id) {
                picture.likeness = None;
            }
        }
        let asked = Asked {
            pictures,
            words: Some(words),
            goal: Goal::Strip,
        };
        self.compare(asked, ctx);
        self.save_settings();
    }

    /// Has pictures compared, once those before them are; those without a file, or without words to be
    /// compared with, are left out.
    fn compare(&mut self, asked: Asked, ctx: &Context) {
        let Some(clip) = self.session.ranker.clip(&self.settings.rank) else {
            let text = words(self.settings.language).rank_no_clip.to_owned();
            self.toast(ctx, text, true);
            return;
        };
        if self.session.ranker.comparing.is_some() {
            self.session.ranker.waiting.push_back(asked);
            return;
        }
        let Asked {
            pictures,
            words,
            goal,
        } = asked;
        let ranked = |id: &PictureId| {
            let picture = self.session.shelf.get(*id)?;
            let own = || {
                let recipe = picture.recipe.as_ref()?;
                Some(plain_words(&recipe.prompt, recipe.emphasis))
            };
            let text = words.clone().or_else(own)?;
            (!text.trim().is_empty()).then_some(Ranked {
                path: picture.path.clone()?,
                text,
            })
        };
        let pictures: Vec<_> = pictures.iter().filter_map(ranked).collect();
        let (job, all) = (JobId(self.next_job), pictures.len());
        let ranking = Box::new(Ranking {
            id: job,
            pictures,
            clip,
            threads: self.settings.threads,
        });
        if all > 0 && self.send(Request::Likeness(LikenessRequest::Rank(ranking))) {
            self.next_job += 1;
            self.session.ranker.comparing = Some(Comparing {
                job,
                done: 0,
                all,
                goal,
                ending: false,
            });
        } else if let Some(next) = self.session.ranker.waiting.pop_front() {
            self.compare(next, ctx);
        }
    }

    pub(super) fn hear_likeness(&mut self, event: LikenessEvent, ctx: &Context) {
        match event {
            LikenessEvent::Clips(clips) => self.session.ranker.clips = Some(clips),
            LikenessEvent::Score {
                job,
                picture,
                likeness,
            } => {
                if let Some(comparing) = &mut self.session.ranker.comparing
                    && comparing.job == job
                {
                    comparing.done += 1;
                }
                match likeness {
                    Ok(likeness) => {
                        let id = self.session.shelf.by_path(&picture);
                        if let Some(shown) = id.and_then(|id| self.session.shelf.get_mut(id)) {
                            shown.likeness = Some(likeness);
                        }
                    }
                    Err(failure) => self.tell_failure(&failure, ctx),
                }
            }
            LikenessEvent::SetAside { moved, failure } => {
                self.forget_set_aside(&moved, ctx);
                if let Some(failure) = failure {
                    self.tell_failure(&failure, ctx);
                }
            }
        }
    }

    fn tell_failure(&mut self, failure: &Failure, ctx: &Context) {
        let text = failures::failure(self.settings.language, failure);
        self.toast(ctx, text, true);
    }

    /// Whether a job that ended was a comparison.
    pub(super) fn hear_compared(
        &mut self,
        job: JobId,
        ending: Result<bool, &Failure>,
        ctx: &Context,
    ) -> bool {
        let comparing = self.session.ranker.comparing.take_if(|it| it.job == job);
        let Some(Comparing { goal, .. }) = comparing else {
            return false;
        };
        match (goal, ending) {
            (_, Err(failure)) => self.tell_failure(failure, ctx),
            (Goal::Strip, Ok(_)) => self.session.shelf.best_first(),
            (Goal::Run { pictures, keep }, Ok(is_whole)) => {
                let keep = keep.filter(|_| is_whole);
                self.show_the_best(pictures, keep, ctx);
            }
        }
        if let Some(next) = self.session.ranker.waiting.pop_front() {
            self.compare(next, ctx);
        }
        true
    }

    /// The run's pictures come best first, the best is looked at, and those that do not stay go.
    fn show_the_best(&mut self, mut pictures: Vec<PictureId>, keep: Option<u32>, ctx: &Context) {
        self.session.shelf.sort_ids(&mut pictures);
        let Some(&best) = pictures.first() else {
            return;
        };
        let watched = self.session.looks_at_the_run();
        if let Some(run) = &mut self.session.run
            && run.pictures.len() == pictures.len()
            && run.pictures.iter().all(|id| pictures.contains(id))
        {
            run.pictures.clone_from(&pictures);
        }
        if watched {
            self.look_in(best, ctx);
        }
        let others = pictures.iter().skip(keep.unwrap_or(u32::MAX) as usize);
        let aside: Vec<PathBuf> = others
            .filter_map(|id| self.session.shelf.get(*id))
            // What could not be compared stays.
            .filter(|picture| picture.likeness.is_some())
            .filter_map(|picture| picture.path.clone())
            .collect();
        if !aside.is_empty() {
            self.send(Request::Likeness(LikenessRequest::SetAside(aside)));
        }
    }

    fn forget_set_aside(&mut self, moved: &[(PathBuf, PathBuf)], ctx: &Context) {
        let Some((_, last)) = moved.last() else {
            return;
        };
        for (from, _) in moved {
            let Some(id) = self.session.shelf.by_path(from) else {
                continue;
            };
            self.session.shelf.remove(id);
            if let Some(run) = &mut self.session.run {
                run.pictures.retain(|known| *known != id);
            }
            if self.session.shown == Shown::Picture(id) {
                self.session.shown = Shown::Run;
                self.leave_run(ctx);
            }
        }
        let folder = last.parent().unwrap_or_else(|| Path::new(""));
        let text = of_ranking::set_aside(self.settings.language, moved.len(), folder);
        self.toast(ctx, text, false);
    }
}
