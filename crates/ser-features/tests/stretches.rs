//! A recording analysed in stretches, in any order, has the bits of the recording in one piece.

use ser_features::{Extractor, FeatureSet, Level};

/// Frames of a stretch: lengths around it are where stretches could go wrong.
const FRAMES: usize = 512;

/// A voice that comes and goes, with noise.
fn voice(length: usize) -> Vec<f32> {
    let mut state = 1_u32;
    (0..length)
        .map(|n| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 9) as f32 / 8_388_608.0 - 0.5;
            let pulse = if n % 9000 < 6000 {
                (n % 61) as f32 / 61.0 - 0.5
            } else {
                0.0
            };
            0.4 * pulse + 0.01 * noise
        })
        .collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

#[test]
fn stretches_in_any_order_and_rows_taken_meanwhile_are_the_recording_in_one_piece() {
    let (rate, hop, long, short) = (8000, 80, 480, 160);
    let lengths = [
        0,
        short,
        long + 5 * hop,
        // One long frame less than a stretch has, and short frames beyond it.
        (FRAMES - 2) * hop + long,
        (FRAMES - 1) * hop + long,
        (FRAMES - 1) * hop + long + 3 * hop,
        3 * FRAMES * hop + 1234,
    ];
    for (length, level) in lengths
        .into_iter()
        .flat_map(|length| [(length, Level::Functionals), (length, Level::Descriptors)])
    {
        let samples = voice(length);
        let mut extractor = Extractor::new(FeatureSet::EGeMapsV02, rate, level).unwrap();
        extractor.push(&samples).unwrap();
        let Ok(whole) = extractor.finish() else {
            continue;
        };
        let mut analyst = extractor.analyst().unwrap();
        let (mut work, mut taken) = (Vec::new(), Vec::new());
        for (i, block) in samples.chunks(4096).enumerate() {
            work.extend(extractor.cut(block).unwrap());
            // Now and then, and the newest first.
            if i % 3 == 0
                && let Some(stretch) = work.pop()
            {
                work.extend(extractor.join(analyst.work(stretch)));
                taken.extend_from_slice(extractor.take_rows().values());
            }
        }
        work.extend(extractor.cut_rest());
        while let Some(stretch) = work.pop() {
            work.extend(extractor.join(analyst.work(stretch)));
            taken.extend_from_slice(extractor.take_rows().values());
        }
        work.extend(extractor.decide_rest());
        while let Some(stretch) = work.pop() {
            assert!(extractor.join(analyst.work(stretch)).is_empty());
        }
        taken.extend_from_slice(extractor.finish().unwrap().values());
        assert_eq!(bits(&taken), bits(whole.values()), "{length} {level}");
    }
}
