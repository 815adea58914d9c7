//! Test vectors of Opus as RFC 6716 and RFC 8251 come with: packets in the format of `opus_demo`, and the measure by which `opus_compare` judges what a
//! decoder makes of them.

/// Samples of each channel in a second; Opus is decoded at no other rate here.
const RATE: usize = 48_000;

/// The packets of a `.bit` file: length, the range coder's last state, bytes; lengths and states with the highest byte first.
pub fn packets(file: &[u8]) -> Vec<Vec<u8>> {
    let (mut packets, mut rest) = (Vec::new(), file);
    while let Some((head, after)) = rest.split_first_chunk::<8>() {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        assert!(length > 0, "a packet that was lost");
        packets.push(after[..length].to_vec());
        rest = &after[length..];
    }
    assert!(rest.is_empty(), "{} bytes too many", rest.len());
    packets
}

/// The same packets as `opus_demo` writes them, without states.
pub fn bit(packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    for packet in packets {
        file.extend((packet.len() as u32).to_be_bytes());
        file.extend([0; 4]);
        file.extend(packet);
    }
    file
}

/// Samples of a packet, by its first bytes (RFC 6716 §3.1, §3.2).
fn length(packet: &[u8]) -> usize {
    let ms = |tenths: usize| RATE * tenths / 10_000;
    let code = usize::from(packet[0] >> 3);
    let frame = match code {
        0..12 => ms([100, 200, 400, 600][code % 4]),
        12..16 => ms([100, 200][code % 2]),
        _ => ms([25, 50, 100, 200][code % 4]),
    };
    frame
        * match packet[0] & 3 {
            0 => 1,
            1 | 2 => 2,
            _ => usize::from(packet[1] & 63),
        }
}

/// An Ogg stream (RFC 3533, RFC 7845) of packets, a page for each, with nothing to be skipped.
pub fn ogg(packets: &[Vec<u8>], channels: u8) -> Vec<u8> {
    let mut head = b"OpusHead\x01".to_vec();
    head.extend([channels, 0, 0]);
    head.extend((RATE as u32).to_le_bytes());
    head.extend([0; 3]);
    let mut tags = b"OpusTags".to_vec();
    tags.extend([0; 8]);
    let mut file = Vec::new();
    page(&mut file, &head, 0, 0, 2);
    page(&mut file, &tags, 0, 1, 0);
    let mut end = 0;
    for (number, packet) in packets.iter().enumerate() {
        end += length(packet) as u64;
        let last = if number + 1 == packets.len() { 4 } else { 0 };
        page(&mut file, packet, end, 2 + number as u32, last);
    }
    file
}

fn page(file: &mut Vec<u8>, packet: &[u8], end: u64, number: u32, kind: u8) {
    let start = file.len();
    let lacing = packet.len() / 255 + 1;
    assert!(lacing < 256, "a packet of {} bytes", packet.len());
    file.extend(b"OggS\0");
    file.push(kind);
    file.extend(end.to_le_bytes());
    file.extend(1_u32.to_le_bytes());
    file.extend(number.to_le_bytes());
    file.extend([0; 4]);
    file.push(lacing as u8);
    file.extend(std::iter::repeat_n(255, lacing - 1));
    file.push((packet.len() % 255) as u8);
    file.extend(packet);
    // CRC-32 with the polynomial 04C11DB7, nothing reflected.
    let sum = file[start..].iter().fold(0_u32, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte) << 24, |sum, _| {
            sum << 1 ^ if sum >> 31 == 1 { 0x04C1_1DB7 } else { 0 }
        })
    });
    file[start + 22..start + 26].copy_from_slice(&sum.to_le_bytes());
}

/// The packets of an Ogg stream without its two heads; none may go on in a further page.
pub fn unpacked(ogg: &[u8]) -> Vec<Vec<u8>> {
    let (mut packets, mut rest) = (Vec::new(), ogg);
    while let Some((head, after)) = rest.split_first_chunk::<27>() {
        assert_eq!(&head[..4], b"OggS");
        let (lacing, mut body) = after.split_at(usize::from(head[26]));
        let mut packet = Vec::new();
        for &size in lacing {
            packet.extend(&body[..usize::from(size)]);
            body = &body[usize::from(size)..];
            if size < 255 {
                packets.push(std::mem::take(&mut packet));
            }
        }
        assert!(packet.is_empty(), "a packet in two pages");
        rest = body;
    }
    packets.split_off(2)
}

/// Ends of the bands in which `opus_compare` judges, in steps of 100 Hz.
const BANDS: [usize; 22] = [
    0, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 68, 80, 96, 120, 156, 200,
];
/// Its window, samples.
const WINDOW: usize = 480;
/// From one window to the next.
const STEP: usize = 120;

