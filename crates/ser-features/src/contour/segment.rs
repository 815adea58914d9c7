//! Voiced and unvoiced stretches of a contour.
//!
//! A stretch begins with the first frame that passes the test and ends when two frames in a row fail; a single failing frame
//! inside is bridged. It counts if at least three frames passed. Its length is the distance of its first and last
//! frame, one less than the number of frames it spans.

/// Fewest passing frames of a stretch that counts.
const SHORTEST: usize = 3;
/// Further stretches are not recorded.
const MOST: usize = 1000;

/// Lengths in frames of the stretches whose values pass `test`.
pub(crate) fn stretches(contour: &[f32], test: impl Fn(f32) -> bool) -> Vec<usize> {
    struct Open {
        first: usize,
        last: usize,
        passing: usize,
    }
    let mut lengths = Vec::new();
    let mut close = |open: Open| {
        if open.passing >= SHORTEST && lengths.len() < MOST {
            lengths.push(open.last - open.first);
        }
    };
    let mut open: Option<Open> = None;
    for (t, &value) in contour.iter().enumerate() {
        if test(value) {
            let stretch = open.get_or_insert(Open {
                first: t,
                last: t,
                passing: 0,
            });
            stretch.last = t;
            stretch.passing += 1;
        } else if let Some(ended) = open.take_if(|stretch| t - stretch.last >= 2) {
            close(ended);
        }
    }
    if let Some(ended) = open {
        close(ended);
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(pattern: &str) -> Vec<usize> {
        let contour: Vec<f32> = pattern
            .chars()
            .map(|c| f32::from(u8::from(c == 'x')))
            .collect();
        stretches(&contour, |v| v != 0.0)
    }

    #[test]
    fn length_is_the_distance_of_first_and_last_frame() {
        assert_eq!(lengths("..xxx.."), [2]);
        assert_eq!(lengths("xxxxx"), [4]);
    }

    #[test]
    fn single_gaps_are_bridged_and_not_counted_as_passing() {
        assert_eq!(lengths("xx.x"), [3]);
        assert_eq!(lengths("x.x.."), Vec::<usize>::new());
        assert_eq!(lengths("xxx..xxx"), [2, 2]);
        assert_eq!(lengths("xxx.xxx."), [6]);
    }

    #[test]
    fn a_thousand_stretches_are_recorded() {
        assert_eq!(lengths(&"xxx..".repeat(1250)).len(), 1000);
    }
}
