//! A PNG that is written row by row, never held as a whole.

use std::borrow::Cow;
use std::io::Write;

use png::chunk::ChunkType;
use png::{BitDepth, EncodingError, StreamWriter};

use super::finest::Beside;
use super::samples::Kind;
use super::saving::color_type;
use crate::raster::Extent;
use crate::raster::codec::add_texts;

/// A PNG of known size and samples; its rows come one after the other.
pub struct PngStream<W: Write + 'static> {
    rows: StreamWriter<'static, W>,
}

impl<W: Write + 'static> std::fmt::Debug for PngStream<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PngStream")
    }
}

impl<W: Write + 'static> PngStream<W> {
    /// Writes everything that stands before the pixels: `texts` are keywords and texts, and take the
    /// places of others with the same keyword.
    pub fn begin(
        out: W,
        extent: Extent,
        (kind, sixteen): (Kind, bool),
        texts: &[(&str, &str)],
        beside: &Beside,
    ) -> Result<Self, EncodingError> {
        let mut info = png::Info::with_size(extent.width, extent.height);
        info.color_type = color_type(kind);
        info.bit_depth = if sixteen {
            BitDepth::Sixteen
        } else {
            BitDepth::Eight
        };
        info.icc_profile = beside.profile.as_deref().map(Cow::Borrowed);
        let mut encoder = png::Encoder::with_info(out, info)?;
        add_texts(&mut encoder, texts)?;
        let mut writer = encoder.write_header()?;
        for (kind, data) in &beside.chunks {
            writer.write_chunk(ChunkType(*kind), data)?;
        }
        Ok(Self {
            rows: writer.into_stream_writer()?,
        })
    }

    /// Rows from the top, samples big-endian.
    pub fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.rows.write_all(bytes)
    }

    /// Writes what stands behind the pixels; fails if any of them are missing.
    pub fn finish(self) -> Result<(), EncodingError> {
        self.rows.finish()
    }
}
