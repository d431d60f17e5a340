//! The behaviour of the studio, a sentence per module.

#![expect(clippy::unwrap_used, reason = "helpers of tests panic like tests")]

mod checkpoint_kit;
mod clip_kit;
mod command;
mod easel_kit;
mod fake_engine;
mod golden;
mod studio_kit;
mod tiny_sam;
mod upscaling_kit;
mod window_kit;
mod window_live;
#[cfg(target_os = "linux")]
mod xvfb;

/// Prompts ask for adapters by name; the model changes with them and comes back without.
mod adapters;
/// The house keeps its floors and its vendors in their rooms.
mod architecture;
/// AVIF is read as others read it, and what is damaged in it harms nobody.
mod avif;
/// A file that is none of the kind it is taken for is named, with what to do.
mod bad_files;
/// A model folder that is not as it should be is named for what it is.
mod bad_models;
/// The picture in the middle can be moved, enlarged and compared.
mod canvas;
/// Prompts become pictures without a window, and every refusal is one clear line.
mod command_line;
/// Whatever one job or file is like, the engine takes the next.
mod engine_alive;
/// What a model draws is read by a CLIP, and maps of previews are fitted to pictures.
mod evaluating;
/// Filling changes what the mask paints and nothing else.
mod filling;
/// The last touch to a picture is seen at once and done to its pixels when it is saved.
mod finishing;
/// What does not fit into memory is made to, or refused, before it is begun.
mod fitting;
/// Letters of both languages are there without the system's fonts.
mod fonts;
/// Pictures of every usual kind are read.
mod formats;
/// Networks of AdaIN compute what torch computes.
mod golden_adain;
/// Adapters change models as PEFT and diffusers do, however they are spelled.
mod golden_adapters;
/// Whole CLIPs tell how well a text fits a picture as transformers does.
mod golden_clip;
/// Stable Diffusion XL and models that are told the guidance compute what diffusers computes.
mod golden_families;
/// FLUX.1 computes what diffusers computes, from a folder, a file or blocks of few bits.
mod golden_flux;
/// Words learnt by textual inversion are read from every tool's file, and in prompts as others read them.
mod golden_inversions;
/// A network that repaints pictures computes and learns as torch's does.
mod golden_johnson;
/// big-lama computes what torch computes.
mod golden_lama;
/// Every network computes what diffusers and transformers compute, and so do whole runs.
mod golden_networks;
/// Noise is torch's CPU stream.
mod golden_noise;
/// Prompts with weights, schedules and parts give the numbers of A1111 and `ComfyUI`.
mod golden_prompts;
/// Segment Anything finds what its authors' code finds.
mod golden_sam;
/// Every sampler walks the path diffusers walks.
mod golden_samplers;
/// Stable Diffusion 3 reads, denoises and draws what diffusers does.
mod golden_sd3;
/// What is left out for speed changes pictures as in the reference, and nothing else does.
mod golden_shortcuts;
/// Changing and filling pictures gives what diffusers' pipelines give.
mod golden_starts;
/// Style and content are what torch sees, and its optimisers go where torch goes.
mod golden_style;
/// A small decoder makes the pictures diffusers' makes.
mod golden_taesd;
/// Tiles are decoded and encoded as diffusers does.
mod golden_tiles;
/// Tokens are those of CLIP.
mod golden_tokens;
/// Networks that enlarge pictures compute what torch computes, whatever their files look like.
mod golden_upscale;
/// Pictures cut into parts become those that the reference's parts become.
mod golden_upscale_tiles;
/// VGG-19 sees what torch's sees.
mod golden_vgg;
/// Z-Image and the language model that reads its prompts compute what diffusers and transformers compute.
mod golden_z_image;
/// Every step can be undone, however little memory there is.
mod history;
/// Words of prompts stand for the rows of files, and pictures know which.
mod inversions;
/// A killed run leaves whole pictures alone.
mod kill;
/// Whatever vectors a machine has and however many threads compute, the picture is the same.
mod levels;
/// Nothing copyleft is linked in.
mod licences;
mod loose_parts;
/// Masks are painted the same on a device and without one, and every step can be taken back.
mod masks;
/// What a picture takes of memory is told beforehand.
mod memory;
/// Models of other programs are listed in place, and further ones are got.
mod models;
/// A picture keeps what its file was but where it is painted.
mod originals;
/// Another VAE than the model's own makes the picture, and the picture tells which.
mod other_vae;
/// Pictures on their way are drawn by a small network, where one was taught.
mod previews;
/// Small networks learn a style between pictures, lose nothing, and paint with it in a moment.
mod quick_styles;
/// Pictures are told best first, and of several the best stay.
mod ranking;
/// Pictures are compared in their turn, and that can be stopped.
mod ranking_engine;
/// The real window, on a screen without hardware.
#[cfg(target_os = "linux")]
mod real_window;
/// The session behind `bench ui` still fits the window.
mod recorded_session;
/// What disappears from a picture leaves what might have been there.
mod removing;
/// A network removes what is masked, where people have its weights.
mod removing_lama;
/// Networks agree with a second implementation, on fresh random weights.
mod second_reference;
/// Pointing at things with Segment Anything, from the file to the mask.
mod segmenting;
/// Previews look the same on every device.
mod shaders;
/// A checkpoint in one file is its folder to the bit, and what is none is named for what it is.
mod single_files;
/// Every network ends within a block of being asked to.
mod stopping;
/// A style job tells and shows every iteration, and keeps what is there wherever it is stopped.
mod style_jobs;
/// A picture takes the style of others without a window, and every refusal is one clear line.
mod styling;
/// Switching between models leaves nothing behind.
mod switching;
/// Parts of a picture become larger like the whole.
mod upscaling;
/// The engine makes pictures larger in their turn, and each job has one end.
mod upscaling_engine;
/// Pictures become larger from file to file, and every refusal comes before the work.
mod upscaling_files;
/// Weights in fewer bits draw almost the same picture.
mod weight_bits;
/// The picture at the easel is cut, compared, pasted, and given another size.
mod window_canvas;
/// What the left panel edits is what the engine is asked for.
mod window_create;
/// People paint a mask on a picture and have it filled, changed, or freed of something.
mod window_easel;
/// Names, keys and both languages hold for the whole window.
mod window_everywhere;
/// What takes long is asked of the engine, whatever the picture's size.
mod window_fluid;
/// People go back through all they did, and see how each state looked.
mod window_history;
/// Every key can be another one.
mod window_keys;
/// Beside the button people see what a picture takes and how it is made to fit.
mod window_memory;
/// The models people have are seen, searched and used, and further ones come.
mod window_models;
/// The prompt tells its length, completes names, and says how it is read.
mod window_prompt;
/// A quick style is made, watched, stopped and used in the window.
mod window_quick_style;
/// Of several pictures people keep the best, and sort the strip by words.
mod window_ranking;
/// What the engine tells is what people see.
mod window_results;
/// Two pictures laid on a table make a third, which is seen growing.
mod window_style;
/// People make pictures larger: by drop, one or many, and see what came of it.
mod window_upscale;
