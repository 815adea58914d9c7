//! Everything but plain WAV: containers and compressed audio, through symphonia.
//!
//! - **Delay and padding.** What an encoder put before and after the recording is taken off again: for
//!   MP3 by its LAME tag, for Ogg Vorbis by its page positions (both by the decoder), for MP4 by its edit
//!   list and the length of its last packet (here). A bare AAC stream and Vorbis in Matroska cannot say
//!   it and keep theirs.
//!   ADPCM in WAV fills up its last block, which its `fact` chunk tells apart (`riff`).
//! - **Amplitude.** MP3, Vorbis, AAC and Opus are decoded to floating point in about ±1 and taken as they are.
//!   A-law, µ-law and ADPCM decode to 16-bit integers and are divided by 32767 like those.
//! - **Chained Ogg** of one coding, rate and number of channels is read on, with a warning.
//! - **MP3 beyond its index.** Where frames follow the end that the index of an MP3 gives (files joined end to end, an index of the
//!   first part), all are read, with a warning. The end is only cut where the file ends there too.
//! - **Tags behind FLAC** are not shown to the demuxer, which would lose the last frame before them (`tail`).
//! - **Damage.** A packet that cannot be decoded is an error with its time, and so is a gap in the times
//!   of the packets, where the demuxer left a broken one out. One case escapes: a bare MP3 or AAC stream
//!   without an index in which the header of a frame is destroyed. There the stream continues with the
//!   next frame and nobody knows how many there were.
//! - **A file that ends early** is analysed as far as it goes, including a last packet that is not whole,
//!   and `Packets::truncated` says so. This holds for FLAC, MP3, bare AAC, Ogg and coded WAV. MP4, AIFF,
//!   CAF and Matroska that are cut off are refused by the decoder, with an error.
//! - Bare MP3 and AAC streams are read forward only. With a way to seek, the demuxer estimates the
//!   length of an MP3 without an index from its first frames and then *cuts* it there: of 23 s that began
//!   with 3 s of noise (VBR), 5.8 s came out.
//! - **Panics** of the decoder on damaged files become errors. 1.2 million mutations of the files in
//!   `tests/signal` found seven in symphonia 0.6.1. A division by zero (vorbis, floor.rs:793) is there in
//!   release builds too; the others are overflows and an assertion of debug builds (adpcm
//!   codec_ms.rs:96, caf demuxer.rs:389, riff common.rs:215, pcm lib.rs:342, isomp4 stts.rs:38, vorbis
//!   codebook.rs:136). The panic's own message still goes to the panic hook, if not
//!   hushed (`guard`), and a build with `panic = "abort"` would lose this.

use std::io::{ErrorKind, Seek, SeekFrom};

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_OPUS};
use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters, AudioDecoder};
use symphonia::core::errors::Error as Cause;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, Track};
use symphonia::core::io::{
    MediaSource, MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource,
};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;

use crate::CHANNEL_LIMIT;
use crate::aac::ends_with_sbr;
use crate::codec::depth;
use crate::decoder::{at_open, decoder};
use crate::downmix::{Balance, Mix, mix_down};
use crate::edit::skipped_ticks;
use crate::error::Error;
use crate::file_format::FileFormat;
use crate::guard::guarded;
use crate::mpeg_end::{MpegEnd, SLACK as MPEG_SLACK};
use crate::riff::Coded;
use crate::scale::Scale;
use crate::tail::{Cut, tags_behind};
use crate::warning::Warning;

/// The first audio track of a file, packet by packet.
pub(crate) struct Packets {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: Track,
    /// Whether times of packets count samples, so that gaps can be seen.
    timed: bool,
    rate: u32,
    channels: usize,
    depth: Option<u32>,
    /// Samples of each channel to hand out, where the blocks hold more.
    exact: Option<u64>,
    /// Packets of AAC in a row that look like HE-AAC.
    replicated: u32,
    balance: Balance,
    scale: Scale,
    warnings: Vec<Warning>,
    /// The last packet is decoded and not handed out yet.
    primed: bool,
    /// Samples decoded.
    decoded: u64,
    /// Where the next packet must start.
    due: Option<i64>,
    /// Whether the length was looked for at the end of the file.
    seekable: bool,
    /// Samples at the start still to be left out.
    skip: u64,
    /// Samples of the last packet that count.
    kept: usize,
    mpeg_end: MpegEnd,
    /// Whether the container has no length, as one written live.
    endless: bool,
    truncated: bool,
}

