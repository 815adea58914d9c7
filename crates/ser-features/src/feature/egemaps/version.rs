//! What differs between the versions of the sets, as data.

use std::fmt;
use std::str::FromStr;

use crate::descriptor::cycle::opensmile::PeriodRule;
use crate::error::Error;
use crate::spectrum::magnitude::Padding;

/// A set of features. The names of the published ones are openSMILE's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum FeatureSet {
    /// 62 functionals, 18 descriptors; first public version.
    GeMapsV01a,
    /// 62 functionals, 18 descriptors.
    GeMapsV01b,
    /// 88 functionals, 23 descriptors; first public version.
    EGeMapsV01a,
    /// 88 functionals, 23 descriptors.
    EGeMapsV01b,
    /// 88 functionals, 25 descriptors: the current one.
    #[default]
    EGeMapsV02,
    /// 88 functionals, 25 descriptors: the columns of eGeMAPSv02 as their names mean them, with the reference's defects corrected
    /// (`docs/errata.md`). The one set whose numbers are not openSMILE's.
    EGeMapsSer,
    /// 113 functionals, 35 descriptors: eGeMAPS-ser, and what phoneticians ask for beyond it.
    EGeMapsSerPlus,
}

/// The smallest set that a column belongs to; each contains the ones before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Since {
    /// GeMAPS and all others.
    GeMaps,
    /// eGeMAPS, all versions.
    EGeMaps,
    /// eGeMAPS from v02 on.
    V02,
    /// eGeMAPS-ser+ alone.
    Plus,
}

/// The rules of a version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rules {
    /// Where the zeros go before the transform of a frame.
    pub padding: Padding,
    /// Upper limit of formant frequencies in Hz.
    pub highest_formant_hz: f64,
    /// Which periods count for jitter and shimmer.
    pub periods: PeriodRule,
}

impl FeatureSet {
    /// The published sets, oldest first, whose numbers are openSMILE's.
    pub const PUBLISHED: [Self; 5] = [
        Self::GeMapsV01a,
        Self::GeMapsV01b,
        Self::EGeMapsV01a,
        Self::EGeMapsV01b,
        Self::EGeMapsV02,
    ];

    /// All sets: the published ones, then eGeMAPS-ser and eGeMAPS-ser+.
    pub const ALL: [Self; 7] = [
        Self::GeMapsV01a,
        Self::GeMapsV01b,
        Self::EGeMapsV01a,
        Self::EGeMapsV01b,
        Self::EGeMapsV02,
        Self::EGeMapsSer,
        Self::EGeMapsSerPlus,
    ];

    /// The name; of the published sets as openSMILE spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::GeMapsV01a => "GeMAPSv01a",
            Self::GeMapsV01b => "GeMAPSv01b",
            Self::EGeMapsV01a => "eGeMAPSv01a",
            Self::EGeMapsV01b => "eGeMAPSv01b",
            Self::EGeMapsV02 => "eGeMAPSv02",
            Self::EGeMapsSer => "eGeMAPS-ser",
            Self::EGeMapsSerPlus => "eGeMAPS-ser+",
        }
    }

    /// Does the set have a column of this extent?
    pub fn has(self, since: Since) -> bool {
        let extent = match self {
            Self::GeMapsV01a | Self::GeMapsV01b => Since::GeMaps,
            Self::EGeMapsV01a | Self::EGeMapsV01b => Since::EGeMaps,
            Self::EGeMapsV02 | Self::EGeMapsSer => Since::V02,
            Self::EGeMapsSerPlus => Since::Plus,
        };
        since <= extent
    }

    /// The rules of a published set; `None` for eGeMAPS-ser and eGeMAPS-ser+.
    pub(crate) fn rules(self) -> Option<Rules> {
        Some(match self {
            Self::EGeMapsSer | Self::EGeMapsSerPlus => return None,
            Self::GeMapsV01a | Self::EGeMapsV01a => Rules {
                padding: Padding::Behind,
                highest_formant_hz: 5500.0,
                periods: PeriodRule::RunningMinimum,
            },
            Self::GeMapsV01b | Self::EGeMapsV01b | Self::EGeMapsV02 => Rules {
                padding: Padding::Centred,
                highest_formant_hz: 5450.0,
                periods: PeriodRule::Threshold,
            },
        })
    }
}

impl fmt::Display for FeatureSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for FeatureSet {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        // Without what separates: `eGeMAPSv02`, `egemaps_v02`, `FeatureSet.eGeMAPSv02`.
        let plain = |name: &str| -> String {
            let kept = name
                .chars()
                .filter(|&c| c.is_ascii_alphanumeric() || c == '+');
            kept.map(|c| c.to_ascii_lowercase()).collect()
        };
        let wanted = plain(name);
        let wanted = match wanted.trim_start_matches("featureset") {
            // The newest of each, as people call them.
            "egemaps" => "egemapsv02",
            "gemaps" => "gemapsv01b",
            "egemapsserplus" => "egemapsser+",
            other => other,
        };
        Self::ALL
            .into_iter()
            .find(|set| plain(set.name()) == wanted)
            .ok_or_else(|| Error::UnknownSet(name.to_owned()))
    }
}

#[test]
fn names_are_read_back_in_any_case() {
    for set in FeatureSet::ALL {
        assert_eq!(
            set.name().to_lowercase().parse::<FeatureSet>().unwrap(),
            set
        );
    }
    for (alias, set) in [
        ("eGeMAPS", FeatureSet::EGeMapsV02),
        ("GeMAPS", FeatureSet::GeMapsV01b),
        ("egemaps_v02", FeatureSet::EGeMapsV02),
        ("FeatureSet.eGeMAPSv01b", FeatureSet::EGeMapsV01b),
        ("egemaps ser", FeatureSet::EGeMapsSer),
        ("egemaps-ser-plus", FeatureSet::EGeMapsSerPlus),
    ] {
        assert_eq!(alias.parse::<FeatureSet>().unwrap(), set, "{alias}");
    }
    assert!("".parse::<FeatureSet>().is_err());
    assert!("eGeMAPSv03".parse::<FeatureSet>().is_err());
}
