//! What the panel edits.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::engine::{Enlarging, Extras, Figures, Stage};
use crate::models::{EmbeddedUpscaler, upscaler_names};
use crate::pipelines::{Goal, Plan, Target, Tiling, Way};
use crate::raster::{Extent, FORMATS, Kind};
use crate::recipe::{Enlargement, Recipe, Task};

/// What makes the pictures larger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::app) enum Maker {
    /// The first network of the folder, or the embedded one for the factor.
    #[default]
    Usual,
    Lanczos,
    /// By its name in the folder of networks, or its file.
    Network(String),
}

/// How the size is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::app) enum Sizing {
    #[default]
    Factor,
    Pixels,
}

/// What a pixel that a network was shown took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::app) struct Pace {
    network: String,
    seconds: f64,
}

/// Networks whose pace is remembered.
const PACES: usize = 16;

/// The panel's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::app) struct UpscaleForm {
    pub(in crate::app) maker: Maker,
    pub(in crate::app) sizing: Sizing,
    /// 0: the network's own.
    pub(in crate::app) factor: f64,
    /// Pixels.
    pub(in crate::app) longer_side: u32,
    /// Gigabytes (2³⁰ bytes) that may be used.
    pub(in crate::app) memory: f64,
    pub(in crate::app) parts_open: bool,
    /// Pixels of a part's side; 0 leaves the choice to the memory.
    pub(in crate::app) tile: u32,
    pub(in crate::app) pad: u32,
    pub(in crate::app) feather: bool,
    pub(in crate::app) comparing: bool,
    pub(in crate::app) grid: bool,
    pub(in crate::app) paces: Vec<Pace>,
}

impl Default for UpscaleForm {
    fn default() -> Self {
        Self {
            maker: Maker::Usual,
            sizing: Sizing::Factor,
            factor: 0.0,
            longer_side: 4096,
            memory: 2.0,
            parts_open: false,
            tile: 0,
            pad: Tiling::default().pad,
            feather: false,
            comparing: true,
            grid: true,
            paces: Vec::new(),
        }
    }
}

impl UpscaleForm {
    /// What recipes call the network at work; `None` where Lanczos is.
    pub(in crate::app) fn network(&self, extras: &Extras) -> Option<String> {
        match &self.maker {
            Maker::Lanczos => None,
            Maker::Network(name) => Some(name.clone()),
            Maker::Usual => {
                let first = extras.upscalers.first().map(|path| stem_of(path));
                let factor = match self.target() {
                    Target::Factor(factor) => Some(factor),
                    _ => None,
                };
                let embedded = || EmbeddedUpscaler::usual(factor).name.to_owned();
                Some(first.unwrap_or_else(embedded))
            }
        }
    }

    /// Every network that can be chosen: those of the folder, the embedded ones, and one that lies
    /// elsewhere.
    pub(in crate::app) fn networks(&self, extras: &Extras) -> Vec<String> {
        let mut names = upscaler_names(extras);
        if let Maker::Network(name) = &self.maker
            && !names.contains(name)
        {
            names.push(name.clone());
        }
        names
    }

    pub(in crate::app) fn tiling(&self) -> Tiling {
        Tiling {
            tile: (self.tile > 0).then_some(self.tile),
            pad: self.pad,
            feather: self.feather,
            ..Tiling::default()
        }
    }

    pub(in crate::app) fn memory_bytes(&self) -> u64 {
        (self.memory.max(0.0) * f64::from(1 << 30)) as u64
    }

    /// People chose a factor, where the network at work has one of its own.
    pub(in crate::app) fn choose_factor(&mut self, factor: f64, own: f64) {
        // Of the usual networks the factor chooses one: which is at work must not change with it.
        let stays = factor == own && self.maker != Maker::Usual;
        self.factor = if stays { 0.0 } else { factor };
    }

    const fn target(&self) -> Target {
        match self.sizing {
            Sizing::Factor if self.factor == 0.0 => Target::Own,
            Sizing::Factor => Target::Factor(self.factor),
            Sizing::Pixels => Target::LongerSide(self.longer_side),
        }
    }

