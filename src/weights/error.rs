//! Everything that can be wrong with a model's files, each with its cure.

use thiserror::Error;

use super::OtherUse;

/// Why a model cannot be used. Every file is named as it lies in the model's folder.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ModelError {
    #[error(
        "there is no model \"{name}\": give \"sprout\", a checkpoint (.safetensors, .ckpt, .gguf) or a \
         folder in the diffusers layout (with model_index.json)"
    )]
    UnknownModel { name: String },
    #[error("the model folder {folder} lacks {file}: copy it there, or download the model again")]
    FileMissing { folder: String, file: String },
    #[error("{file} cannot be read: {reason}")]
    Unreadable { file: String, reason: String },
    #[error(
        "{file} is a folder where a file should be: put the file there, or give the file itself"
    )]
    IsFolder { file: String },
    #[error("{file} is a device or a pipe, not a file: copy what comes out of it to a file")]
    IsDevice { file: String },
    #[error("{file} is damaged or not a file of weights ({reason}): download this file again")]
    Damaged { file: String, reason: String },
    #[error(
        "{file} does not fit its config.json ({reason}): the two come from different models; \
         use both from the same one"
    )]
    Mismatch { file: String, reason: String },
    #[error("{file} is no model that draws, but {what}")]
    NoModel { file: String, what: OtherUse },
    #[error(
        "{file} holds {family}, which this version cannot run: choose a checkpoint of Stable Diffusion \
         1.x, 2.x, XL or 3, of FLUX.1 or Z-Image"
    )]
    OtherFamily { file: String, family: String },
    #[error("{file} holds no VAE, which makes pictures of what the model draws: choose one for it")]
    NoVae { file: String },
    #[error(
        "{file} cannot be the VAE of this model ({reason}): choose one that is published for it"
    )]
    OtherVae { file: String, reason: String },
    #[error(
        "{file} cannot draw this model's previews ({reason}): delete it, or teach one anew by \
         `afterimage fit decoder`"
    )]
    OtherPreviews { file: String, reason: String },
    #[error(
        "{file} holds no text encoder, so it cannot read prompts: choose a checkpoint that is whole"
    )]
    NoTextEncoder { file: String },
    #[error(
        "{file} holds the denoiser of {family} alone, and these parts are nowhere beside it: {parts}: lay \
         there the folders diffusers has of {family}, or what is in brackets, as ComfyUI has it"
    )]
    DenoiserAlone {
        file: String,
        family: String,
        /// Those that are nowhere, with commas between them.
        parts: String,
    },
    #[error(
        "{file} is not what its other tensors promise ({reason}): download the checkpoint again, or \
         take another version of it"
    )]
    Incomplete { file: String, reason: String },
    #[error(
        "{file} does not hold the weights of {network} ({reason}): put the file there that is \
         published for it"
    )]
    OtherNetwork {
        file: String,
        network: String,
        reason: String,
    },
    #[error(
        "{file} holds no network that enlarges pictures ({reason}): give weights of ESRGAN, \
         Real-ESRGAN, BSRGAN or SwinIR, as they are published"
    )]
    NoUpscaler { file: String, reason: String },
    #[error(
        "there is no network \"{name}\" that enlarges pictures: give a file of weights, the name of one \
         that lies in {folder}/upscale, or of one that is built in{there}"
    )]
    UnknownUpscaler {
        name: String,
        folder: String,
        /// Those there are, as ` (a, b)`.
        there: String,
    },
    #[error(
        "the method lama needs the weights of big-lama, and there are none in {folder}: put \
         big-lama.pt or big-lama.safetensors there, or choose the method exemplar, which needs none"
    )]
    NoLama { folder: String },
    #[error(
        "the features vgg19 need the weights of VGG-19, and there are none in {folder}: put \
         vgg19-dcbb9e9d.pth there, or choose the features embedded, which need none"
    )]
    NoVgg { folder: String },
    #[error(
        "the features adain need both networks of AdaIN, and they are not in {folder}: put \
         vgg_normalised.pth and decoder.pth into its folder adain, or choose the features embedded, \
         which need none"
    )]
    NoAdaIn { folder: String },
    #[error(
        "there is no quick style \"{name}\": give a file, or the name of one that lies in \
         {folder}/styles{there}"
    )]
    NoQuickStyle {
        name: String,
        folder: String,
        /// Those there are, as ` (a, b)`; or nothing.
        there: String,
    },
    #[error(
        "{file} holds no LoRA or its kin: give a file of LoRA, LoHa, LoKr or DoRA, as trainers write it"
    )]
    NoAdapter { file: String },
    #[error(
        "{file} is made for {made_for}, and the model is {model} ({reason}): choose a LoRA made for \
         this model, or a model of the LoRA's family"
    )]
    AdapterOfOtherFamily {
        file: String,
        made_for: String,
        model: String,
        reason: String,
    },
    #[error(
        "there is no LoRA \"{name}\": give a file, or the name of one that lies in {folder}/loras{near}"
    )]
    UnknownAdapter {
        name: String,
        folder: String,
        /// Those of similar names, as ` (a, b)`; or nothing.
        near: String,
    },
    #[error(
        "{file} is no textual inversion ({reason}): give one of A1111, ComfyUI or diffusers, for CLIP"
    )]
    NoInversion { file: String, reason: String },
    #[error(
        "{file} is a textual inversion of width {found}{}, and the model reads words of width {width}: \
         it was trained for another kind of model; leave its name out of the prompt, or choose a \
         model of its kind", in_brackets(*.family)
    )]
    OtherInversion {
        file: String,
        found: String,
        /// The models it was trained for, where they are known.
        family: Option<&'static str>,
        width: usize,
    },
    #[error(
        "{file} is no whole CLIP ({reason}): give a folder in Hugging Face's layout, with config.json, \
         model.safetensors and the tokenizer's files, of one that has both encoders"
    )]
    NoClip { file: String, reason: String },
    #[error("{file} is not a valid configuration ({reason}): restore the original file")]
    InvalidConfig { file: String, reason: String },
    #[error(
        "{file} names the class \"{class}\", which this version does not know; it knows {known}"
    )]
    UnknownClass {
        file: String,
        class: String,
        known: String,
    },
    #[error("{file} asks for {option}, which this version cannot compute: choose another model")]
    Unsupported { file: String, option: String },
}

/// As ` (a)`; nothing where there is none.
pub fn in_brackets(told: Option<&str>) -> String {
    told.map_or_else(String::new, |told| format!(" ({told})"))
}
