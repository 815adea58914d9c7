//! Where an MP3 ends: its index (Xing, Info or VBRI) counts frames, but files are joined end to end, and an index may be of the first part only.
//!
//! Near the end that the index gives, packets are read ahead. Where they reach further than padding and slack explain, the recording goes on, and no packet
//! is cut any more.

use std::collections::VecDeque;

use symphonia::core::errors::Error as Cause;
use symphonia::core::formats::FormatReader;
use symphonia::core::packet::Packet;
use symphonia::core::units::Duration;

/// By how many samples the end may differ from the header before it counts: some encoders count their own header frame, some do not, and one frame is
/// 1152 samples.
pub(crate) const SLACK: u64 = 2 * 1152;

/// Packets looked at before one is cut at the end that the index gives: as many as an encoder may fill up, and the slack.
const AHEAD: usize = 12;

/// The packets near the end.
#[derive(Default)]
pub(crate) struct MpegEnd {
    ahead: VecDeque<Packet>,
    beyond: bool,
    told: bool,
}

impl MpegEnd {
    /// The next packet, of which nothing is cut where the recording goes on.
    pub(crate) fn next(
        &mut self,
        format: &mut dyn FormatReader,
        padding: Option<u32>,
    ) -> Result<Option<Packet>, Cause> {
        let packet = match self.ahead.pop_front() {
            Some(packet) => Some(packet),
            None => format.next_packet()?,
        };
        let Some(mut packet) = packet else {
            return Ok(None);
        };
        if packet.trim_end.get() > 0 && !self.beyond {
            // What goes wrong here does so again, or the file ends.
            while self.ahead.len() < AHEAD
                && let Ok(Some(next)) = format.next_packet()
            {
                self.ahead.push_back(next);
            }
            // This is how far a packet reaches beyond the end, however long it is itself.
            let furthest = self.ahead.back().unwrap_or(&packet).trim_end.get();
            self.beyond = furthest > u64::from(padding.unwrap_or(0)) + SLACK;
        }
        if self.beyond {
            packet.trim_end = Duration::ZERO;
        }
        Ok(Some(packet))
    }

    /// Whether the recording turned out to go on; told once.
    pub(crate) fn newly_beyond(&mut self) -> bool {
        self.beyond && !std::mem::replace(&mut self.told, true)
    }
}
