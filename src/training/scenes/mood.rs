//! The palettes: what each time of day does to the sky, the ground and everything between.

use super::attributes::{Place, Time, Weather};
use super::scene::Scene;
use super::tint::{Rgb, WHITE, hex};

/// The colours of a ground.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ground {
    /// At the horizon.
    pub(super) far: Rgb,
    /// At the lower edge.
    pub(super) near: Rgb,
    /// Where light catches.
    pub(super) light: Rgb,
    /// Hollows and shadows.
    pub(super) dark: Rgb,
}

impl Ground {
    fn of(place: Place, time: Time) -> Self {
        let [far, near, light, dark] = grounds(place, time).map(hex);
        Self {
            far,
            near,
            light,
            dark,
        }
    }
}

/// All colours that belong to one scene's place and time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mood {
    pub(super) time: Time,
    /// From the zenith to the horizon.
    pub(super) sky: [Rgb; 4],
    pub(super) ground: Ground,
    /// The light of the sun or moon.
    pub(super) key: Rgb,
    /// Windows and lamps are lit.
    pub(super) lit: bool,
    /// Which side the light comes from: -1 left, 1 right.
    pub(super) side: f32,
}

impl Mood {
    pub(super) fn of(scene: &Scene) -> Self {
        let (one, other) = skies(scene.place, scene.time);
        let mut sky = [WHITE; 4];
        for (mixed, (a, b)) in sky.iter_mut().zip(one.iter().zip(other)) {
            *mixed = hex(*a).mix(hex(b), scene.warmth);
        }
        // Under clouds the sky loses a part of its colour.
        let dull = match scene.weather {
            Weather::Fair => 0.0,
            Weather::Rain | Weather::Fog => 0.5,
            Weather::Snowfall => 0.4,
        };
        for color in &mut sky {
            *color = color.faded(dull).times(1.0 - 0.12 * dull);
        }
        let middle = scene.figure.map_or(0.5, |figure| figure.x);
        // Without a sun the light still comes from somewhere.
        let from_left = scene
            .sky
            .orb
            .map_or_else(|| scene.detail.is_multiple_of(2), |orb| orb.x < middle);
        let side = if from_left { -1.0 } else { 1.0 };
        Self {
            time: scene.time,
            sky,
            ground: Ground::of(scene.place, scene.time),
            key: hex(match scene.time {
                Time::Day => 0xFFF6C8,
                Time::Dawn => 0xFFF4DC,
                Time::Sunset => 0xFFC04A,
                Time::Night => 0xDCE8FF,
                Time::Storm => 0xD8E4DC,
                Time::Dusk => 0xF6C4DC,
            }),
            lit: matches!(
                scene.time,
                Time::Night | Time::Storm | Time::Sunset | Time::Dusk
            ),
            side,
        }
    }

    /// The colours of open water, wherever there is some.
    pub(super) fn water(&self) -> Ground {
        Ground::of(Place::Ocean, self.time)
    }

    /// A thing of the surroundings, given in daylight colours, in this light.
    pub(super) fn graded(&self, color: Rgb) -> Rgb {
        match self.time {
            Time::Day => color,
            Time::Dawn => color.mix(hex(0xF4D6DC), 0.40),
            Time::Sunset => color.filtered([0.74, 0.50, 0.54]).mix(hex(0x6A1E54), 0.30),
            Time::Night => color.filtered([0.30, 0.36, 0.54]).mix(hex(0x101C48), 0.28),
            Time::Storm => color.faded(0.5).filtered([0.56, 0.62, 0.62]),
            Time::Dusk => color.filtered([0.50, 0.48, 0.74]).mix(hex(0x3A2C78), 0.30),
        }
    }

    /// The colour of distant things: a daylight colour, graded and sunk in the haze of the horizon.
    pub(super) fn distant(&self, color: Rgb, haze: f32) -> Rgb {
        let air = match self.time {
            Time::Sunset => self.sky[2].mix(self.sky[3], 0.25),
            Time::Dusk => self.sky[2].mix(self.sky[3], 0.35),
            _ => self.sky[3],
        };
        self.graded(color).mix(air, haze)
    }
}

