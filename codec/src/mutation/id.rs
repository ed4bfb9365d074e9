//! Mutations by id, for reports, command lines and serde.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::LazyLock;

use super::Mutation;

static BY_MUTATION: LazyLock<BTreeMap<Mutation, String>> = LazyLock::new(|| {
    let id = |mutation: Mutation| match mutation.parameter() {
        None => mutation.family().to_owned(),
        Some(parameter) => format!("{}:{parameter}", mutation.family()),
    };
    Mutation::ALL.iter().map(|mutation| (*mutation, id(*mutation))).collect()
});

static BY_ID: LazyLock<BTreeMap<&'static str, Mutation>> =
    LazyLock::new(|| BY_MUTATION.iter().map(|(mutation, id)| (id.as_str(), *mutation)).collect());

/// No mutation has this id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMutation(pub String);

impl Mutation {
    /// The id, such as `publish-qos-3` or `duplicate-property:topic-alias`.
    ///
    /// A mutation built with a parameter that [`ALL`](Self::ALL) does not list has only its family for an id.
    pub fn id(self) -> &'static str {
        BY_MUTATION.get(&self).map_or(self.family(), String::as_str)
    }
}

impl FromStr for Mutation {
    type Err = UnknownMutation;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        BY_ID.get(id).copied().ok_or_else(|| UnknownMutation(id.to_owned()))
    }
}

impl std::fmt::Display for Mutation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
    }
}

impl std::fmt::Display for UnknownMutation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "find a mutation called `{}`", self.0)
    }
}

impl std::error::Error for UnknownMutation {}

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
        id.parse().map_err(|UnknownMutation(id)| serde::de::Error::custom(format!("unknown mutation `{id}`")))
    }
}