/// Words for what a panicking decoder did not say.
const GAVE_UP: &str = "the decoder gave up on it";

impl Packets {
    /// Finds the first audio track and decodes its first packet, which is the only witness of the true
    /// rate and number of channels.
    pub(crate) fn open(
        stream: MediaSourceStream<'static>,
        file_format: FileFormat,
    ) -> Result<Self, Error> {
        guarded(|| Self::try_open(stream, file_format)).unwrap_or_else(|| {
            Err(Error::Header {
                cause: GAVE_UP.to_string(),
            })
        })
    }

    fn try_open(
        mut stream: MediaSourceStream<'static>,
        file_format: FileFormat,
    ) -> Result<Self, Error> {
        let seekable = stream.is_seekable();
        let mut skip = 0;
        if let (FileFormat::Container, true, Some(length)) =
            (file_format, seekable, stream.byte_len())
        {
            skip = skipped_ticks(&mut stream, length);
            stream.seek(SeekFrom::Start(0))?;
        }
        let stream = match file_format {
            FileFormat::Frames => MediaSourceStream::new(
                Box::new(ReadOnlySource::new(stream)),
                MediaSourceStreamOptions::default(),
            ),
            _ => match stream.byte_len().filter(|_| seekable) {
                Some(length) if file_format == FileFormat::Container => {
                    let end = tags_behind(&mut stream, length)?;
                    stream.seek(SeekFrom::Start(0))?;
                    match end {
                        Some(end) => MediaSourceStream::new(
                            Box::new(Cut::new(stream, end)),
                            MediaSourceStreamOptions::default(),
                        ),
                        None => stream,
                    }
                }
                _ => stream,
            },
        };
        let format = symphonia::default::get_probe()
            .probe(
                &Hint::new(),
                stream,
                FormatOptions::default(),
                MetadataOptions::default(),
            )
            .map_err(at_open)?;
        let (track, params) = first_audio(format.tracks()).ok_or(Error::NoAudio)?;
        let (track, params) = (track.clone(), params.clone());
        let tracks = format
            .tracks()
            .iter()
            .filter(|track| is_audio(track))
            .count();
        let decoder = decoder(&params)?;

        let rate = params.sample_rate.unwrap_or(0);
        let channels = params
            .channels
            .as_ref()
            .map_or(0, |channels| channels.count());
        let ticks = track
            .time_base
            .map(|base| (base.numer.get(), base.denom.get()));
        let mut packets = Self {
            // Ogg gives Opus no unit of time, but it is the sample.
            timed: ticks == Some((1, rate)) || ticks.is_none() && params.codec == CODEC_ID_OPUS,
            depth: depth(decoder.codec_params()),
            format,
            decoder,
            track,
            rate,
            channels,
            primed: false,
            decoded: 0,
            due: None,
            seekable,
            skip,
            kept: 0,
            mpeg_end: MpegEnd::default(),
            endless: false,
            truncated: false,
            exact: None,
            replicated: 0,
            balance: Balance::default(),
            scale: Scale::default(),
            warnings: Vec::new(),
        };
        if tracks > 1 {
            packets.warnings.push(Warning::SeveralTracks { tracks });
        }
        // The run-in of Opus is in its own head.
        if !packets.timed || packets.holds(CODEC_ID_OPUS) {
            packets.skip = 0;
        }
        packets.primed = packets.try_advance()?;
        if packets.channels == 0 {
            return Err(Error::NoAudio);
        }
        if packets.rate == 0 {
            return Err(Error::RateZero);
        }
        if packets.channels > CHANNEL_LIMIT {
            return Err(Error::TooManyChannels {
                channels: packets.channels,
                limit: CHANNEL_LIMIT,
            });
        }
        Ok(packets)
    }

    /// The same, where the container has no length: its end is where the file ends.
    pub(crate) fn endless(mut self) -> Self {
        self.endless = true;
        self
    }

    /// The same, with what the chunks of a WAV file say about it.
    pub(crate) fn with_chunks(mut self, coded: Coded) -> Self {
        self.exact = coded.samples;
        self.warnings.extend(coded.warning);
        self.keep_exact();
        self
    }

    /// Leaves out what the last packet has beyond the end.
    fn keep_exact(&mut self) {
        if let Some(exact) = self.exact {
            let beyond = self.decoded.saturating_sub(exact);
            self.kept = self
                .kept
                .saturating_sub(usize::try_from(beyond).unwrap_or(usize::MAX));
        }
    }

