//! Blocks in a row, and what they were given added to what they give.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::block::Block;
use super::connection::Connection;
use super::layout::{SwinIrGroup, SwinIrLayout};
use super::windows::Windows;
use crate::nn::{Interrupt, from_rows, to_rows};

#[derive(Debug)]
pub(super) struct Group {
    blocks: Vec<Block>,
    connection: Connection,
}

impl Group {
    pub(super) fn new(
        layout: &SwinIrLayout,
        group: &SwinIrGroup,
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        let blocks = vb.pp("residual_group.blocks");
        let block = |index: usize| Block::new(layout, group.heads, &blocks.pp(index));
        Ok(Self {
            blocks: (0..group.depth).map(block).collect::<Result<_>>()?,
            connection: Connection::new(layout.connection, layout.width, &vb.pp("conv"))?,
        })
    }

    /// `[batch, width, height, width]`, shape kept; windows as they are for every other block from
    /// the first, and shifted for those between.
    pub(super) fn forward(
        &self,
        xs: &Tensor,
        windows: &[Windows; 2],
        interrupt: &Interrupt,
    ) -> Result<Tensor> {
        let (batch, channels, height, width) = xs.dims4()?;
        let mut rows = to_rows(xs)?.flatten_to(1)?;
        for (block, windows) in self.blocks.iter().zip(windows.iter().cycle()) {
            rows = block.forward(&rows, windows, interrupt)?;
        }
        let rows = rows.reshape((batch, height * width, channels))?;
        let ys = from_rows(&rows, (height, width))?;
        self.connection.forward(&ys, xs, interrupt)
    }
}
