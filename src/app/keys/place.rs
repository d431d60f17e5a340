//! Where a key means something: what has the focus, what is open, what is on the easel.

use crate::app::words::Words;

/// What takes the keys by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Focus {
    Nothing,
    /// A field for text, or for a number.
    Text,
    /// The picture in the middle.
    Picture,
    /// Anything else.
    Control,
}

/// What people have before them at the easel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum AtEasel {
    /// They are elsewhere, or the easel is empty.
    Away,
    Picture,
    /// An outline or a stroke is being drawn on it.
    Shape,
    /// A result that can be accepted.
    Result,
}

/// What decides whether a key means something now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) struct Situation {
    pub(in crate::app) focus: Focus,
    pub(in crate::app) easel: AtEasel,
    /// A sheet lies over the window.
    pub(in crate::app) sheet: bool,
}

/// Where a command holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Place {
    Anywhere,
    /// While something is open that goes first: a sheet, or an outline that is being drawn.
    Open,
    /// While nothing is.
    Closed,
    NotTyping,
    /// Not typing, and not at the easel.
    AwayFromEasel,
    /// Not typing, and the picture has not the focus.
    BesidePicture,
    /// The picture has the focus.
    OnPicture,
    AtEasel,
    /// At the easel, whatever has the focus: for what the pointer does meanwhile.
    UnderPointer,
    OnShape,
    OnResult,
}

impl Situation {
    /// Every situation there can be.
    fn all() -> impl Iterator<Item = Self> {
        const FOCI: [Focus; 4] = [Focus::Nothing, Focus::Text, Focus::Picture, Focus::Control];
        const EASELS: [AtEasel; 4] = [
            AtEasel::Away,
            AtEasel::Picture,
            AtEasel::Shape,
            AtEasel::Result,
        ];
        let each = |focus| EASELS.into_iter().map(move |easel| (focus, easel));
        let both = |(focus, easel)| {
            [false, true].map(|sheet| Self {
                focus,
                easel,
                sheet,
            })
        };
        FOCI.into_iter().flat_map(each).flat_map(both)
    }
}

impl Place {
    /// Whether commands of this place are done in a situation.
    pub(super) fn holds(self, situation: Situation) -> bool {
        let Situation {
            focus,
            easel,
            sheet,
        } = situation;
        let (typing, open) = (focus == Focus::Text, sheet || easel == AtEasel::Shape);
        match self {
            Self::Anywhere => true,
            Self::Open => open,
            Self::Closed => !open,
            Self::NotTyping => !typing,
            Self::AwayFromEasel => !typing && easel == AtEasel::Away,
            Self::BesidePicture => !typing && focus != Focus::Picture,
            Self::OnPicture => focus == Focus::Picture,
            Self::AtEasel => !typing && easel != AtEasel::Away,
            Self::UnderPointer => easel != AtEasel::Away,
            Self::OnShape => !typing && easel == AtEasel::Shape,
            Self::OnResult => !typing && easel == AtEasel::Result,
        }
    }

    /// Whether one key would mean two things in some situation.
    pub(super) fn overlaps(self, other: Self) -> bool {
        Situation::all().any(|situation| self.holds(situation) && other.holds(situation))
    }

    /// What stands above its commands in lists.
    pub(in crate::app) fn head(self, words: &Words) -> &'static str {
        match self {
            Self::Anywhere | Self::Open | Self::Closed => words.keys_everywhere,
            Self::NotTyping | Self::AwayFromEasel | Self::BesidePicture => words.keys_not_typing,
            Self::OnPicture => words.keys_on_picture,
            Self::AtEasel | Self::UnderPointer | Self::OnShape | Self::OnResult => {
                words.keys_at_canvas
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_overlap_where_one_press_could_mean_two_things() {
        for (one, other) in [
            (Place::Open, Place::Closed),
            (Place::AtEasel, Place::AwayFromEasel),
            (Place::BesidePicture, Place::OnPicture),
            (Place::OnShape, Place::OnResult),
        ] {
            assert!(!one.overlaps(other) && !other.overlaps(one), "{one:?}");
            assert!(
                one.overlaps(one) && one.overlaps(Place::Anywhere),
                "{one:?}"
            );
        }
        assert!(Place::AtEasel.overlaps(Place::OnPicture));
        assert!(Place::AtEasel.overlaps(Place::OnResult));
        assert!(Place::NotTyping.overlaps(Place::OnShape));
    }
}