    /// How many times as large a picture becomes, by a network of its own factor.
    pub(in crate::app) fn factor_for(&self, from: Extent, own: f64) -> f64 {
        match self.target() {
            Target::Factor(factor) => factor,
            Target::LongerSide(side) => {
                f64::from(side) / f64::from(from.width.max(from.height).max(1))
            }
            Target::Own | Target::Size(_) => own,
        }
    }

    pub(in crate::app) fn goal<'a>(
        &self,
        from: Extent,
        (samples, is_opaque): ((Kind, bool), bool),
        way: Way<'a>,
    ) -> Goal<'a> {
        Goal {
            from,
            samples,
            is_opaque,
            way,
            target: self.target(),
            tiling: self.tiling(),
            memory: self.memory_bytes(),
            // The picture as the window has it.
            held: 4 * from.area() as u64,
            format: &FORMATS[0],
        }
    }

    /// What the engine is told of a picture, by its file where it is not in memory.
    pub(in crate::app) fn enlarging(&self, file: Option<&Path>) -> Enlarging {
        Enlarging {
            file: file.map(Path::to_path_buf),
            network: None,
            target: self.target(),
            tiling: self.tiling(),
            memory: self.memory_bytes(),
            is_trial: false,
        }
    }

    /// Keeps what a picture took, for each part of which its network was called so often, for the next
    /// estimates.
    pub(in crate::app) fn learn(&mut self, recipe: &Recipe, calls: u32, figures: &Figures) {
        let Task::Upscale(enlargement) = &recipe.task else {
            return;
        };
        let spent: f64 = figures
            .stages
            .iter()
            .filter(|(stage, _)| *stage == Stage::Upscale)
            .map(|(_, took)| took.as_secs_f64())
            .sum();
        let pixels = pixels_shown(recipe, enlargement) * f64::from(calls);
        if spent <= 0.0 || pixels <= 0.0 {
            return;
        }
        let network = recipe.model.name.clone();
        self.paces.retain(|pace| pace.network != network);
        let seconds = spent / pixels;
        self.paces.push(Pace { network, seconds });
        if self.paces.len() > PACES {
            self.paces.remove(0);
        }
    }

    /// Seconds a plan will take by a network, or by Lanczos (""); `None` before anything was measured.
    pub(in crate::app) fn estimate(&self, plan: &Plan, network: &str) -> Option<f64> {
        let network = name_of(network);
        let pace = self.paces.iter().find(|pace| pace.network == network)?;
        Some(pace.seconds * plan.from.area() as f64 * plan.overhead())
    }
}

