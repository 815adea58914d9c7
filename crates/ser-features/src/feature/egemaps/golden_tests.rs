//! Golden tests of the stages: what the reference gives for the unsmoothed contours, and for its functionals of given
//! contours.
//!
//! The files in `tests/golden/stages-*` were written by openSMILE 3.0.2 from synthetic signals; each folder's README says how. Those
//! with nine digits hold the exact `f32`, and are met bit for bit; those with seven are met to their last digit.

use std::path::PathBuf;

use super::columns::Descriptor as D;
use super::contours::Contours;
use super::graph::Graph;
use super::summary::summarise;
use super::version::FeatureSet;
use super::voice::FormantsIn;
use crate::contour::present;
use crate::feature::graph::Graph as _;
use crate::functional::moment::{mean, normalised_deviation};
use crate::functional::percentile::Ranked;
use crate::functional::segment::segments;
use crate::functional::slope::slopes;
use crate::unit::SampleRate;

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// Header and rows of a golden file; the separator is told by the header.
fn table(name: &str) -> (Vec<String>, Vec<Vec<f32>>) {
    let text = std::fs::read_to_string(golden(name)).expect(name);
    let separator = if text.lines().next().unwrap().contains(';') {
        ';'
    } else {
        ','
    };
    let mut lines = text.lines().map(|line| line.split(separator));
    let header = lines.next().unwrap().map(str::to_owned).collect();
    (
        header,
        lines
            .map(|fields| fields.map(|f| f.parse().unwrap()).collect())
            .collect(),
    )
}

fn samples(name: &str) -> (u32, Vec<f32>) {
    let mut reader = hound::WavReader::open(golden(name)).expect(name);
    let scale = |s: Result<i16, _>| f32::from(s.unwrap()) / 32767.0;
    (
        reader.spec().sample_rate,
        reader.samples().map(scale).collect(),
    )
}

fn contours(wav: &str, set: FeatureSet) -> Contours {
    let (rate, samples) = samples(wav);
    let rate = SampleRate::new(rate).unwrap();
    let mut graph = Graph::new(
        rate,
        set.rules().expect("a published set"),
        FormantsIn::AllFrames,
    );
    graph.push(&samples);
    graph.finish().clone()
}

/// Compares columns of a golden file with contours, bit for bit.
fn assert_same_bits(contours: &Contours, file: &str, columns: &[(usize, D)]) {
    let (header, rows) = table(file);
    for &(column, descriptor) in columns {
        let contour = contours.of(descriptor);
        assert_eq!(contour.len(), rows.len(), "frames of {file}");
        for (t, (ours, row)) in contour.iter().zip(&rows).enumerate() {
            assert_eq!(*ours, row[column], "{file}, {}, frame {t}", header[column]);
        }
    }
}

const FORMANTS: [(usize, D); 6] = [
    (1, D::F1Frequency),
    (2, D::F2Frequency),
    (3, D::F3Frequency),
    (6, D::F1Bandwidth),
    (7, D::F2Bandwidth),
    (8, D::F3Bandwidth),
];

#[test]
fn pitch_voice_quality_formants_and_harmonics_are_the_references() {
    for signal in ["short300", "speechf16", "gaps16", "speechm48", "speechm08"] {
        let path = |level: &str| format!("stages-voice/{signal}.{level}.csv");
        let contours = contours(
            &format!("stages-voice/{signal}.wav"),
            FeatureSet::EGeMapsV02,
        );
        assert_same_bits(&contours, &path("logPitch"), &[(2, D::Pitch)]);
        assert_same_bits(
            &contours,
            &path("jitterShimmer"),
            &[(1, D::Jitter), (2, D::Shimmer)],
        );
        let harmonics = [
            (1, D::Hnr),
            (2, D::H1H2),
            (3, D::H1A3),
            (4, D::F1Amplitude),
            (6, D::F3Amplitude),
        ];
        assert_same_bits(&contours, &path("harmonics"), &harmonics);
        assert_formants(&contours, &path("formants"));
    }
}

/// The files have formants of all short frames, the contours those that have a long frame too.
fn assert_formants(contours: &Contours, file: &str) {
    let (_, rows) = table(file);
    for (column, descriptor) in FORMANTS {
        for (t, (ours, row)) in contours.of(descriptor).iter().zip(&rows).enumerate() {
            assert_eq!(*ours, row[column], "{file}, {descriptor:?}, frame {t}");
        }
    }
}

#[test]
fn functionals_need_formants_in_voiced_frames_only() {
    let (rate, samples) = samples("stages-voice/speechf16.wav");
    let summaries = [FormantsIn::AllFrames, FormantsIn::VoicedFrames].map(|formants_in| {
        let set = FeatureSet::EGeMapsV02;
        let mut graph = Graph::new(
            SampleRate::new(rate).unwrap(),
            set.rules().expect("a published set"),
            formants_in,
        );
        graph.push(&samples);
        summarise(graph.finish(), set)
    });
    assert_eq!(summaries[0], summaries[1]);
}