type Stops = [u32; 4];

/// The two skies between which a scene's lies.
const fn skies(place: Place, time: Time) -> (Stops, Stops) {
    if matches!(place, Place::Moon) {
        return match time {
            Time::Day => (
                [0x14245C, 0x2F58AC, 0x74AEEA, 0xCDEBFC],
                [0x1A2A66, 0x3A64B8, 0x86BAEC, 0xDCF0FA],
            ),
            Time::Dawn => (
                [0x6A629C, 0xA58CBE, 0xECC0C8, 0xFFE8D2],
                [0x5E6AA4, 0x9C94C8, 0xE4BECE, 0xFFE2D6],
            ),
            Time::Sunset => (
                [0x1C0A30, 0x64164A, 0xCE3C36, 0xFF9E38],
                [0x260E3C, 0x7C1C48, 0xE0502E, 0xFFB040],
            ),
            Time::Night => (
                [0x04050F, 0x070B22, 0x0E1638, 0x1B2A56],
                [0x05040E, 0x0C0A24, 0x161540, 0x282A5C],
            ),
            Time::Storm => (
                [0x4C3A2C, 0x74583E, 0x9A7A56, 0xBE9A70],
                [0x463A30, 0x6A5644, 0x90785C, 0xB49876],
            ),
            Time::Dusk => (
                [0x0E0E40, 0x2A2670, 0x6650A4, 0xD88AB4],
                [0x121240, 0x322A78, 0x70549C, 0xE492A8],
            ),
        };
    }
    match time {
        Time::Day => (
            [0x2A84E4, 0x5EB0F4, 0xA4D8FA, 0xD8F1FC],
            [0x3A9AEA, 0x74C4F6, 0xB2E2FA, 0xE6F7FB],
        ),
        Time::Dawn => (
            [0xB4B2E8, 0xE0C4E6, 0xFBCDD0, 0xFFE9CE],
            [0xA8BCE8, 0xD6CAEC, 0xF7CCD8, 0xFFE2CE],
        ),
        Time::Sunset => (
            [0x3C1A62, 0x92286A, 0xE64C3A, 0xFFB23A],
            [0x4A1C56, 0xB22E58, 0xF2682E, 0xFFC648],
        ),
        Time::Night => (
            [0x070C2C, 0x0F1E4C, 0x1B3670, 0x30568E],
            [0x0B0A32, 0x171A52, 0x282E74, 0x40508E],
        ),
        Time::Storm => (
            [0x39464A, 0x566462, 0x7A8A82, 0xA2B2A8],
            [0x333E46, 0x4C5A5E, 0x6C7C7A, 0x94A49E],
        ),
        Time::Dusk => (
            [0x1A2670, 0x3E48A2, 0x7E70C0, 0xF0A2BC],
            [0x24246C, 0x48429C, 0x8C6CBA, 0xF8A8B0],
        ),
    }
}

