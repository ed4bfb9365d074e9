//! Strings, topics and binary data.

use arbitrary::Result;

use super::Generator;

/// The longest field, in bytes (1.5.4, 1.5.6).
const MAX_FIELD_LEN: usize = 65_535;

impl Generator<'_, '_> {
    /// A string of any characters but U+0000, mostly short.
    pub(super) fn text(&mut self) -> Result<String> {
        let mut text = String::new();
        if self.long()? {
            // Only the end of a long one is anything but plain.
            let len = self.long_len(MAX_FIELD_LEN - 4)?;
            text.extend(core::iter::repeat_n('x', len));
            text.push(self.character()?);
            return Ok(text);
        }
        for _ in 0..self.choices.int_in_range(0..=20)? {
            text.push(self.character()?);
        }
        Ok(text)
    }

    fn character(&mut self) -> Result<char> {
        let character = match self.choices.arbitrary::<u8>()? {
            ascii @ 1..0x80 => char::from(ascii),
            _ => self.choices.arbitrary()?,
        };
        Ok(if character == '\0' { 'x' } else { character })
    }

    pub(super) fn topic_name(&mut self) -> Result<String> {
        let topic = self.text()?.replace(['+', '#'], "/");
        Ok(if topic.is_empty() { "t".to_owned() } else { topic })
    }

    /// A Topic Filter, with wildcards; in 5.0 sometimes of a Shared Subscription.
    pub(super) fn topic_filter(&mut self) -> Result<String> {
        let shared = self.v5() && self.choices.ratio(1, 4)?;
        let prefix = if shared { format!("$share/{}/", self.share_name()?) } else { String::new() };
        let filter = match self.choices.int_in_range(0..=5)? {
            0 => "#".to_owned(),
            1 => "+".to_owned(),
            2 => format!("{}/#", self.topic_name()?),
            3 => format!("+/{}/+", self.topic_name()?),
            _ => self.topic_name()?,
        };
        // A filter of its own that looks shared would have to be one, and a long one has no room left.
        let looks_shared = self.v5() && filter.starts_with("$share/");
        let filter = if looks_shared || prefix.len() + filter.len() > MAX_FIELD_LEN { "t".to_owned() } else { filter };
        Ok(prefix + &filter)
    }

    fn share_name(&mut self) -> Result<String> {
        let mut name = self.topic_name()?.replace('/', "-");
        name.truncate(name.char_indices().nth(64).map_or(name.len(), |(end, _)| end));
        Ok(name)
    }

    /// Binary Data, mostly short.
    pub(super) fn binary(&mut self) -> Result<Vec<u8>> {
        let mut bytes = self.payload()?;
        bytes.truncate(MAX_FIELD_LEN);
        Ok(bytes)
    }

    /// An Application Message, mostly short, sometimes one whose length takes three bytes.
    pub(super) fn payload(&mut self) -> Result<Vec<u8>> {
        if self.long()? {
            let len = self.long_len(70_000)?;
            return Ok(vec![self.choices.arbitrary()?; len]);
        }
        let len = self.choices.int_in_range(0..=20)?;
        (0..len).map(|_| self.choices.arbitrary()).collect()
    }

    /// Mostly about where the length of the packet takes a byte more.
    fn long_len(&mut self, most: usize) -> Result<usize> {
        match self.choices.int_in_range(0..=15)? {
            0..=7 => self.choices.int_in_range(100..=300),
            8..=14 => self.choices.int_in_range(16_350..=16_400),
            _ => self.choices.int_in_range(0..=most),
        }
    }
}
