//! The lists in the payloads of SUBSCRIBE, SUBACK, UNSUBSCRIBE and UNSUBACK.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::{fmt, slice};

use super::Utf8Str;
use crate::packet_buf::{SubscriptionBuf, SubscriptionOptions};
use crate::walk::Walk;
use crate::{ProtocolVersion, ReasonCode};

/// The Topic Filters of a SUBSCRIBE with their options (3.8.3), in order.
#[derive(Clone, Copy)]
pub struct Subscriptions<'a>(Source<'a, SubscriptionBuf>);

/// One Topic Filter of a SUBSCRIBE with its Subscription Options (3.8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscription<'a> {
    /// Topic Filter.
    pub filter: Utf8Str<'a>,
    /// Subscription Options.
    pub options: SubscriptionOptions,
}

/// The Topic Filters of an UNSUBSCRIBE (3.10.3), in order.
#[derive(Clone, Copy)]
pub struct TopicFilters<'a>(Source<'a, String>);

/// The codes of a SUBACK or UNSUBACK (3.9.3, 3.11.3), in the order of the Topic Filters.
#[derive(Clone, Copy)]
pub struct ReasonCodes<'a>(Source<'a, ReasonCode>);

/// Where a list is. Two variants of which one is a thin pointer take no more room than a slice.
pub(crate) enum Source<'a, T> {
    /// Bytes the decoder has checked.
    Wire(&'a [u8]),
    Owned(&'a Vec<T>),
}

/// The subscriptions of a list, in order; what [`Subscriptions::iter`] returns.
#[derive(Clone, Debug)]
pub struct SubscriptionIter<'a>(Items<'a, SubscriptionBuf>);

/// The Topic Filters of a list, in order; what [`TopicFilters::iter`] returns.
#[derive(Clone, Debug)]
pub struct TopicFilterIter<'a>(Items<'a, String>);

/// The codes of a list, in order; what [`ReasonCodes::iter`] returns.
#[derive(Clone, Debug)]
pub struct ReasonCodeIter<'a>(Items<'a, ReasonCode>);

/// The items of a list that are still to come: those on the wire or those in memory, and never both.
#[derive(Clone, Debug)]
struct Items<'a, T> {
    wire: Walk<'a>,
    owned: slice::Iter<'a, T>,
}

impl<'a, T> Source<'a, T> {
    fn items(self) -> Items<'a, T> {
        let (wire, owned) = match self {
            Source::Wire(bytes) => (bytes, [].as_slice()),
            Source::Owned(list) => ([].as_slice(), list.as_slice()),
        };
        Items { wire: Walk::new(wire), owned: owned.iter() }
    }
}

impl<T> Clone for Source<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Source<'_, T> {}

impl<'a> Iterator for SubscriptionIter<'a> {
    type Item = Subscription<'a>;

    #[inline]
    fn next(&mut self) -> Option<Subscription<'a>> {
        match self.0.wire.string() {
            // Options of 3.1 and 3.1.1 read the same under 5.0.
            Some(filter) => {
                let options = SubscriptionOptions::from_byte(self.0.wire.byte()?, ProtocolVersion::V5_0).ok()?;
                Some(Subscription { filter, options })
            }
            None => self.0.owned.next().map(|s| Subscription { filter: s.filter.as_str().into(), options: s.options }),
        }
    }
}

impl<'a> Iterator for TopicFilterIter<'a> {
    type Item = Utf8Str<'a>;

    #[inline]
    fn next(&mut self) -> Option<Utf8Str<'a>> {
        self.0.wire.string().or_else(|| self.0.owned.next().map(|filter| filter.as_str().into()))
    }
}

impl Iterator for ReasonCodeIter<'_> {
    type Item = ReasonCode;

    #[inline]
    fn next(&mut self) -> Option<ReasonCode> {
        self.0.wire.byte().map(ReasonCode).or_else(|| self.0.owned.next().copied())
    }
}

impl Subscription<'_> {
    /// The subscription as one that owns its filter.
    pub fn to_buf(&self) -> SubscriptionBuf {
        SubscriptionBuf { filter: self.filter.as_str().to_owned(), options: self.options }
    }
}

macro_rules! list {
    ($list:ident of $owned:ty, $iter:ident $items:literal) => {
        impl<'a> $list<'a> {
            #[doc = concat!("No ", $items, ".")]
            pub const EMPTY: Self = Self(Source::Wire(&[]));

            #[inline]
            pub(crate) const fn from_checked(bytes: &'a [u8]) -> Self {
                Self(Source::Wire(bytes))
            }

            #[inline]
            pub(crate) const fn source(self) -> Source<'a, $owned> {
                self.0
            }

            #[doc = concat!("The ", $items, ", in order.")]
            pub fn iter(&self) -> $iter<'a> {
                $iter(self.0.items())
            }
        }

        impl<'a> From<&'a Vec<$owned>> for $list<'a> {
            fn from(list: &'a Vec<$owned>) -> Self {
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

list!(Subscriptions of SubscriptionBuf, SubscriptionIter "Topic Filters with their options");
list!(TopicFilters of String, TopicFilterIter "Topic Filters");
list!(ReasonCodes of ReasonCode, ReasonCodeIter "codes");
