//! Pictures that are made larger: which, by what, and what has come of it.

mod form;
mod making;
mod sources;
mod trial;

use std::collections::BTreeMap;

pub(super) use form::{Maker, Sizing, UpscaleForm, file_of, name_of};
pub(super) use making::Making;
pub(super) use sources::{Source, Sources};
pub(super) use trial::{Trial, Try};

use super::shelf::PictureId;
use crate::engine::{Extras, Failure, UpscalerCard};
use crate::pipelines::{Plan, PlanError, Way};

/// What is known of a network.
#[derive(Debug)]
pub(super) enum NetworkCard {
    Reading,
    Known(Box<UpscalerCard>),
    Failed(Failure),
}

/// Everything the window knows of making pictures larger.
#[derive(Default)]
pub(super) struct Upscaling {
    pub(super) sources: Sources,
    /// Networks by what recipes call them.
    pub(super) cards: BTreeMap<String, NetworkCard>,
    /// The picture that is being made, as far as it is there.
    pub(super) making: Option<Making>,
    /// Networks that are compared.
    pub(super) trial: Option<Trial>,
}

/// What will be done with a picture, or why nothing can be.
pub(super) enum Planned {
    /// The network's file is being looked at.
    NotYet,
    Plan(Box<Plan>),
    Refused(Box<Refusal>),
}

pub(super) enum Refusal {
    Plan(PlanError),
    /// Told where the network is chosen.
    Network,
}

impl Upscaling {
    /// The card of the network the form names, if it names one.
    pub(super) fn card(&self, form: &UpscaleForm, extras: &Extras) -> Option<&NetworkCard> {
        self.cards.get(&form.network(extras)?)
    }

    /// The plan for the picture people look at; `None` while it is being read.
    pub(super) fn plan(&self, form: &UpscaleForm, extras: &Extras) -> Option<Planned> {
        let source = self.sources.chosen()?;
        let pixels = source.pixels.as_ref()?;
        let way = match (form.network(extras), self.card(form, extras)) {
            (None, _) => Way::Lanczos,
            (Some(_), None | Some(NetworkCard::Reading)) => return Some(Planned::NotYet),
            (Some(_), Some(NetworkCard::Failed(_))) => {
                return Some(Planned::Refused(Box::new(Refusal::Network)));
            }
            (Some(_), Some(NetworkCard::Known(card))) => Way::Network {
                layout: &card.layout,
                bytes: card.bytes,
            },
        };
        let known = (source.samples, source.is_opaque);
        let goal = form.goal(pixels.extent(), known, way);
        Some(match Plan::of(&goal) {
            Ok(plan) => Planned::Plan(Box::new(plan)),
            Err(error) => Planned::Refused(Box::new(Refusal::Plan(error))),
        })
    }

    /// The picture of the shelf people look at: what was made, or what it is made from.
    pub(super) fn shown(&self) -> Option<PictureId> {
        let source = self.sources.chosen()?;
        source.result.or(source.id)
    }
}