    /// Samples per second, not 0.
    pub(crate) fn rate(&self) -> u32 {
        self.rate
    }

    /// Number of channels, at least 1.
    pub(crate) fn channels(&self) -> usize {
        self.channels
    }

    /// Samples of each channel according to the header, true or not.
    pub(crate) fn length(&self) -> Option<u64> {
        self.track
            .num_frames
            .map(|length| length.saturating_sub(self.skip))
    }

    /// Whether the file ended before its header says; known after the last block.
    pub(crate) fn truncated(&self) -> bool {
        self.truncated
    }

    /// What there is to say about the file, so far.
    pub(crate) fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// How the mean of the channels compares with them, so far.
    pub(crate) fn balance(&self) -> Balance {
        self.balance
    }

    /// Chooses what stands for full scale in all blocks to come.
    pub(crate) fn set_scale(&mut self, scale: Scale) {
        self.scale = scale;
    }

    /// Replaces `mono` by the next block; false at the end.
    pub(crate) fn next_block(&mut self, mix: Mix, mono: &mut Vec<f32>) -> Result<bool, Error> {
        if !std::mem::take(&mut self.primed) && !self.advance()? {
            mono.clear();
            return Ok(false);
        }
        let decoded = self.decoder.last_decoded();
        mix_down(
            decoded,
            self.depth,
            (mix, self.scale),
            mono,
            &mut self.balance,
        );
        mono.truncate(self.kept);
        let skipped = self.skip.min(mono.len() as u64);
        self.skip -= skipped;
        mono.drain(..skipped as usize);
        Ok(true)
    }

    /// Decodes up to the next packet that has samples in it; false at the end.
    fn advance(&mut self) -> Result<bool, Error> {
        guarded(|| self.try_advance()).unwrap_or_else(|| {
            Err(Error::Damaged {
                seconds: self.seconds(),
                cause: GAVE_UP.to_string(),
            })
        })
    }

