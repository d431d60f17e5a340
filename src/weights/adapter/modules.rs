//! A model's modules, and every way adapters spell their names.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Weights;
use super::{family, ldm};

/// A network of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModelPart {
    Unet,
    TextEncoder,
    TextEncoder2,
}

/// Beginnings of names and the network each stands for, points folded; the longer ones first.
const BEGINNINGS: [(&str, ModelPart); 13] = [
    ("lora_unet_", ModelPart::Unet),
    ("lora_te1_", ModelPart::TextEncoder),
    ("lora_te2_", ModelPart::TextEncoder2),
    ("lora_te_", ModelPart::TextEncoder),
    ("model_diffusion_model_", ModelPart::Unet),
    ("diffusion_model_", ModelPart::Unet),
    ("unet_", ModelPart::Unet),
    ("transformer_", ModelPart::Unet),
    ("text_encoders_clip_l_transformer_", ModelPart::TextEncoder),
    ("text_encoders_clip_g_transformer_", ModelPart::TextEncoder2),
    ("text_encoder_2_", ModelPart::TextEncoder2),
    ("text_encoder_", ModelPart::TextEncoder),
    ("lycoris_", ModelPart::Unet),
];

/// What PEFT puts before the names of whatever it wrapped.
const WRAPPED: &str = "base_model_model_";

/// Where a module of an adapter belongs: a network, and the module's name there, points folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) part: ModelPart,
    name: String,
}

/// Points become underscores, as in kohya's names, so that all spellings look alike.
fn folded(name: &str) -> String {
    name.replace('.', "_")
}

/// Reads a module's name as the file has it.
pub(super) fn place_of(name: &str) -> Place {
    // diffusers kept its factors within processors for a while.
    let name = folded(&name.replace(".processor.", "."));
    let name = name.strip_prefix(WRAPPED).unwrap_or(&name);
    let begun = BEGINNINGS
        .iter()
        .find_map(|(beginning, part)| Some((*part, name.strip_prefix(beginning)?)));
    let (part, name) = begun.unwrap_or_else(|| {
        let is_text = name.starts_with("text_model_");
        let part = if is_text {
            ModelPart::TextEncoder
        } else {
            ModelPart::Unet
        };
        (part, name)
    });
    // Where the network was wrapped, not the pipeline.
    let name = name.strip_prefix(WRAPPED).unwrap_or(name);
    Place {
        part,
        name: name.to_owned(),
    }
}

/// The modules of a model that adapters can change.
#[derive(Clone, Debug, Default)]
pub struct Modules(BTreeMap<ModelPart, Network>);

#[derive(Clone, Debug, Default)]
struct Network {
    /// Every folded spelling of a module's name, and the name itself; or those of several, in order,
    /// that whoever spells them so has one upon the other.
    spellings: BTreeMap<String, Vec<String>>,
    /// Of every tensor.
    shapes: BTreeMap<String, Vec<usize>>,
}

impl Modules {
    /// Adds a network by the names and shapes of its tensors, spelled as diffusers and transformers do.
    pub fn with(
        mut self,
        part: ModelPart,
        tensors: impl IntoIterator<Item = (String, Vec<usize>)>,
    ) -> Self {
        let shapes: BTreeMap<_, _> = tensors.into_iter().collect();
        let modules: BTreeSet<&str> = shapes
            .keys()
            .filter_map(|name| name.rsplit_once('.'))
            .map(|(module, _)| module)
            .collect();
        let mut spellings = BTreeMap::new();
        if part == ModelPart::Unet {
            for (module, spelling) in ldm::spellings(&modules) {
                spellings.insert(folded(&spelling), vec![module.to_owned()]);
            }
        }
        for module in &modules {
            for spelling in spellings_of(part, module) {
                spellings.insert(folded(&spelling), vec![(*module).to_owned()]);
            }
        }
        self.0.insert(part, Network { spellings, shapes });
        self
    }

    /// Adds a network by its file.
    pub fn with_weights(self, part: ModelPart, weights: &Weights) -> Self {
        let tensors = weights
            .names()
            .filter_map(|name| Some((name.to_owned(), weights.shape(name)?.to_vec())));
        self.with(part, tensors)
    }

    /// Adds what others call modules of a network; several where theirs is one whose outputs are those of
    /// all, one after the other.
    pub fn spelled(
        mut self,
        part: ModelPart,
        spellings: impl IntoIterator<Item = (String, Vec<String>)>,
    ) -> Self {
        let own = &mut self.0.entry(part).or_default().spellings;
        for (spelling, modules) in spellings {
            own.insert(folded(&spelling), modules);
        }
        self
    }

    /// The names in the network of what an adapter's module stands for.
    pub(super) fn find(&self, place: &Place) -> Option<&[String]> {
        let found = self.0.get(&place.part)?.spellings.get(&place.name);
        found.map(Vec::as_slice)
    }

    pub(super) fn shape(&self, part: ModelPart, tensor: &str) -> Option<&[usize]> {
        self.0.get(&part)?.shapes.get(tensor).map(Vec::as_slice)
    }