/// Far, near, light and dark of a ground.
const fn grounds(place: Place, time: Time) -> Stops {
    match (place, time) {
        (Place::Ocean, Time::Day) => [0x62C6EA, 0x1470BC, 0xC4EEFC, 0x0F5CA4],
        (Place::Ocean, Time::Dawn) => [0xF2D2D6, 0x8EA8D2, 0xFFF2E8, 0x7C96C4],
        (Place::Ocean, Time::Sunset) => [0xEE7A3A, 0x4C1C5C, 0xFFB450, 0x3A144E],
        (Place::Ocean, Time::Night) => [0x2B5088, 0x0A1838, 0x7098CE, 0x081230],
        (Place::Ocean, Time::Storm) => [0x66807C, 0x203A40, 0xA4BAB4, 0x1A3036],
        (Place::Ocean, Time::Dusk) => [0xB486BA, 0x222C6C, 0xE8A6C4, 0x1A2258],
        (Place::Meadow, Time::Day) => [0xB2DC62, 0x4AA03A, 0xD0EE82, 0x3C8C34],
        (Place::Meadow, Time::Dawn) => [0xE2E8BC, 0xA2C692, 0xF4F2D2, 0x8AB482],
        (Place::Meadow, Time::Sunset) => [0xA88C34, 0x2C4A22, 0xE0AC48, 0x20381C],
        (Place::Meadow, Time::Night) => [0x205048, 0x0B2626, 0x32685E, 0x081C1E],
        (Place::Meadow, Time::Storm) => [0x6A805C, 0x2E4632, 0x86986E, 0x243A2A],
        (Place::Meadow, Time::Dusk) => [0x4E6A80, 0x1E3A50, 0x7484A0, 0x162C42],
        (Place::Desert, Time::Day) => [0xFAE0A0, 0xE4AE50, 0xFFEEBC, 0xCE9040],
        (Place::Desert, Time::Dawn) => [0xFCE6D4, 0xECC2AA, 0xFFF3E4, 0xDCA898],
        (Place::Desert, Time::Sunset) => [0xF28C3A, 0x8E3224, 0xFFB65C, 0x6A2426],
        (Place::Desert, Time::Night) => [0x8A7468, 0x40303C, 0xAE967E, 0x2A2030],
        (Place::Desert, Time::Storm) => [0xA8946C, 0x5E4E38, 0xBCA882, 0x4C3E2E],
        (Place::Desert, Time::Dusk) => [0xB48AA0, 0x5A4270, 0xDCA4AE, 0x40305C],
        (Place::Snow, Time::Day) => [0xFAFDFF, 0xD6E8F8, 0xFFFFFF, 0xAECBEA],
        (Place::Snow, Time::Dawn) => [0xFFF4EE, 0xEEDCEC, 0xFFFCF6, 0xD8C4E0],
        (Place::Snow, Time::Sunset) => [0xFFC48E, 0x9C5E98, 0xFFE0BC, 0x844A8A],
        (Place::Snow, Time::Night) => [0x90AADC, 0x4A66A8, 0xB6CCF0, 0x3A5292],
        (Place::Snow, Time::Storm) => [0xC6D0D4, 0x8E9EA6, 0xDEE6E8, 0x788A94],
        (Place::Snow, Time::Dusk) => [0xC8B4DE, 0x6C74BC, 0xE8CCE6, 0x545CA4],
        (Place::Forest, Time::Day) => [0x92C254, 0x3F7C36, 0xB4D870, 0x2F6630],
        (Place::Forest, Time::Dawn) => [0xD2DEBC, 0x94B292, 0xEAEED0, 0x7CA084],
        (Place::Forest, Time::Sunset) => [0x94602A, 0x382C1E, 0xC67C34, 0x261E1A],
        (Place::Forest, Time::Night) => [0x173E3C, 0x081C22, 0x265854, 0x061418],
        (Place::Forest, Time::Storm) => [0x50684E, 0x22362C, 0x687E66, 0x1A2A24],
        (Place::Forest, Time::Dusk) => [0x3E5C72, 0x162E40, 0x5E7490, 0x102434],
        (Place::City, Time::Day) => [0x98A2B0, 0x6C7686, 0xDCE0E6, 0x565F70],
        (Place::City, Time::Dawn) => [0xD8C8D4, 0xAEA2BA, 0xF2E6E6, 0x968AA6],
        (Place::City, Time::Sunset) => [0x904A50, 0x42264A, 0xD2725A, 0x321C3C],
        (Place::City, Time::Night) => [0x39466E, 0x1B2242, 0x546492, 0x141934],
        (Place::City, Time::Storm) => [0x6C7878, 0x404C50, 0x90A0A0, 0x323E44],
        (Place::City, Time::Dusk) => [0x6A5E96, 0x2C2C5E, 0x9078AA, 0x202048],
        (Place::Moon, Time::Day) => [0xF4F4F0, 0xC2C5CE, 0xFFFFFF, 0x969BAC],
        (Place::Moon, Time::Dawn) => [0xEEE0E6, 0xC0B2CC, 0xFCF2EE, 0xA294B6],
        (Place::Moon, Time::Sunset) => [0xE27C48, 0x682E48, 0xFFAC6A, 0x4A1E3C],
        (Place::Moon, Time::Night) => [0x6A769C, 0x323A5A, 0x929EC0, 0x242A48],
        (Place::Moon, Time::Storm) => [0x9A886E, 0x564A3E, 0xB4A284, 0x42382E],
        (Place::Moon, Time::Dusk) => [0xA08CBE, 0x443E74, 0xCCA8CC, 0x322C5C],
        (Place::Beach, Time::Day) => [0xF8E4B4, 0xEBC57E, 0xFFF2D0, 0xCFA05C],
        (Place::Beach, Time::Dawn) => [0xFCE8DA, 0xEFD0BC, 0xFFF5EA, 0xDDB4A8],
        (Place::Beach, Time::Sunset) => [0xE89A58, 0x90504A, 0xFFC07A, 0x6A3044],
        (Place::Beach, Time::Night) => [0x6E7A9A, 0x3C4668, 0x90A0C4, 0x283050],
        (Place::Beach, Time::Storm) => [0xA69E86, 0x6A6456, 0xC0B8A0, 0x504C44],
        (Place::Beach, Time::Dusk) => [0xB49CB8, 0x6A5C8E, 0xDCBCCC, 0x4A4274],
        (Place::Lake, Time::Day) => [0x8CC85A, 0x4A9A42, 0xC0E67C, 0x2F7440],
        (Place::Lake, Time::Dawn) => [0xCCDCB4, 0x9CC098, 0xECF0D4, 0x7FA488],
        (Place::Lake, Time::Sunset) => [0x8A7434, 0x33401F, 0xD8A048, 0x24301E],
        (Place::Lake, Time::Night) => [0x1D4A48, 0x0C2628, 0x346A66, 0x081C20],
        (Place::Lake, Time::Storm) => [0x5E7658, 0x2E4638, 0x80947A, 0x22362E],
        (Place::Lake, Time::Dusk) => [0x46607A, 0x1E364C, 0x7088A4, 0x162A40],
        (Place::Garden, Time::Day) => [0xA4DA66, 0x58B04A, 0xCCEE8E, 0x3A8840],
        (Place::Garden, Time::Dawn) => [0xDCE8BE, 0xAACE9C, 0xF2F4D8, 0x8AB488],
        (Place::Garden, Time::Sunset) => [0xB09440, 0x48582A, 0xE4B450, 0x2E3A22],
        (Place::Garden, Time::Night) => [0x245650, 0x102E30, 0x3C746C, 0x0A2226],
        (Place::Garden, Time::Storm) => [0x6E8660, 0x38523C, 0x8EA278, 0x283E30],
        (Place::Garden, Time::Dusk) => [0x546E86, 0x264458, 0x7E94AC, 0x1A3048],
        (Place::Village, Time::Day) => [0xA8D468, 0x5CA648, 0xD0EA8C, 0x418240],
        (Place::Village, Time::Dawn) => [0xDEE4BC, 0xA8C694, 0xF2F0D4, 0x8CAE84],
        (Place::Village, Time::Sunset) => [0xAC8638, 0x404A24, 0xE2A84A, 0x2A3420],
        (Place::Village, Time::Night) => [0x20504A, 0x0E2A2A, 0x366A62, 0x0A1E22],
        (Place::Village, Time::Storm) => [0x6A7E5C, 0x324A36, 0x869872, 0x263A2C],
        (Place::Village, Time::Dusk) => [0x506682, 0x223C54, 0x7A8EA8, 0x182C44],
        (Place::Canyon, Time::Day) => [0xF4CE96, 0xDD9A5C, 0xFFE4B4, 0xB0683C],
        (Place::Canyon, Time::Dawn) => [0xFADCC8, 0xE8B49C, 0xFFEEDE, 0xCC9284],
        (Place::Canyon, Time::Sunset) => [0xE8803C, 0x863024, 0xFFB060, 0x5E2026],
        (Place::Canyon, Time::Night) => [0x6A5A6C, 0x342A40, 0x8E7C8C, 0x221C30],
        (Place::Canyon, Time::Storm) => [0x9C826A, 0x564638, 0xB49A80, 0x403428],
        (Place::Canyon, Time::Dusk) => [0xAC8098, 0x563C6A, 0xD8A0AC, 0x3C2C58],
    }
}