    fn try_advance(&mut self) -> Result<bool, Error> {
        loop {
            let packet = match self.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track.id => packet,
                Ok(Some(_)) => continue,
                Ok(None) => return self.end(false),
                Err(Cause::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                    return self.end(true);
                }
                Err(Cause::IoError(error)) => return Err(Error::Io(error)),
                Err(Cause::ResetRequired) => {
                    self.next_link()?;
                    continue;
                }
                Err(cause) => return Err(self.damaged(&cause)),
            };
            self.check_time(&packet)?;
            self.check_profile(&packet)?;
            let (rate, channels, samples) = match self.decoder.decode(&packet) {
                Ok(buffer) => (
                    buffer.spec().rate(),
                    buffer.spec().channels().count(),
                    buffer.frames(),
                ),
                Err(cause) => return self.end_or_damage(&cause),
            };
            if samples == 0 {
                continue;
            }
            if self.decoded == 0 {
                (self.rate, self.channels) = (rate, channels);
            } else if (rate, channels) != (self.rate, self.channels) {
                return Err(Error::Changed {
                    seconds: self.seconds(),
                });
            }
            if self.holds(CODEC_ID_OPUS) {
                // The demuxer counts at most 31 of the 48 frames that a packet may hold.
                let reached = packet.pts.get().saturating_add_unsigned(samples as u64);
                self.due = self.due.max(Some(reached));
            }
            self.decoded += samples as u64;
            // MP4 ends its last packet where the recording ends, and the decoder does not.
            let lasts = usize::try_from(packet.dur.get()).unwrap_or(usize::MAX);
            self.kept = if self.timed && self.is("isomp4") && lasts > 0 {
                samples.min(lasts)
            } else {
                samples
            };
            self.keep_exact();
            return Ok(true);
        }
    }

    /// The next packet of any track.
    fn next_packet(&mut self) -> Result<Option<Packet>, Cause> {
        if !self.is("mp3") {
            return self.format.next_packet();
        }
        let packet = self.mpeg_end.next(&mut *self.format, self.track.padding)?;
        if self.mpeg_end.newly_beyond() {
            self.warnings.push(Warning::BeyondEnd);
        }
        Ok(packet)
    }

    /// Goes on with the next stream of a chained file, if it is like the one before.
    fn next_link(&mut self) -> Result<(), Error> {
        let changed = Error::Changed {
            seconds: self.seconds(),
        };
        let Some((track, params)) = first_audio(self.format.tracks()) else {
            return Err(changed);
        };
        let rate = params.sample_rate.unwrap_or(self.rate);
        let count = params.channels.as_ref().map(|channels| channels.count());
        if !self.holds(params.codec)
            || rate != self.rate
            || count.is_some_and(|count| count != self.channels)
        {
            return Err(changed);
        }
        self.decoder = decoder(params)?;
        self.track = track.clone();
        self.due = None;
        if !self.warnings.contains(&Warning::Joined) {
            self.warnings.push(Warning::Joined);
        }
        Ok(())
    }

    /// Sees HE-AAC that does not announce itself: where four packets in a row end like it.
    fn check_profile(&mut self, packet: &Packet) -> Result<(), Error> {
        if !self.holds(CODEC_ID_AAC) || self.replicated > 3 {
            return Ok(());
        }
        if !ends_with_sbr(&packet.data) {
            self.replicated = u32::MAX; // each packet would
            return Ok(());
        }
        self.replicated += 1;
        match self.replicated {
            4 => Err(Error::undecodable("HE-AAC", "m4a")),
            _ => Ok(()),
        }
    }

    fn holds(&self, codec: AudioCodecId) -> bool {
        self.decoder.codec_params().codec == codec
    }

    /// Sees gaps between packets.
    fn check_time(&mut self, packet: &Packet) -> Result<(), Error> {
        let start = packet.pts.get();
        // Vorbis begins with a packet that only primes the decoder, 256 samples early or more.
        if let Some(due) = self.due.filter(|_| self.timed && self.decoded > 0) {
            let missing = start.saturating_sub(due);
            if missing > i64::from(self.rate / 50) {
                return Err(Error::Damaged {
                    seconds: self.seconds(),
                    cause: format!("{missing} samples are missing"),
                });
            }
        }
        self.due = Some(start.saturating_add_unsigned(packet.dur.get()));
        Ok(())
    }

    fn end(&mut self, early: bool) -> Result<bool, Error> {
        // Only these two have counted their packets; elsewhere the length is rounded or estimated.
        let counted = self.is("mp3") || self.is("isomp4");
        let promised = self.track.num_frames.filter(|_| counted).unwrap_or(0);
        // An Ogg stream has its length in its last page. That page not being found is all that is
        // seen of damage or loss at the end; a pipe was never looked through for it.
        let endless = self.is("ogg") && self.seekable && self.track.num_frames.is_none();
        self.truncated = early && !self.endless || endless || promised > self.decoded + MPEG_SLACK;
        Ok(false)
    }

    /// A packet that cannot be decoded: the last one was cut off, any other is damaged.
    fn end_or_damage(&mut self, cause: &Cause) -> Result<bool, Error> {
        let damage = self.damaged(cause);
        match self.next_packet() {
            Ok(None) => self.end(true),
            Err(Cause::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                self.end(true)
            }
            _ => Err(damage),
        }
    }

    fn is(&self, format: &str) -> bool {
        self.format.format_info().short_name == format
    }

    fn seconds(&self) -> f64 {
        self.decoded as f64 / f64::from(self.rate.max(1))
    }

    fn damaged(&self, cause: &Cause) -> Error {
        Error::Damaged {
            seconds: self.seconds(),
            cause: cause.to_string(),
        }
    }
}

/// The first track of audio, and how it is coded.
fn first_audio(tracks: &[Track]) -> Option<(&Track, &AudioCodecParameters)> {
    tracks.iter().find_map(|track| match &track.codec_params {
        Some(CodecParameters::Audio(params)) => Some((track, params)),
        _ => None,
    })
}

fn is_audio(track: &Track) -> bool {
    matches!(track.codec_params, Some(CodecParameters::Audio(_)))
}

#[cfg(test)]
mod tests {
    use crate::hearing::{hear, signal};
    use crate::{Error, Warning};

    #[test]
    fn damage_inside_is_an_error_with_its_time() {
        let mut bytes = signal("sweep.aac");
        let middle = bytes.len() / 2;
        bytes[middle..middle + 200].fill(0x55);
        let refused = hear(&bytes).err().unwrap();
        assert!(
            matches!(refused, Error::Damaged { seconds, .. } if (0.1..0.3).contains(&seconds)),
            "{refused}"
        );
    }

    #[test]
    fn the_early_first_packet_of_vorbis_is_no_gap_at_8_khz() {
        let (heard, recording) = hear(&signal("tone-8k.ogg")).unwrap();
        assert_eq!((heard.len(), recording.truncated()), (2400, false));
    }