/// Power in each window, step of 100 Hz and channel, as `opus_compare` takes it: a Hann window, and −45 dB of a 16-bit step so that silence has a logarithm.
fn powers(samples: &[f32], channels: usize, frames: usize) -> Vec<f32> {
    use std::f32::consts::PI;
    let circle = |by: usize, of: fn(f32) -> f32| -> Vec<f32> {
        (0..WINDOW)
            .map(|n| of(2.0 * PI / by as f32 * n as f32))
            .collect()
    };
    let window = circle(WINDOW - 1, |x| 0.5 - 0.5 * x.cos());
    let (cosine, sine) = (circle(WINDOW, f32::cos), circle(WINDOW, f32::sin));
    let mut powers = Vec::with_capacity(frames * BANDS[21] * channels);
    for frame in 0..frames {
        let windowed: Vec<Vec<f32>> = (0..channels)
            .map(|channel| {
                let at = |n: usize| samples[(frame * STEP + n) * channels + channel];
                (0..WINDOW).map(|n| window[n] * at(n)).collect()
            })
            .collect();
        for step in 0..BANDS[21] {
            for channel in &windowed {
                let (mut re, mut im) = (0.0_f32, 0.0_f32);
                for (n, &x) in channel.iter().enumerate() {
                    re += cosine[n * step % WINDOW] * x;
                    im -= sine[n * step % WINDOW] * x;
                }
                powers.push(re * re + im * im + 100_000.0);
            }
        }
    }
    powers
}

/// How like what a decoder gave is to the reference, in percent, as `opus_compare -r 48000` finds it: errors against what the ear would notice beside
/// the reference. Interleaved samples in steps of 16 bits; below zero a decoder is not one of Opus.
pub fn quality(reference: &[f32], ours: &[f32], channels: usize) -> f64 {
    assert_eq!(reference.len(), ours.len(), "numbers of samples differ");
    let length = reference.len() / channels;
    assert!(length >= WINDOW, "too short");
    let frames = (length - WINDOW + STEP) / STEP;
    let (bands, steps) = (BANDS.len() - 1, BANDS[21]);
    let mut x = powers(reference, channels, frames);
    let mut y = powers(ours, channels, frames);
    let band_of = |step: usize| BANDS.iter().rposition(|&end| end <= step).unwrap();
    let at =
        |frame: usize, step: usize, channel: usize| (frame * steps + step) * channels + channel;
    let mut before = vec![0.0_f32; bands * channels];
    for frame in 0..frames {
        let mut mask = vec![0.0_f32; bands * channels];
        for step in 0..steps {
            for channel in 0..channels {
                mask[band_of(step) * channels + channel] += x[at(frame, step, channel)];
            }
        }
        for band in 0..bands {
            let width = (BANDS[band + 1] - BANDS[band]) as f32;
            (0..channels).for_each(|channel| mask[band * channels + channel] /= width);
        }
        // Masking from low to high, from high to low, in time, and between channels.
        for place in channels..bands * channels {
            mask[place] += 0.1 * mask[place - channels];
        }
        for place in (0..(bands - 1) * channels).rev() {
            mask[place] += 0.03 * mask[place + channels];
        }
        if frame > 0 {
            let earlier = mask.iter_mut().zip(&before);
            earlier.for_each(|(mask, before)| *mask += 0.5 * before);
        }
        if channels == 2 {
            for pair in mask.chunks_exact_mut(2) {
                let (left, right) = (pair[0], pair[1]);
                pair[0] += 0.01 * right;
                pair[1] += 0.01 * left;
            }
        }
        for step in 0..steps {
            for channel in 0..channels {
                let more = 0.1 * mask[band_of(step) * channels + channel];
                x[at(frame, step, channel)] += more;
                y[at(frame, step, channel)] += more;
            }
        }
        before = mask;
    }
    // Each window with the one before.
    for powers in [&mut x, &mut y] {
        for place in (steps * channels..powers.len()).rev() {
            powers[place] += powers[place - steps * channels];
        }
    }
    let mut sum = 0.0_f64;
    for frame in 0..frames {
        let mut of_frame = 0.0_f64;
        for band in 0..bands {
            let mut of_band = 0.0_f64;
            for step in BANDS[band]..BANDS[band + 1] {
                for channel in 0..channels {
                    let ratio = y[at(frame, step, channel)] / x[at(frame, step, channel)];
                    let mut error = ratio - ratio.ln() - 1.0;
                    // Where SILK and CELT meet, filters are free.
                    if (79..=81).contains(&step) {
                        error *= 0.1;
                    }
                    if step == 80 {
                        error *= 0.1;
                    }
                    of_band += f64::from(error);
                }
            }
            of_band /= ((BANDS[band + 1] - BANDS[band]) * channels) as f64;
            of_frame += of_band * of_band;
        }
        of_frame /= bands as f64;
        sum += of_frame.powi(4);
    }
    let error = (sum / frames as f64).powf(1.0 / 16.0);
    100.0 * (1.0 - 0.5 * error.ln_1p() / 1.13_f64.ln())
}
