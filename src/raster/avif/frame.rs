//! One AV1 picture, decoded.

use re_rav1d::dav1d::{
    BitsPerComponent, Decoder, Error, PixelLayout, PlanarImageComponent, Plane, Settings, pixel,
};

use super::Refusal;
use crate::raster::Extent;

/// Planes of a picture as its decoder has them.
pub(super) struct Frame {
    planes: Vec<Plane>,
    /// Bytes from row to row of each.
    strides: Vec<usize>,
    /// How often colours are halved across and along.
    pub(super) halved: (u32, u32),
    pub(super) extent: Extent,
    /// Of a sample: 8, 10 or 12.
    pub(super) bits: usize,
    /// As the stream says, where the file does not: the number of the matrix, and whether samples
    /// use all values.
    pub(super) matrix: Option<u16>,
    pub(super) is_full: bool,
}

impl Frame {
    /// Decodes the one picture in `data`, which must be of `size`.
    pub(super) fn decode(data: Vec<u8>, size: Extent) -> Result<Self, Refusal> {
        const DAMAGED: Refusal = "its AV1 data is damaged or cut short";
        if data.is_empty() {
            return Err(super::CUT);
        }
        let mut settings = Settings::new();
        // In this thread: a decoder's own would not come back from a panic.
        settings.set_n_threads(1);
        settings.set_max_frame_delay(1);
        settings.set_all_layers(false);
        // Nothing larger than the file says may be asked for.
        let most = u32::try_from(size.area()).map_err(|_too_large| DAMAGED)?;
        settings.set_frame_size_limit(most);
        let mut decoder = Decoder::with_settings(&settings).map_err(|_refused| DAMAGED)?;
        match decoder.send_data(data, None, None, None) {
            Ok(()) | Err(Error::Again) => {}
            Err(_) => return Err(DAMAGED),
        }
        let picture = decoder.get_picture().map_err(|_missing| DAMAGED)?;
        let extent = Extent::new(picture.width(), picture.height());
        if extent != size {
            return Err("its size is not what the file says");
        }
        let Some(BitsPerComponent(bits)) = picture.bits_per_component() else {
            return Err(DAMAGED);
        };
        use PlanarImageComponent::{U, V, Y};
        let (components, halved) = match picture.pixel_layout() {
            PixelLayout::I400 => (&[Y][..], (0, 0)),
            PixelLayout::I420 => (&[Y, U, V][..], (1, 1)),
            PixelLayout::I422 => (&[Y, U, V][..], (1, 0)),
            PixelLayout::I444 => (&[Y, U, V][..], (0, 0)),
        };
        let stride = |component: &PlanarImageComponent| picture.stride(*component) as usize;
        Ok(Self {
            planes: components
                .iter()
                .map(|component| picture.plane(*component))
                .collect(),
            strides: components.iter().map(stride).collect(),
            halved,
            extent,
            bits,
            matrix: match picture.matrix_coefficients() {
                pixel::MatrixCoefficients::Unspecified => None,
                matrix => Some(matrix as u16),
            },
            is_full: picture.color_range() == pixel::YUVRange::Full,
        })
    }

    pub(super) fn is_gray(&self) -> bool {
        self.planes.len() == 1
    }

    /// Size of a plane.
    pub(super) fn extent_of(&self, plane: usize) -> Extent {
        let (across, along) = if plane == 0 { (0, 0) } else { self.halved };
        let Extent { width, height } = self.extent;
        Extent::new(width.div_ceil(1 << across), height.div_ceil(1 << along))
    }

    /// A row of a plane, all of its samples.
    pub(super) fn row(&self, plane: usize, y: u32) -> Vec<u16> {
        let width = self.extent_of(plane).width as usize;
        let start = y as usize * self.strides[plane];
        let row = &self.planes[plane][start..];
        if self.bits > 8 {
            let pairs = row.as_chunks().0.iter().take(width);
            pairs.map(|&pair| u16::from_ne_bytes(pair)).collect()
        } else {
            row[..width].iter().map(|&value| value.into()).collect()
        }
    }
}