    #[test]
    fn an_mp3_that_goes_on_after_the_end_of_its_index_is_read_to_its_end() {
        let one = signal("sweep.mp3");
        let (alone, recording) = hear(&one).unwrap();
        assert_eq!(recording.warnings(), []);
        let (heard, recording) = hear(&[&one[..], &one].concat()).unwrap();
        assert_eq!(recording.warnings(), [Warning::BeyondEnd]);
        assert!(heard.starts_with(&alone) && heard.len() >= 2 * alone.len());
        // An index of two frames.
        let mut short = one.clone();
        let name = |name: &[u8]| one.windows(4).position(|found| found == name);
        let at = name(b"Xing").or(name(b"Info")).unwrap();
        short[at + 8..at + 12].copy_from_slice(&[0, 0, 0, 2]);
        let (heard, recording) = hear(&short).unwrap();
        assert_eq!(recording.warnings(), [Warning::BeyondEnd]);
        assert!(heard.starts_with(&alone));
    }

    #[test]
    fn tags_behind_a_flac_take_nothing_of_it_away() {
        let flac = signal("sweep.flac");
        let (alone, _) = hear(&flac).unwrap();
        let old = [&b"TAG"[..], &[b' '; 125]].concat();
        let new = [&b"ID3\x03\0\0\0\0\x02\x10"[..], &[0; 272]].concat();
        let footer = |flags: &[u8; 4]| {
            let numbers = [2000_u32, 48, 1].map(u32::to_le_bytes).concat();
            [&b"APETAGEX"[..], &numbers, flags, &[0; 8]].concat()
        };
        let item = &b"\x04\0\0\0\0\0\0\0Tag\0text"[..];
        let ape = [
            &footer(&[0, 0, 0, 0xa0])[..],
            item,
            &footer(&[0, 0, 0, 0x80]),
        ]
        .concat();
        for tags in [
            old.clone(),
            new.clone(),
            ape.clone(),
            [ape, old.clone()].concat(),
            [new, old].concat(),
        ] {
            let (heard, recording) = hear(&[&flac[..], &tags].concat()).unwrap();
            assert_eq!(recording.warnings(), []);
            assert!(heard == alone);
        }
    }

    #[test]
    fn a_chained_ogg_is_read_on_and_says_so() {
        for (name, length) in [("sweep.ogg", 4800), ("sweep.opus", 14400)] {
            let one = signal(name);
            let tags = b"TAG between two links";
            for between in [&b""[..], tags] {
                let (heard, recording) = hear(&[&one[..], between, &one].concat()).unwrap();
                assert_eq!(heard.len(), 2 * length, "{name}");
                assert_eq!(recording.warnings(), [Warning::Joined], "{name}");
                assert!(heard[..length] == heard[length..], "{name}");
            }
        }
        let other = [signal("sweep.ogg"), signal("tone-8k.ogg")].concat();
        assert!(matches!(hear(&other), Err(Error::Changed { .. })));
    }

    #[test]
    fn no_room_is_reserved_for_a_packet_that_no_encoder_makes() {
        let mut bytes = signal("sweep.caf");
        let at = bytes.windows(4).position(|name| name == b"lpcm").unwrap();
        // Flags, bytes of a packet, samples of a packet: 4 GiB of room for a file of 10 kB.
        bytes[at + 12..at + 16].copy_from_slice(&[0xff, 0x52, 0, 1]);
        let refused = hear(&bytes).err().unwrap().to_string();
        assert!(
            refused.contains("a packet has 4283564033 samples"),
            "{refused}"
        );
    }

    #[test]
    fn a_cut_off_mp3_says_so() {
        let mut bytes = signal("sweep.mp3");
        bytes.truncate(bytes.len() / 2);
        let (heard, recording) = hear(&bytes).unwrap();
        assert!(heard.len() < 3000 && recording.truncated());
    }

    #[test]
    fn nothing_panics_whatever_byte_is_changed() {
        // A panic of the decoder itself is caught and prints its message; any other fails the test.
        for name in [
            "sweep.flac",
            "sweep.mp3",
            "sweep.ogg",
            "sweep.m4a",
            "sweep.aiff",
            "sweep-adpcm.wav",
            "sweep.opus",
            "sweep.webm",
        ] {
            let bytes = signal(name);
            for at in (0..bytes.len().min(600)).step_by(7) {
                for value in [0, 0x7f, 0xff] {
                    let mut changed = bytes.clone();
                    changed[at] = value;
                    let _ = hear(&changed);
                }
            }
        }
    }
}
