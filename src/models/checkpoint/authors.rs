//! What the authors of transformers call modules that diffusers calls otherwise: adapters for FLUX.1,
//! Stable Diffusion 3 and Z-Image are trained under these names, too.

use std::collections::BTreeSet;

use super::{flux_names, joint_names, z_image_names};
use crate::weights::Weights;

/// A module as its authors call it, and what diffusers has of it: several modules where the outputs of
/// the authors' are those of all, one after the other.
pub(super) type Spelling = (String, Vec<String>);

/// All of a denoiser that there is under such a name.
pub(in crate::models) fn authors_modules(denoiser: &Weights) -> Vec<Spelling> {
    let names = denoiser.names();
    let modules: BTreeSet<&str> = names
        .filter_map(|name| Some(name.rsplit_once('.')?.0))
        .collect();
    let all = modules.iter().flat_map(|module| {
        [
            flux_names::spelling(module),
            joint_names::spelling(module),
            z_image_names::spelling(module),
        ]
    });
    let are_there = |(_, own): &Spelling| own.iter().all(|own| modules.contains(own.as_str()));
    all.flatten().filter(are_there).collect()
}

/// The other name of a module in a table of tensors' beginnings: file, diffusers.
pub(super) fn other_name<'a>(module: &str, table: &[(&'a str, &str)]) -> Option<&'a str> {
    let named = |name: &str| name.strip_suffix('.') == Some(module);
    let (file, _) = table.iter().find(|(_, name)| named(name))?;
    file.strip_suffix('.')
}