    /// What kind of model it is, as people call it.
    pub(super) fn family(&self) -> String {
        let shapes = self.0.get(&ModelPart::Unet).map(|network| &network.shapes);
        let width = shapes.into_iter().flatten().find_map(|(name, shape)| {
            let is_prompts = name.ends_with("attn2.to_k.weight");
            is_prompts.then(|| shape.last().copied()).flatten()
        });
        family::of_prompt_width(width).to_owned()
    }
}

/// The name itself, and what older diffusers and files without `text_model.` make of it.
fn spellings_of(part: ModelPart, module: &str) -> Vec<String> {
    let mut spellings = vec![module.to_owned()];
    if part == ModelPart::Unet {
        spellings.extend(
            module
                .strip_suffix("to_out.0")
                .map(|rest| format!("{rest}to_out")),
        );
        // Names without the pipeline's part, whose beginning is taken for that.
        let inner: Vec<_> = spellings
            .iter()
            .filter_map(|name| name.strip_prefix("transformer_").map(str::to_owned))
            .collect();
        spellings.extend(inner);
        return spellings;
    }
    for (own, old) in [
        (".q_proj", ".to_q"),
        (".k_proj", ".to_k"),
        (".v_proj", ".to_v"),
        (".out_proj", ".to_out"),
    ] {
        spellings.extend(module.strip_suffix(own).map(|rest| format!("{rest}{old}")));
    }
    const PREFIX: &str = "text_model.";
    let others: Vec<_> = spellings
        .iter()
        .map(|name| match name.strip_prefix(PREFIX) {
            Some(rest) => rest.to_owned(),
            None => format!("{PREFIX}{name}"),
        })
        .collect();
    spellings.extend(others);
    spellings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> Modules {
        let tensors = |names: &[&str]| {
            let named = names.iter().map(|name| ((*name).to_owned(), vec![1]));
            named.collect::<Vec<_>>()
        };
        let unet = tensors(&[
            "down_blocks.0.resnets.0.conv1.weight",
            "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0.weight",
        ]);
        let text = tensors(&["text_model.encoder.layers.3.self_attn.q_proj.weight"]);
        let second = tensors(&["encoder.layers.3.mlp.fc1.weight"]);
        Modules::default()
            .with(ModelPart::Unet, unet)
            .with(ModelPart::TextEncoder, text)
            .with(ModelPart::TextEncoder2, second)
    }

    #[test]
    fn every_spelling_of_a_module_finds_it() {
        let to_out = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0";
        let q_proj = "text_model.encoder.layers.3.self_attn.q_proj";
        let fc1 = "encoder.layers.3.mlp.fc1";
        let model = model();
        for (spelling, module) in [
            (
                "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_out_0",
                to_out,
            ),
            (
                "lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_out_0",
                to_out,
            ),
            (
                "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.processor.to_out",
                to_out,
            ),
            (
                "base_model.model.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0",
                to_out,
            ),
            (
                "unet.base_model.model.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0",
                to_out,
            ),
            (
                "diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_out.0",
                to_out,
            ),
            (
                "lora_te_text_model_encoder_layers_3_self_attn_q_proj",
                q_proj,
            ),
            (
                "lora_te1_text_model_encoder_layers_3_self_attn_q_proj",
                q_proj,
            ),
            (
                "text_encoder.text_model.encoder.layers.3.self_attn.q_proj",
                q_proj,
            ),
            ("text_encoder.encoder.layers.3.self_attn.q_proj", q_proj),
            (
                "text_encoder.text_model.encoder.layers.3.self_attn.to_q",
                q_proj,
            ),
            ("text_model.encoder.layers.3.self_attn.q_proj", q_proj),
            ("lora_te2_text_model_encoder_layers_3_mlp_fc1", fc1),
            ("text_encoder_2.text_model.encoder.layers.3.mlp.fc1", fc1),
        ] {
            assert_eq!(
                model.find(&place_of(spelling)),
                Some(&[module.to_owned()][..]),
                "{spelling}"
            );
        }
    }

    #[test]
    fn a_transformer_is_found_with_its_part_before_its_name_and_without() {
        let to_q = "transformer_blocks.3.attn.to_q";
        let tensors = [to_q, "proj_out"].map(|name| (format!("{name}.weight"), vec![1]));
        let model = Modules::default().with(ModelPart::Unet, tensors);
        for (spelling, module) in [
            ("transformer.transformer_blocks.3.attn.to_q", to_q),
            ("transformer_blocks.3.attn.to_q", to_q),
            ("base_model.model.transformer_blocks.3.attn.to_q", to_q),
            ("lora_unet_transformer_blocks_3_attn_to_q", to_q),
            ("transformer.proj_out", "proj_out"),
            ("proj_out", "proj_out"),
        ] {
            assert_eq!(
                model.find(&place_of(spelling)),
                Some(&[module.to_owned()][..]),
                "{spelling}"
            );
        }
    }

    #[test]
    fn what_belongs_to_other_networks_finds_nothing() {
        let model = model();
        for spelling in [
            "transformer.single_transformer_blocks.0.attn.to_q",
            "lora_unet_double_blocks_0_img_attn_qkv",
            "lora_te2_text_model_encoder_layers_3_self_attn_q_proj",
        ] {
            assert_eq!(model.find(&place_of(spelling)), None, "{spelling}");
        }
    }
}
