//! Mutations by id, for reports, command lines and serde.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use super::Mutation;

/// No mutation has this id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMutation(pub String);

impl Mutation {
    /// The id, such as `publish-qos-3` or `duplicate-property:topic-alias`.
    ///
    /// A mutation built with a parameter that [`ALL`](Self::ALL) does not list has only its family for an id.
    pub fn id(self) -> &'static str {
        Self::ALL.iter().zip(&IDS).find(|(mutation, _)| **mutation == self).map_or(self.family(), |(_, id)| id.as_str())
    }
}

impl FromStr for Mutation {
    type Err = UnknownMutation;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.iter().zip(&IDS).find(|(_, known)| known.as_str() == id);
        known.map(|(mutation, _)| *mutation).ok_or_else(|| UnknownMutation(id.to_owned()))
    }
}

/// The ids of [`Mutation::ALL`], spelled by the compiler: without std there is nothing that could spell them once.
static IDS: [Id; Mutation::COUNT] = {
    let mut ids = [Id::EMPTY; Mutation::COUNT];
    let mut index = 0;
    while index < Mutation::COUNT {
        ids[index] = Id::of(Mutation::ALL[index]);
        index += 1;
    }
    ids
};

#[derive(Clone, Copy)]
struct Id {
    bytes: [u8; 64],
    len: usize,
}

impl Id {
    const EMPTY: Self = Self { bytes: [0; 64], len: 0 };

    const fn of(mutation: Mutation) -> Self {
        let family = Self::EMPTY.with(mutation.family());
        match mutation.parameter() {
            None => family,
            Some((place, name)) => family.with(":").with(place).with(name),
        }
    }

    /// Adds names of the standard as ids have them: in lower case, with hyphens.
    const fn with(mut self, part: &str) -> Self {
        let part = part.as_bytes();
        let mut index = 0;
        while index < part.len() {
            self.bytes[self.len] = if part[index] == b' ' { b'-' } else { part[index].to_ascii_lowercase() };
            self.len += 1;
            index += 1;
        }
        self
    }

    fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl fmt::Display for UnknownMutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "find a mutation called `{}`", self.0)
    }
}

impl core::error::Error for UnknownMutation {}

#[cfg(feature = "serde")]
impl serde::Serialize for Mutation {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Mutation {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        id.parse().map_err(|UnknownMutation(id)| serde::de::Error::custom(format_args!("unknown mutation `{id}`")))
    }
}