/// What recipes call the network of a file.
fn stem_of(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The file of a network that lies elsewhere than in the folder of networks; others have names alone.
pub(in crate::app) fn file_of(network: &str) -> Option<PathBuf> {
    Some(PathBuf::from(network)).filter(|path| path.is_absolute())
}

/// What recipes call a network.
pub(in crate::app) fn name_of(network: &str) -> String {
    file_of(network).map_or_else(|| network.to_owned(), |path| stem_of(&path))
}

/// Pixels a network was shown: what parts overlap by counts again.
fn pixels_shown(recipe: &Recipe, enlargement: &Enlargement) -> f64 {
    let side = |side: u32| f64::from(side) / enlargement.scale;
    let area = side(recipe.width) * side(recipe.height);
    let tile = f64::from(enlargement.tile);
    if enlargement.tile == 0 || tile >= side(recipe.width).max(side(recipe.height)) {
        return area;
    }
    area * ((tile + 2.0 * f64::from(enlargement.tile_pad)) / tile).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{CompactLayout, UpscalerLayout};
    use crate::recipe::{Input, ModelRef};

    const COLORS: Kind = Kind {
        color: true,
        alpha: false,
    };

    #[test]
    fn the_usual_maker_is_the_first_network_of_the_folder_or_an_embedded_one() {
        let mut form = UpscaleForm::default();
        let mut extras = Extras::default();
        assert_eq!(form.network(&extras).as_deref(), Some("sprout-x4"));
        form.factor = 2.0;
        assert_eq!(form.network(&extras).as_deref(), Some("sprout-x2"));
        extras.upscalers = vec!["/m/upscale/a.pth".into(), "/m/upscale/b.pth".into()];
        assert_eq!(form.network(&extras).as_deref(), Some("a"));
        let lanczos = UpscaleForm {
            maker: Maker::Lanczos,
            ..form.clone()
        };
        assert_eq!(lanczos.network(&extras), None);
        let other = UpscaleForm {
            maker: Maker::Network("/elsewhere/c.pth".to_owned()),
            ..form
        };
        let names = [
            "a",
            "b",
            "sprout-x2",
            "sprout-x4",
            "sprout-x4-crisp",
            "sprout-restore",
            "/elsewhere/c.pth",
        ];
        assert_eq!(other.networks(&extras), names);
    }

    #[test]
    fn a_factor_of_the_network_itself_stays_its_own_unless_it_chose_the_network() {
        let mut form = UpscaleForm::default();
        form.choose_factor(2.0, 2.0);
        let usual = form.network(&Extras::default());
        assert_eq!((form.factor, usual.as_deref()), (2.0, Some("sprout-x2")));
        form.maker = Maker::Network("sprout-x2".to_owned());
        form.choose_factor(2.0, 2.0);
        assert_eq!(form.factor, 0.0);
    }

    #[test]
    fn what_was_measured_tells_how_long_the_next_takes() {
        let mut form = UpscaleForm::default();
        let goal = form.goal(Extent::new(100, 100), ((COLORS, false), true), Way::Lanczos);
        let plan = Plan::of(&goal).unwrap();
        assert_eq!(form.estimate(&plan, ""), None);
        let enlargement = Enlargement {
            image: Input::default(),
            ..plan.enlargement(String::new())
        };
        let recipe = Recipe::of_enlargement(enlargement, ModelRef::named(""), (400, 400));
        let figures = Figures {
            stages: vec![(Stage::Upscale, std::time::Duration::from_secs(3))],
            peak_memory: None,
        };
        form.learn(&recipe, 1, &figures);
        let seconds = form.estimate(&plan, "").unwrap();
        assert!((seconds / plan.overhead() - 3.0).abs() < 0.1, "{seconds}");
    }

    #[test]
    fn what_shines_through_takes_another_call_and_is_learnt_as_such() {
        let mut form = UpscaleForm::default();
        let layout = UpscalerLayout::Compact(CompactLayout::general());
        let way = Way::Network {
            layout: &layout,
            bytes: 1 << 20,
        };
        let clear = Kind {
            alpha: true,
            ..COLORS
        };
        let plan = |form: &UpscaleForm, kind, is_opaque| {
            let goal = form.goal(Extent::new(100, 100), ((kind, false), is_opaque), way);
            Plan::of(&goal).unwrap()
        };
        let whole = plan(&form, clear, false);
        let recipe = Recipe::of_enlargement(
            whole.enlargement(String::new()),
            ModelRef::named("net"),
            (400, 400),
        );
        let figures = Figures {
            stages: vec![(Stage::Upscale, std::time::Duration::from_secs(6))],
            peak_memory: None,
        };
        form.learn(&recipe, whole.calls, &figures);
        let seconds = |kind, is_opaque| {
            let plan = plan(&form, kind, is_opaque);
            form.estimate(&plan, "/elsewhere/net.pth").unwrap().round()
        };
        assert_eq!(seconds(clear, false), 6.0);
        assert_eq!(seconds(clear, true), 3.0);
        assert_eq!(seconds(COLORS, true), 3.0);
    }

    #[test]
    fn a_size_in_pixels_is_a_factor_of_the_picture() {
        let mut form = UpscaleForm::default();
        let from = Extent::new(400, 200);
        assert_eq!(form.factor_for(from, 4.0), 4.0);
        form.factor = 2.5;
        assert_eq!(form.factor_for(from, 4.0), 2.5);
        (form.sizing, form.longer_side) = (Sizing::Pixels, 1200);
        assert_eq!(form.factor_for(from, 4.0), 3.0);
    }
}