#[test]
fn the_first_version_differs_where_it_should() {
    let contours = contours("stages-voice/speechf16.wav", FeatureSet::EGeMapsV01a);
    assert_formants(&contours, "stages-voice/speechf16.v01a_formants.csv");
    let regularity = [(1, D::Jitter), (2, D::Shimmer)];
    assert_same_bits(
        &contours,
        "stages-voice/speechf16.v01a_jitterShimmer.csv",
        &regularity,
    );
}

#[test]
fn the_decided_frames_are_counted_as_the_reference_counts_them() {
    let text = std::fs::read_to_string(golden("stages-functionals/frames.csv")).unwrap();
    let mut checked = 0;
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let wav = format!("stages-functionals/{0}/{0}.wav", fields[0]);
        if golden(&wav).exists() {
            let c = contours(&wav, FeatureSet::EGeMapsV02);
            let counts = [c.of(D::Energy).len(), c.long_frames(), c.decided()];
            let want: Vec<usize> = fields[1..4].iter().map(|f| f.parse().unwrap()).collect();
            assert_eq!(counts.to_vec(), want, "{}", fields[0]);
            checked += 1;
        }
    }
    assert_eq!(checked, 3);
}

#[test]
fn spectral_descriptors_are_the_references() {
    let descriptors = [
        (2, D::Loudness),
        (3, D::AlphaRatio),
        (4, D::Hammarberg),
        (5, D::SlopeLow),
        (6, D::SlopeHigh),
        (7, D::Flux),
        (8, D::Mfcc1),
        (9, D::Mfcc2),
        (10, D::Mfcc3),
        (11, D::Mfcc4),
    ];
    for signal in ["noise_8k", "noise_11k025", "gap_16k", "sweep_22k05"] {
        let contours = contours(
            &format!("stages-spectral/{signal}.wav"),
            FeatureSet::EGeMapsV02,
        );
        let folder = format!("stages-spectral/{signal}/egemapsv02_");
        let files = [
            ("lldsetE.csv", &descriptors[..]),
            ("energyRMS.csv", &[(2, D::Energy)]),
        ];
        for (file, columns) in files {
            let (_, rows) = table(&format!("{folder}{file}"));
            for &(column, descriptor) in columns {
                let contour = contours.of(descriptor);
                assert_eq!(contour.len(), rows.len());
                let scale = rows
                    .iter()
                    .fold(0.0_f32, |scale, row| scale.max(row[column].abs()));
                for (t, (ours, row)) in contour.iter().zip(&rows).enumerate() {
                    // Seven digits in the file; MFCC near zero differ in bits that the scale hides.
                    let error = (ours - row[column]).abs();
                    assert!(
                        error <= 1e-6 * scale,
                        "{signal}, {descriptor:?}, frame {t}: {error}"
                    );
                }
            }
        }
    }
}

#[test]
fn statistics_of_random_contours_are_the_references() {
    let statistics = |v: &[f32]| {
        let (ranked, s) = (Ranked::new(v, &[0.2, 0.5, 0.8]), slopes(v, 0.01));
        [
            mean(v),
            normalised_deviation(v),
            ranked.percentile(0.2),
            ranked.percentile(0.5),
            ranked.percentile(0.8),
            ranked.range(0.2, 0.8),
            s.mean_rising,
            s.deviation_rising,
            s.mean_falling,
            s.deviation_falling,
        ]
    };
    for length in [4, 7, 20, 80, 200] {
        let folder = "stages-functionals/random_contours/";
        let (header, frames) = table(&format!("{folder}contours_{length}.csv"));
        let first = header.iter().position(|name| name == "c0").unwrap();
        let (names, expected) = table(&format!("{folder}expected_{length}.csv"));
        for row in &expected {
            let contour: Vec<f32> = frames.iter().map(|f| f[first + row[0] as usize]).collect();
            let voiced = segments(&contour, 0.01, |v| v != 0.0);
            let unvoiced = segments(&contour, 0.01, |v| v == 0.0);
            let mut ours = vec![row[0]];
            ours.extend(statistics(&present(&contour)));
            ours.extend(statistics(&contour));
            ours.extend([voiced.rate, voiced.mean_s, voiced.deviation_s]);
            ours.extend([unvoiced.mean_s, unvoiced.deviation_s]);
            ours.push(slopes(&contour, 0.01).peak_rate);
            for ((name, ours), want) in names.iter().zip(&ours).zip(row) {
                assert_eq!(
                    ours, want,
                    "{name} of contour {} of {length} values",
                    row[0]
                );
            }
        }
    }
}
