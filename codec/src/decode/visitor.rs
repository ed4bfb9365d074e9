//! Seeing properties while they are checked.

use crate::packet::Property;
use crate::property_table::PropertyContext;

/// Is shown every property of a packet while the packet is decoded, which saves the second pass that
/// [`Properties::iter`](crate::packet::Properties::iter) is.
///
/// Every closure `FnMut(PropertyContext, Property)` is one.
///
/// ```
/// use mqttspec_codec::{PropertyContext, Property, ProtocolVersion, decode_with};
/// let mut count = 0;
/// let mut visitor = |_: PropertyContext, _: Property<'_>| count += 1;
/// let puback = [0x40, 0x0B, 0, 1, 0x10, 7, 0x26, 0, 1, b'k', 0, 1, b'v'];
/// decode_with(&puback, ProtocolVersion::V5_0, &mut visitor).unwrap();
/// assert_eq!(count, 1);
/// ```
pub trait PropertyVisitor<'a> {
    /// Called with each property, in order: it is allowed here, and its value is valid. Those of a CONNECT come
    /// before its Will Properties.
    fn property(&mut self, context: PropertyContext, property: Property<'a>);
}

/// Looks at nothing.
impl PropertyVisitor<'_> for () {
    #[inline(always)]
    fn property(&mut self, _: PropertyContext, _: Property<'_>) {}
}

impl<'a, F: FnMut(PropertyContext, Property<'a>)> PropertyVisitor<'a> for F {
    #[inline(always)]
    fn property(&mut self, context: PropertyContext, property: Property<'a>) {
        self(context, property);
    }
}
