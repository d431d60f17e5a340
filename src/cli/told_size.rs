//! What Stable Diffusion XL is told of a picture's size, on the command line.

use clap::Args;

use super::args::parse_size;
use crate::recipe::SizeCondition;

#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ToldSizeArgs {
    /// Tell Stable Diffusion XL this size of the original, instead of the picture's own.
    #[arg(long, value_name = "WxH", value_parser = parse_size)]
    pub original_size: Option<(u32, u32)>,
    /// Tell it that so much was cut off at the left and at the top.
    #[arg(long, value_name = "XxY", value_parser = parse_size)]
    pub crop: Option<(u32, u32)>,
    /// Tell it this size of what was left, instead of the picture's own.
    #[arg(long, value_name = "WxH", value_parser = parse_size)]
    pub target_size: Option<(u32, u32)>,
}

impl ToldSizeArgs {
    /// Of a picture of a width and height; `None` where nothing is said.
    pub(super) fn of(self, (width, height): (u32, u32)) -> Option<SizeCondition> {
        let is_said = [self.original_size, self.crop, self.target_size]
            .iter()
            .any(Option::is_some);
        let own = SizeCondition::whole(width, height);
        is_said.then(|| SizeCondition {
            original: self.original_size.unwrap_or(own.original),
            crop: self.crop.unwrap_or(own.crop),
            target: self.target_size.unwrap_or(own.target),
        })
    }
}
