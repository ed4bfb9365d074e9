//! The lists in the payloads of SUBSCRIBE, SUBACK, UNSUBSCRIBE and UNSUBACK.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use crate::decode::Reader;
use crate::packet_buf::{SubscriptionBuf, SubscriptionOptions};
use crate::{ProtocolVersion, ReasonCode};

/// The Topic Filters of a SUBSCRIBE with their options (3.8.3), in order.
#[derive(Clone, Copy)]
pub struct Subscriptions<'a>(Source<'a, SubscriptionBuf>);

/// One Topic Filter of a SUBSCRIBE with its Subscription Options (3.8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscription<'a> {
    /// Topic Filter.
    pub filter: &'a str,
    /// Subscription Options.
    pub options: SubscriptionOptions,
}

/// The Topic Filters of an UNSUBSCRIBE (3.10.3), in order.
#[derive(Clone, Copy)]
pub struct TopicFilters<'a>(Source<'a, String>);

/// The codes of a SUBACK or UNSUBACK (3.9.3, 3.11.3), in the order of the Topic Filters.
#[derive(Clone, Copy)]
pub struct ReasonCodes<'a>(Source<'a, ReasonCode>);

enum Source<'a, T> {
    /// Bytes the decoder has checked.
    Wire(&'a [u8]),
    Owned(&'a [T]),
}

impl<'a, T> Source<'a, T> {
    /// The two sources as one pair, of which at most one is not empty.
    const fn split(self) -> (&'a [u8], &'a [T]) {
        match self {
            Source::Wire(bytes) => (bytes, &[]),
            Source::Owned(list) => (&[], list),
        }
    }
}

impl<T> Clone for Source<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Source<'_, T> {}

impl<'a> Subscriptions<'a> {
    pub(crate) const fn from_checked(bytes: &'a [u8]) -> Self {
        Self(Source::Wire(bytes))
    }

    /// The Topic Filters with their options, in order.
    pub fn iter(&self) -> impl Iterator<Item = Subscription<'a>> + Clone + use<'a> {
        let (wire, owned) = self.0.split();
        let mut reader = Reader::new(wire);
        // The bytes have been checked: an error can only be their end, and options of 3.1 and 3.1.1 read the same
        // under 5.0.
        let wire = core::iter::from_fn(move || reader.subscription(ProtocolVersion::V5_0).ok());
        wire.chain(owned.iter().map(|s| Subscription { filter: &s.filter, options: s.options }))
    }
}

impl Subscription<'_> {
    /// The subscription as one that owns its filter.
    pub fn to_buf(&self) -> SubscriptionBuf {
        SubscriptionBuf { filter: self.filter.to_owned(), options: self.options }
    }
}

impl<'a> TopicFilters<'a> {
    pub(crate) const fn from_checked(bytes: &'a [u8]) -> Self {
        Self(Source::Wire(bytes))
    }

    /// The Topic Filters, in order.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        let (wire, owned) = self.0.split();
        let mut reader = Reader::new(wire);
        let wire = core::iter::from_fn(move || reader.string().ok());
        wire.chain(owned.iter().map(String::as_str))
    }
}

impl<'a> ReasonCodes<'a> {
    /// No codes.
    pub const EMPTY: Self = Self(Source::Owned(&[]));

    pub(crate) const fn from_checked(bytes: &'a [u8]) -> Self {
        Self(Source::Wire(bytes))
    }

    /// The codes, in order.
    pub fn iter(&self) -> impl Iterator<Item = ReasonCode> + Clone + use<'a> {
        let (wire, owned) = self.0.split();
        wire.iter().map(|&byte| ReasonCode(byte)).chain(owned.iter().copied())
    }
}

macro_rules! list {
    ($list:ident of $owned:ty) => {
        impl<'a> From<&'a [$owned]> for $list<'a> {
            fn from(list: &'a [$owned]) -> Self {
                Self(Source::Owned(list))
            }
        }

        impl PartialEq for $list<'_> {
            fn eq(&self, other: &Self) -> bool {
                self.iter().eq(other.iter())
            }
        }

        impl Eq for $list<'_> {}

        impl fmt::Debug for $list<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_list().entries(self.iter()).finish()
            }
        }
    };
}

list!(Subscriptions of SubscriptionBuf);
list!(TopicFilters of String);
list!(ReasonCodes of ReasonCode);
