//! Digests of every set at both levels over the same clips: equal on every machine, or the bits are not the same.
//!
//! No files, no threads and no functions of the platform, so that another test, compiled for another processor or for a browser, can include this
//! file by its path and compare [`digests`] with [`EXPECTED`].

use ser_features::{Extractor, FeatureSet, Level};

/// Half a second of Dutch at 48 kHz, 16 bit mono; `tests/golden/end-to-end/README.md` says where it comes from.
const DUTCH: &[u8] = include_bytes!("../../../../tests/golden/end-to-end/speech_nl_48000.wav");

/// FNV-1a of the bits of all values of all clips; `cargo test --release -p ser-features --test same_bits -- --nocapture` prints what it found.
pub const EXPECTED: [(FeatureSet, Level, u64); 14] = [
    (
        FeatureSet::GeMapsV01a,
        Level::Functionals,
        0x7000_5663_a392_7499,
    ),
    (
        FeatureSet::GeMapsV01a,
        Level::Descriptors,
        0x750d_3901_7942_0679,
    ),
    (
        FeatureSet::GeMapsV01b,
        Level::Functionals,
        0xc8a9_2d6f_6949_85c7,
    ),
    (
        FeatureSet::GeMapsV01b,
        Level::Descriptors,
        0xcb0f_db68_e07a_be1e,
    ),
    (
        FeatureSet::EGeMapsV01a,
        Level::Functionals,
        0xfdae_6a0f_91cc_f100,
    ),
    (
        FeatureSet::EGeMapsV01a,
        Level::Descriptors,
        0x769d_6e4f_9c90_acd0,
    ),
    (
        FeatureSet::EGeMapsV01b,
        Level::Functionals,
        0x79f7_de74_a35e_7c3a,
    ),
    (
        FeatureSet::EGeMapsV01b,
        Level::Descriptors,
        0x45c3_b1da_ebc7_aa69,
    ),
    (
        FeatureSet::EGeMapsV02,
        Level::Functionals,
        0x79f7_de74_a35e_7c3a,
    ),
    (
        FeatureSet::EGeMapsV02,
        Level::Descriptors,
        0x0c46_ab78_6ba4_7076,
    ),
    (
        FeatureSet::EGeMapsSer,
        Level::Functionals,
        0x5578_aa86_df19_cde7,
    ),
    (
        FeatureSet::EGeMapsSer,
        Level::Descriptors,
        0x6043_37ee_e472_f928,
    ),
    (
        FeatureSet::EGeMapsSerPlus,
        Level::Functionals,
        0x5820_15a2_3333_604d,
    ),
    (
        FeatureSet::EGeMapsSerPlus,
        Level::Descriptors,
        0xb0a8_a411_aa14_f347,
    ),
];

/// The digest of every set and level, in the order of [`EXPECTED`].
pub fn digests() -> Vec<(FeatureSet, Level, u64)> {
    let dutch = pcm(DUTCH);
    // Every third sample is the same speech at 16 kHz, with what aliases.
    let third: Vec<f32> = dutch.iter().copied().step_by(3).collect();
    let clips = [(dutch, 48_000), (third, 16_000), (voice(), 16_000)];
    let levels = [Level::Functionals, Level::Descriptors];
    let of = |set: FeatureSet, level: Level| {
        let mut digest = 0xcbf2_9ce4_8422_2325_u64;
        for (samples, rate) in &clips {
            // A set with a rate of its own takes the samples as if they had it: a faster voice is a voice as well.
            let mut extractor = Extractor::new(set, set.rate_hz().unwrap_or(*rate), level).unwrap();
            extractor.push(samples).unwrap();
            for value in extractor.finish().unwrap().values() {
                for byte in value.to_bits().to_le_bytes() {
                    digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
                }
            }
        }
        (set, level, digest)
    };
    FeatureSet::ALL
        .into_iter()
        .flat_map(|set| levels.map(|level| of(set, level)))
        .collect()
}

/// The samples of a WAV file of 16 bit.
fn pcm(wav: &[u8]) -> Vec<f32> {
    let data = wav.windows(4).position(|tag| tag == b"data").unwrap();
    let (pairs, _) = wav[data + 8..].as_chunks::<2>();
    pairs
        .iter()
        .map(|&b| f32::from(i16::from_le_bytes(b)) / 32768.0)
        .collect()
}

/// Two seconds of pulses at a gliding rate through two resonances, with noise and pauses; sums and products only.
fn voice() -> Vec<f32> {
    let (mut state, mut phase) = (1_u32, 0.0_f32);
    let (mut low, mut high) = ([0.0_f32; 2], [0.0_f32; 2]);
    (0..32_000)
        .map(|n| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 9) as f32 / 4_194_304.0 - 1.0;
            // A triangle of one second between 110 and 230 Hz.
            let triangle = ((n % 16_000) as f32 / 8_000.0 - 1.0).abs();
            phase += (110.0 + 120.0 * triangle) / 16_000.0;
            let speaks = n % 9_000 < 7_000;
            let pulse = if phase >= 1.0 && speaks { 1.0 } else { 0.0 };
            phase = phase.fract();
            // Poles near 500 and 1500 Hz.
            low = [
                1.93 * low[0] - 0.968 * low[1] + pulse + 0.01 * noise,
                low[0],
            ];
            high = [1.62 * high[0] - 0.95 * high[1] + low[0], high[0]];
            0.01 * high[0] + 0.000_1 * noise
        })
        .collect()
}
